"""Infrared cameras behind the port ``ThermalSource``: UVC cameras of 16 bits, recorded folders, and plug-ins.

A camera that does not measure temperatures (automatic gain on, or linear output off) gives numbers all the same. So a
frame whose median is no temperature of a room or of a person is refused, and the message says what to switch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.ports import Clock, ThermalSource
from limen.core.thermal import LinearScale, RawThermal
from limen.frames.thermal_pictures import read_thermal
from limen.frames.v4l2 import Capture, open_v4l2

__all__ = [
    "LEPTON_HIGH_GAIN",
    "LEPTON_LOW_GAIN",
    "PLUGINS",
    "RecordedThermal",
    "UvcThermal",
    "checked_radiometric",
    "open_thermal",
]

PLUGINS = "limen.thermal_sources"
"""The entry-point group of plug-ins: ``name = "package:function"``, called with what follows the colon, and a clock."""

LEPTON_HIGH_GAIN = LinearScale(kelvin_per_count=0.01)
"""A Lepton with radiometry and linear output on, in high gain (up to about 140 °C): what a door uses."""

LEPTON_LOW_GAIN = LinearScale(kelvin_per_count=0.1)
"""The same in low gain: coarser than any fever."""

_MEDIAN_C = (0.0, 60.0)
_ZERO_C_IN_K = 273.15
_FILES = (".jpg", ".jpeg", ".fff", ".tif", ".tiff", ".png")
_MOST_DIGITS = 4
_BYTES_OF_A_COUNT = 2
_NOTHING = np.zeros(0, np.uint8)

Factory = Callable[[str, Clock], ThermalSource]


class UvcThermal:
    """A camera that sends 16 bits a pixel over USB (V4L2 format Y16): Lepton on a PureThermal board, Boson.

    Args:
        device: such as /dev/video2, or its number.
        scale: what counts mean.
        clock: stamps frames when they arrive.
        opened: opens a device; another one in tests, which have no camera.

    Raises:
        CaptureError: there is none.
    """

    def __init__(
        self, device: str, *, scale: LinearScale, clock: Clock, opened: Callable[[str], Capture] = open_v4l2
    ) -> None:
        self._device, self._scale, self._clock = device, scale, clock
        self._capture = opened(device)
        if not self._capture.isOpened():
            self._capture.release()
            raise CaptureError(f"thermal camera {device}: cannot be opened", advice="see `limen doctor` for cameras")
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"Y16 "))
        self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)

    @property
    def kind(self) -> SourceKind:
        """Live."""
        return SourceKind.LIVE_CAMERA

    def frames(self) -> Iterator[RawThermal]:
        """Frames as they come.

        Raises:
            CaptureError: it stops, sends another format, or does not measure temperatures.
        """
        while True:
            arrived, counts = self._capture.retrieve() if self._capture.grab() else (False, _NOTHING)
            if not arrived:
                raise CaptureError(f"thermal camera {self._device}: stopped giving frames", advice="check its cable")
            yield checked_radiometric(
                RawThermal(
                    counts=self._counts(counts),
                    scale=self._scale,
                    scene=None,
                    air_path=None,
                    captured_at=self._clock.now(),
                    source=f"thermal camera {self._device}",
                )
            )

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()

    def _counts(self, sent: NDArray[np.generic]) -> NDArray[np.uint16]:
        """uint16 (H, W) of a copy; OpenCV gives it so, or as the two bytes of each count, low one first."""
        if sent.dtype == np.uint16 and sent.size == np.prod(sent.shape[:2]):
            return sent.reshape(sent.shape[:2]).astype(np.uint16)
        if sent.dtype == np.uint8 and sent.shape[2:] == (_BYTES_OF_A_COUNT,):
            pairs = np.ascontiguousarray(sent).view(np.dtype("<u2"))
            return pairs.reshape(sent.shape[:2]).astype(np.uint16)
        raise CaptureError(
            f"thermal camera {self._device}: sends pictures, not 16-bit counts",
            advice="name the device with the format Y16; the list of formats: v4l2-ctl --list-formats-ext",
        )


class RecordedThermal:
    """Thermal files of a folder, one after another. Not live: for trial folders and benchmarks.

    Args:
        folder: with the files; their order is that of their names.
        start: time of the first.
        frames_per_second: how far apart they are.
        scale: for formats that do not say theirs.

    Raises:
        CaptureError: there is no such folder, or no thermal file in it.
    """

    def __init__(
        self, folder: Path, *, start: datetime, frames_per_second: float = 9.0, scale: LinearScale | None = None
    ) -> None:
        self._paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in _FILES)
        if not self._paths:
            raise CaptureError(f"{folder}: no thermal file in it", advice=f"expected files ending {', '.join(_FILES)}")
        self._start, self._between, self._scale = start, timedelta(seconds=1.0 / frames_per_second), scale

    @property
    def kind(self) -> SourceKind:
        """Not live."""
        return SourceKind.FILE

    def frames(self) -> Iterator[RawThermal]:
        """One frame per file.

        Raises:
            CaptureError: a file cannot be read.
        """
        for number, path in enumerate(self._paths):
            yield read_thermal(path, at=self._start + number * self._between, scale=self._scale)

    def close(self) -> None:
        """Nothing is held open."""


def checked_radiometric(raw: RawThermal) -> RawThermal:
    """Return a frame whose counts are temperatures by a linear scale.

    Raises:
        CaptureError: its median is no temperature of a room or a person.
    """
    scale = raw.scale
    if isinstance(scale, LinearScale):
        median = float(np.median(raw.counts)) * scale.kelvin_per_count + scale.kelvin_at_zero - _ZERO_C_IN_K
        low, high = _MEDIAN_C
        if not low <= median <= high:
            raise CaptureError(
                f"{raw.source}: its median would be {median:.0f} °C, so it does not measure temperatures",
                advice="switch on radiometry and linear output (TLinear), switch off automatic gain; "
                "check the scale: 0.01 K a count in high gain, 0.1 K in low gain",
            )
    return raw


def open_thermal(spec: str, *, clock: Clock, scale: LinearScale | None = None) -> ThermalSource:
    """Open a thermal source.

    Args:
        spec: a device, a folder of thermal files, or ``NAME:REST`` for a plug-in of that name.
        clock: stamps frames.
        scale: what counts mean; a device without one is taken for a Lepton in high gain.

    Raises:
        CaptureError: there is none, or its plug-in cannot be loaded.
    """
    path = Path(spec)
    try:
        folder, device = bool(spec) and path.is_dir(), path.is_char_device()
    except OSError:  # no name that the system could have a file under
        folder = device = False
    if folder:
        return RecordedThermal(path, start=clock.now(), scale=scale)
    if (spec.isdecimal() and len(spec) <= _MOST_DIGITS) or device:
        return UvcThermal(spec, scale=scale or LEPTON_HIGH_GAIN, clock=clock)
    name, _, rest = spec.partition(":")
    for entry in entry_points(group=PLUGINS, name=name):
        try:
            factory: Factory = entry.load()
        except (ImportError, AttributeError) as error:
            raise CaptureError(
                f"thermal source {spec}: plug-in {name} cannot be loaded ({error})", advice="install it again"
            ) from error
        return factory(rest, clock)
    known = ", ".join(sorted(entry.name for entry in entry_points(group=PLUGINS))) or "none"
    raise CaptureError(
        f"thermal source {spec}: no device, folder or plug-in of that name", advice=f"plug-ins installed: {known}"
    )
