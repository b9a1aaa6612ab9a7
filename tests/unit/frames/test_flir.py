"""Radiometric JPEG and FFF in every byte order give the counts and constants they hold; lying files are refused."""

from __future__ import annotations

import itertools
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from limen.core.errors import CaptureError
from limen.core.thermal import PlanckScale, RawThermal
from limen.frames.flir import is_flir, read_flir
from limen.thermal.radiometry import DEFAULT_AIR_PATH, celsius
from support.clock import NOON
from support.thermal_files import CONSTANTS, REAL_FILES, as_jpeg, as_png, make_fff, ramp

_ORDERS = list(itertools.product("<>", repeat=3))


def _read(content: bytes) -> RawThermal:
    return read_flir(content, name="file", at=NOON)


def _real(name: str) -> Path:
    if not (REAL_FILES / name).exists():
        pytest.skip("the files of real thermal cameras are not beside this copy of limen")
    return REAL_FILES / name


@pytest.mark.parametrize("orders", _ORDERS, ids=["".join(orders) for orders in _ORDERS])
@pytest.mark.parametrize("png", [True, False], ids=["png", "plain"])
@pytest.mark.parametrize("jpeg", [True, False], ids=["jpeg", "bare"])
def test_every_byte_order_gives_the_same_frame(*, orders: tuple[str, str, str], png: bool, jpeg: bool) -> None:
    """Directory, frame and camera record may each be little or big endian, in a JPEG or bare, as PNG or plain."""
    content = make_fff(ramp(), directory=orders[0], frame=orders[1], camera=orders[2], png=png)
    raw = _read(as_jpeg(content) if jpeg else content)
    np.testing.assert_array_equal(ramp(), raw.counts)
    assert isinstance(raw.scale, PlanckScale)
    assert (raw.scale.r1, raw.scale.b, raw.scale.f, raw.scale.o) == (17096.453125, 1428.0, 1.0, -267.0)
    assert raw.scale.r2 == pytest.approx(0.046582)
    assert raw.air_path is not None
    assert raw.air_path.alpha1 == pytest.approx(DEFAULT_AIR_PATH.alpha1)
    assert raw.air_path.x == pytest.approx(DEFAULT_AIR_PATH.x)
    assert (raw.captured_at, raw.source) == (NOON, "file")


def test_the_scene_is_what_the_camera_was_told() -> None:
    """Emissivity, distance, surroundings and window come from the record, kelvin as °C."""
    told = {"emissivity": 0.75, "distance_m": 2.5, "reflected_k": 303.15, "air_k": 283.15, "window_k": 298.15}
    scene = _read(make_fff(ramp(), numbers={**told, "window_transmission": 0.5, "relative_humidity": 0.25})).scene
    assert scene is not None
    assert (scene.emissivity, scene.distance_m, scene.relative_humidity) == (0.75, 2.5, 0.25)
    assert (scene.reflected_c, scene.air_c, scene.window_c) == pytest.approx((30.0, 10.0, 25.0), abs=1e-4)
    assert scene.window_transmission == 0.5


@pytest.mark.parametrize("written", [0.0, 1.0, 7.5, -1.0, float("nan")])
def test_a_camera_without_a_window_may_write_anything_there(written: float) -> None:
    """A transmission that is not between 0 and 1 means no window, whose temperature is then not looked at."""
    scene = _read(make_fff(ramp(), numbers={"window_transmission": written, "window_k": 0.0})).scene
    assert scene is not None
    assert scene.window_transmission == 1.0
    assert scene.window_c == scene.air_c


def test_humidity_may_stand_in_percent() -> None:
    """What is above one is percent."""
    scene = _read(make_fff(ramp(), numbers={"relative_humidity": 40.0})).scene
    assert scene is not None
    assert scene.relative_humidity == pytest.approx(0.4)


def test_the_other_magic_of_old_cameras_is_read() -> None:
    """Files that begin with AFF are FFF files."""
    raw = _read(b"A" + make_fff(ramp())[1:])
    np.testing.assert_array_equal(ramp(), raw.counts)


def _with(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


_FFF = make_fff(ramp())
_ENTRY = 64
_FIRST = struct.unpack_from(">I", _FFF, _ENTRY + 12)[0]
_LIES = {
    "empty": b"",
    "two bytes": b"\xff\xd8",
    "magic alone": b"FFF\x00",
    "an ordinary JPEG": as_jpeg(b""),
    "a segment without length": b"\xff\xd8\xff\xe1\x00\x00FLIR\x00",
    "a segment of no bytes for ever": b"\xff\xd8" + b"\xff\xe1\x00\x02" * 100_000,
    "text": b"hello\n",
    "unknown version": _with(_FFF, 0x14, bytes(4)),
    "directory outside": _with(_FFF, 0x18, b"\xff\xff\xff\xff"),
    "more records than bytes": _with(_FFF, 0x1C, b"\xff\xff\xff\xff"),
    "no records": make_fff(ramp(), records=0),
    "no camera record": make_fff(ramp(), records=1),
    "directory is its own frame": _with(_FFF, _ENTRY + 12, struct.pack(">II", _ENTRY, 64)),
    "frame record is the whole file": _with(_FFF, _ENTRY + 12, struct.pack(">II", 0, len(_FFF))),
    "frame outside": _with(_FFF, _ENTRY + 12, b"\xff\xff\xff\xf0"),
    "frame longer than the file": _with(_FFF, _ENTRY + 16, b"\x7f\xff\xff\xff"),
    "offset and length wrap round": _with(_FFF, _ENTRY + 12, struct.pack(">II", 0xFFFFFFF0, 0x20)),
    "frame shorter than its header": _with(_FFF, _ENTRY + 16, struct.pack(">I", 5)),
    "frame of a header alone": _with(_FFF, _ENTRY + 16, struct.pack(">I", 8)),
    "camera record too short": _with(_FFF, _ENTRY + 32 + 16, struct.pack(">I", 100)),
    "no frame marker": _with(_FFF, _FIRST, b"\x00\x00"),
    "a frame of no pixels": make_fff(ramp(), claimed_px=(0, 24)),
    "a frame of four thousand million pixels": make_fff(ramp(), png=False, claimed_px=(65535, 65535)),
    "more pixels than bytes": make_fff(ramp(), png=False, claimed_px=(640, 480)),
    "PNG of another size": make_fff(ramp(), claimed_px=(24, 32)),
    "PNG broken": _with(_FFF, _FIRST + 32 + 60, bytes(40)),
    "cut in the middle": _FFF[: len(_FFF) // 2],
    "cut at the end": _FFF[:-1],
    "JPEG cut": as_jpeg(_FFF)[:900],
    "JPEG with a part missing": as_jpeg(_FFF).replace(b"FLIR\x00\x01\x01", b"FLOR\x00\x01\x01", 1),
    "JPEG that carries something else": as_jpeg(bytes(3000)),
}
_FREE = ("o", "window_transmission", "window_k")  # an integer may be any, and a window that makes no sense is none


@pytest.mark.parametrize("content", _LIES.values(), ids=_LIES.keys())
def test_a_file_that_lies_is_refused_in_one_line(content: bytes) -> None:
    """Truncated files, impossible offsets, sizes and counts are CaptureErrors that name the file and say what to do."""
    with pytest.raises(CaptureError, match=r"^file: ") as caught:
        _read(content)
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


@pytest.mark.parametrize("name", [name for name in CONSTANTS if name not in _FREE])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e30, 1e30], ids=["nan", "inf", "below", "above"])
def test_constants_that_make_no_sense_are_refused(name: str, value: float) -> None:
    """No number of the camera record may be one that no camera writes."""
    with pytest.raises(CaptureError, match="make"):
        _read(make_fff(ramp(), numbers={name: value}))


def test_eight_bits_are_no_counts() -> None:
    """A frame whose PNG has eight bits is refused."""
    sixteen = as_png(np.zeros((8, 8), np.uint16))
    eight = sixteen.replace(b"IHDR" + struct.pack(">IIB", 8, 8, 16), b"IHDR" + struct.pack(">IIB", 8, 8, 8))
    body = struct.pack("<HHH", 2, 8, 8).ljust(32, b"\x00") + eight
    with pytest.raises(CaptureError, match=r"^file: "):
        _read(_with(_FFF, _ENTRY + 12, struct.pack(">II", len(_FFF), len(body))) + body)


def test_only_files_that_carry_temperatures_are_flir_files() -> None:
    """Bare and in a JPEG, but not an ordinary JPEG, a PNG or nothing."""
    assert is_flir(_FFF)
    assert is_flir(as_jpeg(_FFF))
    assert not is_flir(as_jpeg(b""))
    assert not is_flir(as_png(ramp()))
    assert not is_flir(b"")


_REAL_NAMES = (
    "cup_flirone_with_rgb.jpg",
    "dji_xt2_flyr_fails.jpg",
    "ducks_i7.jpg",
    "floor_e60.jpg",
    "frame_le.fff",
    "panel_c2_with_rgb.jpg",
    "people_lab_i60.jpg",
    "street_two_people_e30bx.jpg",
    "water_sc640.jpg",
)


@pytest.mark.parametrize("name", _REAL_NAMES)
def test_files_of_real_cameras_give_the_temperatures_known_of_them(name: str) -> None:
    """Counts are exact, and smallest, median, largest and five single temperatures right to 0.02 °C."""
    path = _real(name)
    expected = json.loads((REAL_FILES / "expected.json").read_text("utf-8"))[name]
    raw = _read(path.read_bytes())
    assert list(raw.counts.shape) == expected["shape"]
    assert (int(raw.counts.min()), int(raw.counts.max())) == (expected["raw_min"], expected["raw_max"])
    found = celsius(raw)
    summary = [float(found.min()), float(np.median(found)), float(found.max())]
    known = [expected[f"celsius_{which}"] for which in ("min", "median", "max")]
    np.testing.assert_allclose(summary, known, rtol=0, atol=0.02)
    for row, column, temperature in expected["pixels"]:
        assert float(found[row, column]) == pytest.approx(temperature, abs=0.02)


@pytest.mark.parametrize("name", [name for name in _REAL_NAMES if "flyr_fails" not in name and "fff" not in name])
def test_every_pixel_of_a_real_file_is_what_flyr_reads(name: str) -> None:
    """An independent decoder agrees on the whole map to 0.02 °C."""
    flyr = pytest.importorskip("flyr", reason="flyr, which reads the same files, is not installed")
    path = _real(name)
    np.testing.assert_allclose(celsius(_read(path.read_bytes())), flyr.unpack(str(path)).celsius, rtol=0, atol=0.02)


def test_every_pixel_of_a_built_file_is_what_flyr_reads(tmp_path: Path) -> None:
    """The builder of these tests writes what an independent decoder understands too (of little-endian cameras)."""
    flyr = pytest.importorskip("flyr", reason="flyr, which reads the same files, is not installed")
    content = as_jpeg(make_fff(ramp()), chunk_bytes=60_000)
    path = tmp_path / "built.jpg"
    path.write_bytes(content)
    np.testing.assert_allclose(celsius(_read(content)), flyr.unpack(str(path)).celsius, rtol=0, atol=0.02)
