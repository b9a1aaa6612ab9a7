"""Protocol files: which pictures are compared. Every mistake is named with its file, its line or key, and its cause.

pairs     CSV with a header; columns ``left``, ``right``, ``same`` (1 or 0) in any order, further columns ignored
open set  JSON: {"gallery": {person: [image, …]}, "mated_probes": [[image, person], …], "nonmated_probes": [image, …]};
          a person with one image may give it without the list; further keys ignored

Names of pictures are those of ``limen.evaluation.pictures``. Whether they exist is checked when they are read.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.evaluation.pictures import picture_name

__all__ = ["MAX_PROTOCOL_BYTES", "OpenSet", "Pairs", "read_open_set", "read_pairs"]

MAX_PROTOCOL_BYTES = 128 * 1024**2
_COLUMNS = ("left", "right", "same")
_PAIRS_ADVICE = "expected a CSV file whose first line names the columns left,right,same (1 or 0)"
_OPEN_SET_ADVICE = 'expected {"gallery":{person:[image]},"mated_probes":[[image,person]],"nonmated_probes":[image]}'


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Comparisons of two pictures each, in the order of the file.

    Attributes:
        left: n names of pictures.
        right: n names of pictures.
        same: bool (n,), read-only; True where both show one person.
    """

    left: tuple[str, ...] = field(repr=False)
    right: tuple[str, ...] = field(repr=False)
    same: NDArray[np.bool_] = field(repr=False)

    def images(self) -> tuple[str, ...]:
        """Every picture once, in order of first use."""
        return tuple(dict.fromkeys(name for pair in zip(self.left, self.right, strict=True) for name in pair))

    def subjects(self) -> NDArray[np.intp]:
        """Number the people in the pictures, as far as the file tells: intp (n, 2), left and right.

        Pictures joined by mated rows, directly or in a chain, are one person; any other picture is a person of its
        own. For the bootstrap by subject; names are never looked into.
        """
        parent = {name: name for name in self.images()}

        def root(name: str) -> str:
            while parent[name] != name:
                parent[name] = parent[parent[name]]
                name = parent[name]
            return name

        for left, right, same in zip(self.left, self.right, self.same, strict=True):
            if same:
                parent[root(right)] = root(left)
        numbers: dict[str, int] = {}
        people = {name: numbers.setdefault(root(name), len(numbers)) for name in parent}
        columns = [[people[name] for name in names] for names in (self.left, self.right)]
        return np.array(columns, dtype=np.intp).T


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenSet:
    """An open-set search: who is enrolled with what, and who comes to the door.

    Attributes:
        people: p labels of enrolled people.
        gallery: p tuples of picture names, at least one each.
        mated_images: n names, pictures of enrolled people.
        mated_people: intp (n,), read-only; each one's place in ``people``.
        nonmated_images: names, pictures of people who are not enrolled.
    """

    people: tuple[str, ...] = field(repr=False)
    gallery: tuple[tuple[str, ...], ...] = field(repr=False)
    mated_images: tuple[str, ...] = field(repr=False)
    mated_people: NDArray[np.intp] = field(repr=False)
    nonmated_images: tuple[str, ...] = field(repr=False)

    def images(self) -> tuple[str, ...]:
        """Every picture once: gallery, mated probes, non-mated probes."""
        enrolled = (name for names in self.gallery for name in names)
        return tuple(dict.fromkeys((*enrolled, *self.mated_images, *self.nonmated_images)))


def read_pairs(path: Path) -> Pairs:
    """Read a CSV file of pairs.

    Raises:
        ConfigError: the file cannot be read as described above; says which line and why.
    """
    rows = csv.reader(io.StringIO(_text(path, _PAIRS_ADVICE), newline=""), strict=True)
    left: list[str] = []
    right: list[str] = []
    same: list[bool] = []
    try:
        places = _places(next(rows, []))
        for row in rows:
            if row:
                first, second, label = _fields(row, places)
                left.append(_image(first))
                right.append(_image(second))
                same.append(_label(label))
    except (csv.Error, ValueError) as error:
        _refuse(path, f"line {max(rows.line_num, 1)}: {error}", _PAIRS_ADVICE)
    if not same:
        _refuse(path, "no pairs", _PAIRS_ADVICE)
    labels = np.array(same, dtype=np.bool_)
    labels.setflags(write=False)
    return Pairs(left=tuple(left), right=tuple(right), same=labels)


def read_open_set(path: Path) -> OpenSet:
    """Read a JSON file of an open-set search.

    Raises:
        ConfigError: the file cannot be read as described above, a person stands in it twice or without a picture, a
            probe's person is not enrolled, or one picture is said to show two people; says which key and why.
    """
    try:
        document = _json(_text(path, _OPEN_SET_ADVICE))
        gallery = _gallery(_value(document, "gallery"))
        place = {person: number for number, person in enumerate(gallery)}
        probes = enumerate(_list(document, "mated_probes"))
        mated = [_mated(probe, place, where=f"mated_probes[{n}]") for n, probe in probes]
        probes = enumerate(_list(document, "nonmated_probes"))
        strangers = [_image_at(probe, f"nonmated_probes[{n}]") for n, probe in probes]
        if not (mated or strangers):
            raise _MistakeError("no probes")
        _check_contradictions(gallery, mated, strangers)
    except ValueError as error:
        _refuse(path, str(error), _OPEN_SET_ADVICE)
    people = np.array([person for _, person in mated], dtype=np.intp)
    people.setflags(write=False)
    return OpenSet(
        people=tuple(gallery),
        gallery=tuple(gallery.values()),
        mated_images=tuple(image for image, _ in mated),
        mated_people=people,
        nonmated_images=tuple(strangers),
    )


class _MistakeError(ValueError):
    """A mistake in the file, still without the file's name."""


def _refuse(path: Path, cause: str, advice: str) -> NoReturn:
    raise ConfigError(f"{path}: {cause}", advice=advice)


def _text(path: Path, advice: str) -> str:
    try:
        if not path.is_file():
            _refuse(path, "no such file", advice)
        with path.open("rb") as file:
            content = file.read(MAX_PROTOCOL_BYTES + 1)
        if len(content) > MAX_PROTOCOL_BYTES:
            _refuse(path, f"larger than {MAX_PROTOCOL_BYTES // 1024**2} MiB", advice)
        if b"\0" in content:
            _refuse(path, f"line {content[: content.index(0)].count(10) + 1}: a NUL byte; not a text file", advice)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(10) + 1
        _refuse(path, f"line {line}: not UTF-8", advice)
    except (OSError, ValueError) as error:
        _refuse(path, getattr(error, "strerror", None) or str(error), advice)


def _places(header: list[str]) -> list[int]:
    names = [name.strip() for name in header]
    for column in _COLUMNS:
        if names.count(column) != 1:
            raise _MistakeError(f"the column {column!r} is {'there twice' if column in names else 'missing'}")
    return [names.index(column) for column in _COLUMNS]


def _fields(row: list[str], places: list[int]) -> tuple[str, str, str]:
    if len(row) <= max(places):
        raise _MistakeError("fewer columns than the header")
    first, second, label = (row[place].strip() for place in places)
    return first, second, label


def _label(text: str) -> bool:
    if text not in ("0", "1"):
        raise _MistakeError(f"same: expected 1 or 0, got {text[:20]!r}")
    return text == "1"


def _image(text: str) -> str:
    name = picture_name(text)
    if not name:
        raise _MistakeError("the name of a picture is empty")
    return name


def _json(text: str) -> dict[str, object]:
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _MistakeError(f"line {error.lineno}: not JSON ({error.msg})") from error
    except RecursionError as error:
        raise _MistakeError("nested too deeply") from error
    if not isinstance(document, dict):
        raise _MistakeError("expected an object at the top")
    return document


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object, unless a key stands in it twice (JSON would keep the last and say nothing)."""
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise _MistakeError(f"{key[:80]!r} is there twice")
        result[key] = value
    return result


def _value(document: dict[str, object], key: str) -> object:
    if key not in document:
        raise _MistakeError(f"the key {key!r} is missing")
    return document[key]


def _list(document: dict[str, object], key: str) -> list[object]:
    value = _value(document, key)
    if not isinstance(value, list):
        raise _MistakeError(f"{key}: expected a list")
    return value


def _gallery(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value:
        raise _MistakeError("gallery: expected an object with at least one person")
    gallery: dict[str, tuple[str, ...]] = {}
    for person, images in value.items():
        where = f"gallery[{person[:80]!r}]"
        listed = [images] if isinstance(images, str) else images
        if not isinstance(listed, list) or not listed:
            raise _MistakeError(f"{where}: expected at least one image")
        gallery[person] = tuple(dict.fromkeys(_image_at(image, where) for image in listed))
    return gallery


def _mated(probe: object, place: dict[str, int], *, where: str) -> tuple[str, int]:
    if not (isinstance(probe, list) and len(probe) == 2 and isinstance(probe[1], str)):  # noqa: PLR2004 - a pair
        raise _MistakeError(f"{where}: expected [image, person]")
    if probe[1] not in place:
        raise _MistakeError(f"{where}: the person {probe[1][:80]!r} is not in the gallery")
    return _image_at(probe[0], where), place[probe[1]]


def _image_at(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _MistakeError(f"{where}: expected the name of an image")
    try:
        return _image(value)
    except ValueError as error:
        raise _MistakeError(f"{where}: {error}") from error


def _check_contradictions(
    gallery: dict[str, tuple[str, ...]], mated: list[tuple[str, int]], strangers: list[str]
) -> None:
    """One picture shows one person: the same in the gallery and among mated probes, nobody's among non-mated ones."""
    shows: dict[str, int] = {}
    enrolled = [(image, number) for number, images in enumerate(gallery.values()) for image in images]
    for image, number in (*enrolled, *mated):
        if shows.setdefault(image, number) != number:
            raise _MistakeError(f"the image {image[:80]!r} is said to show two people")
    for n, image in enumerate(strangers):
        if image in shows:
            raise _MistakeError(f"nonmated_probes[{n}]: this image is said to show an enrolled person elsewhere")
