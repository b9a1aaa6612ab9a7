"""Pictures of a test set, from folders and tar files, without unpacking anything.

1. A picture is named by its path inside the folder or tar, with ``/`` between parts and no leading ``./``.
2. Tars are read as streams, in their own order; one picture is in memory at a time, at most 64 MiB.
3. A tar with a link, a device, a sparse file, an absolute or ``..`` name or an oversized member is refused whole.
4. Whether every wanted picture exists is settled before the first is handed out.
5. Where a name occurs twice, the first counts: earlier folders and tars before later ones.

Not checked here: that the bytes are a picture; whoever decodes them finds out.
"""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from limen.core.errors import CaptureError, ConfigError

__all__ = ["MAX_PICTURE_BYTES", "PictureSet", "picture_name"]

MAX_PICTURE_BYTES = 64 * 1024**2
_MAX_HEADER_BYTES = 1024**2
_HEADER_TYPES = frozenset(
    (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
)
_SUFFIXES = frozenset((".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"))
_DAMAGE = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError, RecursionError)
_GZIP = b"\x1f\x8b"
_SHOWN = 5


def picture_name(raw: str) -> str:
    """The name of a picture as a set knows it: ``./a//b.jpg`` is ``a/b.jpg``; empty for the folder itself.

    Raises:
        ValueError: the name is absolute, holds a NUL, or climbs out with ``..``.
    """
    path = PurePosixPath(raw)
    if path.is_absolute() or ".." in path.parts or "\0" in raw:
        raise _UnfitError(f"the name {_shown(raw)} leads out of the set")
    return "/".join(path.parts)


class PictureSet:
    """Several folders and tar files (plain or gzip), read as one.

    Args:
        paths: folders or tar files.

    Raises:
        ConfigError: nothing is given, or a path is neither a folder nor a file.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        if not paths:
            raise ConfigError("no pictures given", advice="name at least one folder or tar file")
        self._sources = tuple(_source(path) for path in paths)

    def names(self) -> tuple[str, ...]:
        """Every name that ends like a picture's, each once: folders sorted, tars in their own order.

        Raises:
            CaptureError: a tar is damaged or hostile.
        """
        every = dict.fromkeys(name for source in self._sources for name in source.names())
        return tuple(name for name in every if PurePosixPath(name).suffix.lower() in _SUFFIXES)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The wanted pictures as (name, file content), each once, in the order they are stored.

        Raises:
            ConfigError: some do not exist; says how many and which five come first. Raised before anything is read.
            CaptureError: a tar is damaged or hostile, or a picture cannot be read. May come in mid-iteration.
        """
        missing, leading_out = _wanted(names)
        n_wanted = len(missing) + len(leading_out)
        plan: list[tuple[_Source, dict[str, None]]] = []
        for source in self._sources:
            here = source.holding(missing)
            plan.append((source, here))
            missing = {name: None for name in missing if name not in here}
        absent = [*missing, *leading_out]
        if absent:
            first = ", ".join(_shown(name) for name in absent[:_SHOWN])
            raise ConfigError(
                f"{len(absent)} of {n_wanted} pictures are missing: {first}" + (", …" if len(absent) > _SHOWN else ""),
                advice="check --images: a picture is named by its path inside the folder or tar",
            )
        return (picture for source, here in plan if here for picture in source.read(here))


class _UnfitError(ValueError):
    """Something limen does not take, in words fit for an operator."""


class _Source(Protocol):
    def names(self) -> Iterator[str]: ...

    def holding(self, wanted: dict[str, None]) -> dict[str, None]: ...

    def read(self, wanted: dict[str, None]) -> Iterator[tuple[str, bytes]]: ...


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> Iterator[str]:
        for folder, folders, files in os.walk(self._root):
            folders.sort()
            for name in sorted(files):
                yield Path(folder, name).relative_to(self._root).as_posix()

    def holding(self, wanted: dict[str, None]) -> dict[str, None]:
        with _as_capture_error(self._root):
            return {name: None for name in wanted if (self._root / name).exists()}

    def read(self, wanted: dict[str, None]) -> Iterator[tuple[str, bytes]]:
        for name in wanted:
            yield name, self._content(self._root / name)

    @staticmethod
    def _content(path: Path) -> bytes:
        with _as_capture_error(path):
            if not stat.S_ISREG(path.stat().st_mode):
                raise _UnfitError("not a file")
            with path.open("rb") as file:
                content = file.read(MAX_PICTURE_BYTES + 1)
            if len(content) > MAX_PICTURE_BYTES:
                raise _UnfitError(_TOO_LARGE)
            return content


class _Tar:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> Iterator[str]:
        return (name for name, _, _ in self._files())

    def holding(self, wanted: dict[str, None]) -> dict[str, None]:
        return {name: None for name, _, _ in self._files() if name in wanted}

    def read(self, wanted: dict[str, None]) -> Iterator[tuple[str, bytes]]:
        left = set(wanted)
        with closing(self._files()) as files:
            for name, archive, member in files:
                if name in left:
                    left.remove(name)
                    yield name, self._content(archive, member)
                if not left:
                    return
        raise CaptureError(f"{self._path}: changed while it was read", advice="run again, and leave the file alone")

    def _files(self) -> Generator[tuple[str, tarfile.TarFile, tarfile.TarInfo]]:
        with _as_capture_error(self._path), self._path.open("rb") as file:
            zipped = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if zipped else file
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_CheckedMember) as archive:
                while (member := archive.next()) is not None:
                    archive.members = []  # type: ignore[attr-defined] # or tarfile remembers every member it met
                    name = picture_name(member.name)
                    if member.isreg():
                        yield name, archive, member
                    elif not member.isdir():
                        raise _UnfitError(f"{_shown(member.name)} is neither a file nor a folder")

    def _content(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
        with _as_capture_error(self._path):
            file = archive.extractfile(member)
            content = file.read() if file else b""
            if len(content) != member.size:
                raise _UnfitError(f"{_shown(member.name)} is cut off")
            return content


class _CheckedMember(tarfile.TarInfo):
    """A member whose size is looked at before and after tarfile follows its headers, which it reads into memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        """Tarfile's own seam for subclasses; called for every header, extension headers included."""
        self._check(_MAX_HEADER_BYTES if self.type in _HEADER_TYPES else MAX_PICTURE_BYTES)
        member: _CheckedMember = super()._proc_member(archive)  # type: ignore[misc] # the stubs leave the seam out
        member._check(MAX_PICTURE_BYTES)
        return member

    def _check(self, limit: int) -> None:
        if self.type == tarfile.GNUTYPE_SPARSE or self.issparse():
            raise _UnfitError(f"{_shown(self.name)} is a sparse file")
        if not 0 <= self.size <= limit:
            raise _UnfitError(f"{_shown(self.name)}: {_TOO_LARGE}")


_TOO_LARGE = f"larger than {MAX_PICTURE_BYTES // 1024**2} MiB"


def _source(path: Path) -> _Source:
    if path.is_dir():
        return _Folder(path)
    if path.is_file():
        return _Tar(path)
    raise ConfigError(f"{path}: neither a folder nor a tar file", advice="check the path given to --images")


def _wanted(names: Iterable[str]) -> tuple[dict[str, None], list[str]]:
    """Names inside the set, in order and once each, and those that cannot be inside any."""
    inside: dict[str, None] = {}
    leading_out: list[str] = []
    for raw in names:
        try:
            inside[picture_name(raw)] = None
        except ValueError:
            leading_out.append(raw)
    return inside, leading_out


@contextmanager
def _as_capture_error(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        said = isinstance(error, _UnfitError | tarfile.TarError)
        cause = str(error) if said else getattr(error, "strerror", None) or "damaged, or not a tar file"
        raise CaptureError(f"{path}: {cause}", advice="give pictures as a folder, a .tar or a .tar.gz") from error


def _shown(name: str) -> str:
    """A foreign name fit for one line of a terminal."""
    return repr(name if len(name) <= 80 else name[:79] + "…")  # noqa: PLR2004 - a line
