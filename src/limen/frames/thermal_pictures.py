"""Thermal picture file -> RawThermal: radiometric JPEG, FFF, or a 16-bit TIFF or PNG whose scale somebody states.

The gates are those of ``pictures``: it is a file, not too large, of a known format, of no more pixels than a thermal
camera has, and it decodes to the end. A scale is never guessed: a picture of 16 bits may mean anything.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from limen.core.errors import CaptureError
from limen.core.thermal import LinearScale, RawThermal
from limen.frames.flir import is_flir, read_flir
from limen.frames.sixteen_bits import decode_sixteen_bits

__all__ = ["MAX_THERMAL_BYTES", "decode_thermal", "read_thermal"]

MAX_THERMAL_BYTES = 32 * 1024 * 1024
"""A radiometric file with its colour picture has a few; a frame of the most pixels allowed has eight."""


def read_thermal(
    source: Path | bytes, *, at: datetime, name: str | None = None, scale: LinearScale | None = None
) -> RawThermal:
    """Read a thermal picture, whatever its format; see the module for the gates.

    Args:
        source: the file, or what is in it.
        at: the frame's time.
        name: for errors, and the source of the frame; None for the name of the file.
        scale: what counts mean, for formats that do not say it themselves; ignored by those that do.

    Raises:
        CaptureError: no file, too large, not a thermal picture, broken, or without a scale.
    """
    if isinstance(source, bytes):
        return decode_thermal(source, name=name or "thermal picture", at=at, scale=scale)
    called = name or str(source)
    try:
        size = source.stat().st_size if source.is_file() else 0
        content = source.read_bytes() if 0 < size <= MAX_THERMAL_BYTES else b""
    except OSError as error:
        raise CaptureError(
            f"{called}: cannot be read ({error.strerror})", advice="check the name and permissions"
        ) from error
    if not content and size <= MAX_THERMAL_BYTES:
        raise CaptureError(f"{called}: is empty, missing or no ordinary file", advice="name a thermal picture file")
    _check_bytes(size, called)
    return decode_thermal(content, name=called, at=at, scale=scale)


def decode_thermal(content: bytes, *, name: str, at: datetime, scale: LinearScale | None = None) -> RawThermal:
    """Decode the bytes of a thermal picture; see the module for the gates.

    Raises:
        CaptureError: naming the picture and the cause.
    """
    _check_bytes(len(content), name)
    if is_flir(content):
        return read_flir(content, name=name, at=at)
    counts = decode_sixteen_bits(content, name=name)
    if scale is None:
        raise CaptureError(
            f"{name}: 16 bits a pixel, and nothing says what they mean",
            advice="state the scale: degrees per count, and the temperature of count 0",
        )
    return RawThermal(counts=counts, scale=scale, scene=None, air_path=None, captured_at=at, source=name)


def _check_bytes(size: int, name: str) -> None:
    if size > MAX_THERMAL_BYTES:
        raise CaptureError(
            f"{name}: {size // 2**20} MiB is more than a thermal picture has", advice="name another file"
        )
