"""Frame: what a camera, or a picture file standing in for one, has given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned

__all__ = ["Frame", "SourceKind"]


class SourceKind(StrEnum):
    """Where pixels come from; only a live capture can confirm a reference (promise 1).

    What a browser sends is never live: whoever holds the other end chooses the pixels (docs/adr/0026).
    """

    LIVE_CAMERA = "live_camera"
    BROWSER = "browser"
    FILE = "file"
    BUNDLED = "bundled"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One colour picture.

    Attributes:
        pixels: uint8 (H, W, 3), BGR, upright (EXIF orientation applied), taken over from the maker and read-only.
        captured_at: when the picture was taken, time zone aware; for a picture file, when it was read; for a recording,
            when reading began, plus the picture's place in it.
        source: a short name of the camera or file, for errors; never logged for people.
        kind: live camera, browser, file, or a picture bundled with a package.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    captured_at: datetime
    source: str
    kind: SourceKind

    def __post_init__(self) -> None:
        pixels = owned("pixels", self.pixels, shape=(None, None, 3), dtype=np.uint8, take_over=True)
        object.__setattr__(self, "pixels", pixels)
        if self.captured_at.tzinfo is None:
            raise ValueError("captured_at: expected a time with a time zone, got a naive one")

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])
