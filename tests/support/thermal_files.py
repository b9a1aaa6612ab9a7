"""Thermal files built byte by byte, in every byte order, sound or lying; and where real ones may be found.

How to use: ``as_jpeg(make_fff(ramp()))`` is a radiometric JPEG of counts that rise; ``make_fff(..., camera=">")`` has
its camera record in the other byte order; ``make_fff(..., numbers={"emissivity": 7.0})`` claims nonsense. ``seeds()``
is one of each kind, for whoever mutates them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["CONSTANTS", "REAL_FILES", "as_jpeg", "as_png", "as_tiff", "make_fff", "ramp", "seeds"]

REAL_FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "thermal" / "rjpeg"
"""Files of real cameras with their expected temperatures; not part of limen, and tests skip without them."""

CONSTANTS: Mapping[str, float] = {
    "emissivity": 0.95,
    "distance_m": 1.0,
    "reflected_k": 293.15,
    "air_k": 293.15,
    "window_k": 293.15,
    "window_transmission": 1.0,
    "relative_humidity": 0.5,
    "r1": 17096.453125,
    "b": 1428.0,
    "f": 1.0,
    "alpha1": 0.006569,
    "alpha2": 0.01262,
    "beta1": -0.002276,
    "beta2": -0.00667,
    "x": 1.9,
    "o": -267,
    "r2": 0.046582,
}
_PLACES = dict(
    zip(
        CONSTANTS,
        (0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x3C, 0x58, 0x5C, 0x60, 0x70, 0x74, 0x78, 0x7C, 0x80, 0x308, 0x30C),
        strict=True,
    )
)
_CAMERA_BYTES, _HEADER_BYTES, _ENTRY_BYTES = 0x400, 64, 32
_UNUSED_ENTRIES = 2


def ramp(height: int = 24, width: int = 32) -> NDArray[np.uint16]:
    """uint16 (height, width): counts of the constants above from 14 to 41 °C; no two bytes of a count are alike."""
    return np.linspace(2900, 4300, height * width).astype(np.uint16).reshape(height, width)


def as_png(counts: NDArray[np.uint16]) -> bytes:
    """A PNG of 16 bits."""
    return _saved(counts, "PNG")


def as_tiff(counts: NDArray[np.uint16], **options: object) -> bytes:
    """A TIFF of 16 bits."""
    return _saved(counts, "TIFF", **options)


def make_fff(
    counts: NDArray[np.uint16],
    *,
    directory: str = ">",
    frame: str = "<",
    camera: str = "<",
    png: bool = True,
    claimed_px: tuple[int, int] | None = None,
    numbers: Mapping[str, float] | None = None,
    records: int = 2 + _UNUSED_ENTRIES,
) -> bytes:
    """An FFF file.

    Args:
        counts: uint16 (H, W).
        directory: its byte order, as ``struct`` writes it.
        frame: that of the frame record.
        camera: that of the camera record.
        png: counts as a PNG, else plain.
        claimed_px: width and height that the frame claims instead of its own.
        numbers: constants other than ``CONSTANTS``.
        records: how many the directory claims.
    """
    body = _frame(counts, order=frame, png=png, claimed_px=claimed_px)
    constants = _camera({**CONSTANTS, **(numbers or {})}, order=camera)
    first = _HEADER_BYTES + (2 + _UNUSED_ENTRIES) * _ENTRY_BYTES
    header = b"FFF\x00" + bytes(16) + struct.pack(f"{directory}III", 100, _HEADER_BYTES, records)
    entries = struct.pack(f"{directory}HHIIII", 1, 2, 100, 1, first, len(body)) + bytes(12)
    entries += struct.pack(f"{directory}HHIIII", 0x20, 1, 100, 2, first + len(body), len(constants)) + bytes(12)
    entries += bytes(_UNUSED_ENTRIES * _ENTRY_BYTES)
    return header.ljust(_HEADER_BYTES, b"\x00") + entries + body + constants


def as_jpeg(fff: bytes, *, chunk_bytes: int = 700) -> bytes:
    """A JPEG that carries a file in several APP1 segments, after one of another kind, as cameras do."""
    chunks = [fff[start : start + chunk_bytes] for start in range(0, len(fff), chunk_bytes)]
    segments = [b"http://ns.adobe.com/xap/1.0/\x00"]
    segments += [b"FLIR\x00\x01" + bytes((index, len(chunks) - 1)) + chunk for index, chunk in enumerate(chunks)]
    app1 = b"".join(b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment for segment in segments)
    picture = _saved(np.zeros((8, 8), np.uint8), "JPEG")
    return picture[:2] + app1 + picture[2:]


def seeds() -> dict[str, bytes]:
    """One small file of each kind by name, all of them sound."""
    counts = ramp(8, 12)
    found = {
        f"fff_{'png' if png else 'plain'}_{'_'.join('le' if order == '<' else 'be' for order in orders)}": make_fff(
            counts, directory=orders[0], frame=orders[1], camera=orders[2], png=png
        )
        for orders in ("<<<", ">>>", "><<", "<>>")
        for png in (True, False)
    }
    found["jpeg_little"] = as_jpeg(make_fff(counts))
    found["jpeg_big"] = as_jpeg(make_fff(counts, frame=">", camera=">", png=False))
    found["tiff"], found["tiff_lzw"] = as_tiff(counts), as_tiff(counts, compression="tiff_lzw")
    found["png"] = as_png(counts)
    return found


def _saved(counts: NDArray[np.uint16] | NDArray[np.uint8], file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(counts).save(buffer, format=file_format, **options)
    return buffer.getvalue()


def _frame(counts: NDArray[np.uint16], *, order: str, png: bool, claimed_px: tuple[int, int] | None) -> bytes:
    height, width = counts.shape
    header = struct.pack(f"{order}HHH", 2, *(claimed_px or (width, height))).ljust(32, b"\x00")
    if png:  # little-endian frames keep the samples of their PNG, which is big-endian, swapped
        return header + as_png(counts.byteswap() if order == "<" else counts)
    return header + counts.astype(f"{order}u2").tobytes()


def _camera(numbers: Mapping[str, float], *, order: str) -> bytes:
    record = bytearray(_CAMERA_BYTES)
    struct.pack_into(f"{order}H", record, 0, 2)
    for name, place in _PLACES.items():
        if name == "o":
            struct.pack_into(f"{order}i", record, place, int(numbers[name]))
        else:
            struct.pack_into(f"{order}f", record, place, numbers[name])
    return bytes(record)
