"""Radiometric JPEG and FFF file -> RawThermal. Every length and offset is checked before it is used.

A radiometric JPEG carries an FFF file in APP1 segments; an FFF file is a directory of records, of which one holds the
counts and one the camera's constants. Byte order is found three times: of the directory, of the frame and of the camera
record, as each may differ. Nothing is followed twice and every list is cut short, so no file can make this loop; a
frame is refused by the size it claims before it is decoded. The layout is not published by its maker; it is that of
ExifTool's documentation (Harvey) and of Thermimage (Tattersall), checked against files of nine cameras.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.thermal import AirPath, PlanckScale, RawThermal, Scene
from limen.frames.sixteen_bits import LEAST_SIDE_PX, MAX_THERMAL_PIXELS, decode_sixteen_bits, is_png

__all__ = ["is_flir", "read_flir"]

_JPEG, _FFF = b"\xff\xd8", (b"FFF\x00", b"AFF\x00")
_APP1, _START_OF_PICTURE, _TAG, _TAG_HEADER = b"\xff\xe1", b"\xff\xda", b"FLIR\x00", 8
_MAX_RECORDS, _MAX_CHUNKS, _MAX_SEGMENTS = 1024, 256, 4096
_DIRECTORY, _ENTRY = 0x14, 32
_FRAME, _CAMERA = 1, 0x20
_FRAME_HEADER, _CAMERA_BYTES = 32, 0x310
_KNOWN_VERSIONS = range(90, 200)
_MARKER = 2
_LEAST_K, _MOST_K = 150.0, 1000.0
_MOST_DISTANCE_M = 10_000.0
_MOST_PLANCK, _MOST_B_K, _MOST_F, _MOST_AIR = 1e9, 1e5, 1e3, 10.0
_LEAST_SHARE = 0.01
_ZERO_C_IN_K = 273.15
_ADVICE = "export it again as a radiometric file, or take another"


@dataclass(frozen=True, slots=True)
class _File:
    """Bytes with checked access, and the name for errors."""

    content: bytes
    name: str

    def part(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > len(self.content):
            raise self.broken(f"{length} bytes expected at {offset}, but it has {len(self.content)}")
        return self.content[offset : offset + length]

    def numbers(self, form: str, offset: int) -> tuple[float, ...]:
        return struct.unpack(form, self.part(offset, struct.calcsize(form)))

    def broken(self, why: str) -> CaptureError:
        return CaptureError(f"{self.name}: broken radiometric file: {why}", advice=_ADVICE)


def is_flir(content: bytes) -> bool:
    """Whether this is an FFF file, or a JPEG that carries one."""
    if content.startswith(_FFF):
        return True
    return content.startswith(_JPEG) and any(True for _ in _chunks(content))


def read_flir(content: bytes, *, name: str, at: datetime) -> RawThermal:
    """Read a radiometric JPEG or a bare FFF file.

    Args:
        content: the file.
        name: for errors, and the source of the frame.
        at: the frame's time; what the file says about it is not believed.

    Raises:
        CaptureError: not radiometric, truncated, lying about its lengths, or with constants that make no sense.
    """
    file = _File(_fff(content, name), name)
    order, records = _directory(file)
    frame, camera = records.get(_FRAME), records.get(_CAMERA)
    if frame is None or camera is None:
        missing = "counts" if frame is None else "camera constants"
        raise file.broken(f"no record of {missing}")
    scale, scene, air_path = _constants(_File(file.part(*camera), name), order)
    return RawThermal(
        counts=_counts(_File(file.part(*frame), name)),
        scale=scale,
        scene=scene,
        air_path=air_path,
        captured_at=at,
        source=name,
    )


def _fff(content: bytes, name: str) -> bytes:
    if content.startswith(_FFF):
        return content
    if not content.startswith(_JPEG):
        raise CaptureError(f"{name}: neither a radiometric JPEG nor an FFF file", advice=_ADVICE)
    chunks = dict(_chunks(content))
    if not chunks:
        raise CaptureError(f"{name}: an ordinary picture without temperatures in it", advice=_ADVICE)
    if set(chunks) != set(range(len(chunks))):
        raise CaptureError(f"{name}: broken radiometric file: a part of it is missing", advice=_ADVICE)
    joined = b"".join(chunks[index] for index in range(len(chunks)))
    if not joined.startswith(_FFF):
        raise CaptureError(f"{name}: broken radiometric file: no FFF file in it", advice=_ADVICE)
    return joined


def _chunks(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(index, payload) of every APP1 segment that carries a part of an FFF file."""
    at, found = len(_JPEG), 0
    for _ in range(_MAX_SEGMENTS):
        if content[at : at + 1] != b"\xff" or found == _MAX_CHUNKS:
            return
        marker, length = content[at : at + 2], int.from_bytes(content[at + 2 : at + 4], "big")
        body = content[at + 4 : at + 2 + length]
        if marker == _START_OF_PICTURE or length < len(marker):
            return
        if marker == _APP1 and body.startswith(_TAG) and len(body) > _TAG_HEADER:
            found += 1
            yield body[6], body[_TAG_HEADER:]
        at += len(marker) + length


def _directory(file: _File) -> tuple[str, dict[int, tuple[int, int]]]:
    """Byte order, and (offset, length) by record type; the first of a type counts."""
    for order in (">", "<"):
        version, offset, count = (int(value) for value in file.numbers(f"{order}III", _DIRECTORY))
        if version in _KNOWN_VERSIONS:
            break
    else:
        raise file.broken("no known version")
    records: dict[int, tuple[int, int]] = {}
    for index in range(min(count, _MAX_RECORDS)):
        kind, _, _, _, start, length = (int(value) for value in file.numbers(f"{order}HHIIII", offset + index * _ENTRY))
        if kind in (_FRAME, _CAMERA) and length:
            records.setdefault(kind, (start, length))
    return order, records


def _counts(record: _File) -> NDArray[np.uint16]:
    """uint16 (H, W) of a frame record."""
    for order in ("<", ">"):
        marker, width, height = (int(value) for value in record.numbers(f"{order}HHH", 0))
        if marker == _MARKER:
            break
    else:
        raise record.broken("the frame has no known marker")
    if min(width, height) < LEAST_SIDE_PX or width * height > MAX_THERMAL_PIXELS:
        raise record.broken(f"{width}x{height} is no size of a thermal frame")
    body = record.content[_FRAME_HEADER:]
    if is_png(body):
        counts = decode_sixteen_bits(body, name=record.name, formats=("PNG",))
        if counts.shape != (height, width):
            raise record.broken(f"its PNG is {counts.shape[1]}x{counts.shape[0]}, expected {width}x{height}")
        return counts.byteswap() if order == "<" else counts
    plain = record.part(_FRAME_HEADER, 2 * width * height)
    return np.frombuffer(plain, dtype=np.dtype(np.uint16).newbyteorder(order)).reshape(height, width).astype(np.uint16)


def _constants(record: _File, order: str) -> tuple[PlanckScale, Scene, AirPath]:
    """The camera record; its byte order shows in its first number, which is small when read rightly."""
    record.part(0, _CAMERA_BYTES)
    other = "<" if order == ">" else ">"
    first, second = (int(record.numbers(f"{each}H", 0)[0]) for each in (order, other))
    used = order if first <= second else other

    def number(offset: int, kind: str = "f") -> float:
        return float(record.numbers(f"{used}{kind}", offset)[0])

    scale = PlanckScale(r1=number(0x58), r2=number(0x30C), b=number(0x5C), f=number(0x60), o=number(0x308, "i"))
    kelvin = {name: number(offset) for name, offset in (("reflected", 0x28), ("air", 0x2C), ("window", 0x30))}
    window, humidity = number(0x34), number(0x3C)
    if not _LEAST_SHARE <= window < 1.0:  # no window; old cameras write anything here
        window, kelvin["window"] = 1.0, kelvin["air"]
    scene = Scene(
        emissivity=number(0x20),
        distance_m=number(0x24),
        reflected_c=kelvin["reflected"] - _ZERO_C_IN_K,
        air_c=kelvin["air"] - _ZERO_C_IN_K,
        window_c=kelvin["window"] - _ZERO_C_IN_K,
        window_transmission=window,
        relative_humidity=humidity / 100.0 if humidity > 1.0 else humidity,
    )
    path = AirPath(alpha1=number(0x70), alpha2=number(0x74), beta1=number(0x78), beta2=number(0x7C), x=number(0x80))
    _check_constants(record, scale, scene, kelvin=kelvin, path=path)
    return scale, scene, path


def _check_constants(
    record: _File, scale: PlanckScale, scene: Scene, *, kelvin: dict[str, float], path: AirPath
) -> None:
    """Refuse what no camera writes."""
    factors = 0.0 < scale.r1 < _MOST_PLANCK and 0.0 < scale.r2 < _MOST_PLANCK and 0.0 <= scale.f < _MOST_F
    if not (factors and 0.0 < scale.b < _MOST_B_K):
        raise record.broken(
            f"Planck constants R1 {scale.r1:g}, R2 {scale.r2:g}, B {scale.b:g}, F {scale.f:g} make no sense"
        )
    if not all(_LEAST_K <= value <= _MOST_K for value in kelvin.values()):
        raise record.broken("a temperature of the surroundings makes no sense")
    if not _LEAST_SHARE <= scene.emissivity <= 1.0:
        raise record.broken(f"an emissivity of {scene.emissivity:g} makes no sense")
    if not (0.0 <= scene.distance_m <= _MOST_DISTANCE_M and 0.0 <= scene.relative_humidity <= 1.0):
        raise record.broken("distance or humidity makes no sense")
    constants = (path.alpha1, path.alpha2, path.beta1, path.beta2, path.x)
    if not all(math.isfinite(value) and abs(value) < _MOST_AIR for value in constants):
        raise record.broken("the constants of the air make no sense")
