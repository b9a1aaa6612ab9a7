"""A folder of pictures, one after another, as a camera. Never live: for trial folders and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock
from limen.frames.pictures import SUFFIXES, read_picture

__all__ = ["PictureFolder"]


class PictureFolder:
    """Implements the port ``FrameSource``.

    Args:
        folder: with the pictures; their order is that of their names.
        clock: tells when reading began.
        frames_per_second: how far apart they count as taken.

    Raises:
        CaptureError: no picture in it.
    """

    def __init__(self, folder: Path, *, clock: Clock, frames_per_second: float = 10.0) -> None:
        self._paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
        if not self._paths:
            raise CaptureError(f"{folder}: no picture in it", advice=f"expected files ending {', '.join(SUFFIXES)}")
        self._clock, self._between = clock, timedelta(seconds=1.0 / frames_per_second)
        self._closed = False

    @property
    def kind(self) -> SourceKind:
        """Not live."""
        return SourceKind.FILE

    def frames(self) -> Iterator[Frame]:
        """One frame per picture.

        Raises:
            CaptureError: a picture cannot be read.
        """
        start = self._clock.now()
        for number, path in enumerate(self._paths):
            if self._closed:
                return
            frame = read_picture(path, at=start + number * self._between)
            yield replace(frame, source=str(path))

    def close(self) -> None:
        """Nothing is held open; no further picture is read."""
        self._closed = True
