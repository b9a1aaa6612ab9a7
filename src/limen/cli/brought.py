"""What other systems leave behind, read as people with the files of their pictures; no file of a picture is opened.

1. Folders: one for each person, named like the person.
2. A CompreFace export: its list of examples (`faces.json`, or its pages as `faces-0.json`, `faces-1.json`, …) and the
   pictures beside it, each named by its ``image_id``, with any ending or none. limen calls no server: the owner of the
   other system fetches both (docs/guide/administrator.md).

Everything is checked before anything is kept: a list that names a picture which is not there is refused as a whole.

Source: CompreFace, REST API description: *List of All Saved Examples of the Subject*, *Direct Download an Image
example of the Subject by ID*.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from limen.core.errors import ConfigError
from limen.frames.pictures import SUFFIXES

__all__ = ["Brought", "from_compreface", "from_folders"]

_MOST_BYTES = 64 * 1024 * 1024
_ADVICE = "fetch the list and the pictures again: docs/guide/administrator.md, People from another system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One person of another system.

    Attributes:
        name: as that system had it.
        pictures: their files, one or more.
    """

    name: str = field(repr=False)
    pictures: tuple[Path, ...] = field(repr=False)


def from_folders(source: Path) -> tuple[Brought, ...]:
    """The folders with pictures in them, by name.

    Raises:
        ConfigError: it is no folder, or there is none such in it.
    """
    _check_folder(source, advice="give a folder with a folder for each person")
    people = tuple(
        Brought(name=entry.name, pictures=pictures)
        for entry in sorted(source.iterdir())
        if entry.is_dir() and (pictures := _pictures(entry))
    )
    if not people:
        raise ConfigError(
            f"{source}: has no folder with pictures", advice="give a folder with a folder for each person"
        )
    return people


def from_compreface(source: Path) -> tuple[Brought, ...]:
    """The subjects of a CompreFace export, in the order of its list.

    Raises:
        ConfigError: there is no list, it is none of CompreFace's, a page of it is missing, or a picture is.
    """
    _check_folder(source, advice="give the folder with faces.json and the pictures")
    pages = sorted({*source.glob("faces.json"), *source.glob("faces-*.json")})
    if not pages:
        raise ConfigError(f"{source}: there is no faces.json in it", advice=_ADVICE)
    files = {path.stem: path for path in sorted(source.iterdir()) if path.is_file() and path not in pages}
    found: dict[str, dict[str, Path]] = {}
    totals: set[int] = set()
    for page in pages:
        document = _document(page)
        for face in document["faces"]:
            image_id, subject = _face(face, page=page)
            if image_id not in files:
                raise ConfigError(f"{page}: there is no picture {image_id} beside it", advice=_ADVICE)
            found.setdefault(subject, {})[image_id] = files[image_id]
        totals |= {total} if isinstance(total := document.get("total_elements"), int) else set()
    listed = sum(map(len, found.values()))
    if not listed or any(total > listed for total in totals):
        there = f"{listed} of {max(totals, default=0)} faces are listed"
        raise ConfigError(f"{source}: {there}: a page of the list is missing, or the list is empty", advice=_ADVICE)
    return tuple(Brought(name=name, pictures=tuple(paths.values())) for name, paths in found.items())


def _check_folder(source: Path, *, advice: str) -> None:
    if not source.is_dir():
        raise ConfigError(f"{source}: is no folder", advice=advice)


def _pictures(entry: Path) -> tuple[Path, ...]:
    return tuple(path for path in sorted(entry.iterdir()) if path.is_file() and path.suffix.lower() in SUFFIXES)


def _document(page: Path) -> dict[str, Any]:
    """One page, checked as far as that it is an object with a list of faces."""
    try:
        with page.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        document = json.loads(raw.decode("utf-8")) if len(raw) <= _MOST_BYTES else None
    except OSError as error:
        raise ConfigError(f"{page}: cannot be read ({error.strerror})", advice="check the permissions") from error
    except (UnicodeDecodeError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("faces"), list):
        raise ConfigError(f"{page}: is no list of faces as CompreFace gives it", advice=_ADVICE)
    return document


def _face(face: object, *, page: Path) -> tuple[str, str]:
    """A face's picture, by a UUID and nothing else (it becomes a file name), and its subject."""
    image_id = face.get("image_id") if isinstance(face, dict) else None
    subject = face.get("subject") if isinstance(face, dict) else None
    if not isinstance(image_id, str) or not isinstance(subject, str) or not _is_uuid(image_id):
        raise ConfigError(f"{page}: a face in it has no image_id (a UUID) and subject", advice=_ADVICE)
    return image_id, subject


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
