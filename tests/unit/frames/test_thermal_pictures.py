"""A thermal picture is read whatever its format; where no scale is known, nothing is guessed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from limen.core.errors import CaptureError
from limen.core.thermal import LinearScale, PlanckScale
from limen.frames.thermal_pictures import MAX_THERMAL_BYTES, decode_thermal, read_thermal
from limen.thermal.radiometry import celsius
from support.clock import NOON
from support.thermal_files import REAL_FILES, as_jpeg, as_png, as_tiff, make_fff, ramp

_SCALE = LinearScale(kelvin_per_count=0.01)


@pytest.mark.parametrize("content", [make_fff(ramp()), as_jpeg(make_fff(ramp()))], ids=["fff", "jpeg"])
def test_a_radiometric_file_needs_no_scale_and_takes_none(content: bytes) -> None:
    """Its own constants count, also where a scale is stated."""
    for scale in (None, _SCALE):
        raw = read_thermal(content, at=NOON, scale=scale)
        np.testing.assert_array_equal(ramp(), raw.counts)
        assert isinstance(raw.scale, PlanckScale)
        assert raw.scene is not None


@pytest.mark.parametrize("content", [as_tiff(ramp()), as_png(ramp())], ids=["tiff", "png"])
def test_sixteen_bits_mean_what_is_stated(content: bytes) -> None:
    """With a scale counts become temperatures, as of a black body at hand."""
    raw = decode_thermal(content, name="file", at=NOON, scale=LinearScale(kelvin_per_count=0.1))
    assert (raw.scene, raw.air_path, raw.source, raw.captured_at) == (None, None, "file", NOON)
    np.testing.assert_allclose(celsius(raw), ramp() * 0.1 - 273.15, atol=1e-3)


@pytest.mark.parametrize("content", [as_tiff(ramp()), as_png(ramp())], ids=["tiff", "png"])
def test_a_scale_is_never_guessed(content: bytes) -> None:
    """Sixteen bits without a scale are refused, and the advice says what to state."""
    with pytest.raises(CaptureError, match="nothing says what they mean") as caught:
        decode_thermal(content, name="file", at=NOON)
    assert "state the scale" in caught.value.advice()


def test_a_file_and_what_is_in_it_are_the_same(tmp_path: Path) -> None:
    """A path is read as its bytes are, and is named in the frame unless another name is given."""
    path = tmp_path / "frame.fff"
    path.write_bytes(make_fff(ramp()))
    raw = read_thermal(path, at=NOON)
    np.testing.assert_array_equal(read_thermal(path.read_bytes(), at=NOON).counts, raw.counts)
    assert raw.source == str(path)
    assert read_thermal(path, at=NOON, name="door").source == "door"


def _no_file(folder: Path) -> Path:
    return folder / "none.fff"


def _empty(folder: Path) -> Path:
    path = folder / "empty.fff"
    path.touch()
    return path


def _folder(folder: Path) -> Path:
    return folder


def _pipe(folder: Path) -> Path:
    path = folder / "pipe.fff"
    os.mkfifo(path)
    return path


def _huge(folder: Path) -> Path:
    path = folder / "huge.fff"
    with path.open("wb") as file:
        file.truncate(MAX_THERMAL_BYTES + 1)
    return path


def _long_name(folder: Path) -> Path:
    return folder / ("x" * 300)


@pytest.mark.parametrize("make", [_no_file, _empty, _folder, _pipe, _huge, _long_name])
def test_what_is_no_file_of_sane_size_is_refused(tmp_path: Path, make: object) -> None:
    """Missing and empty files, folders, pipes and huge files are CaptureErrors of one line that name them."""
    assert callable(make)
    path = make(tmp_path)
    with pytest.raises(CaptureError) as caught:
        read_thermal(path, at=NOON)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


def test_too_many_bytes_are_refused_unseen() -> None:
    """Bytes are held to the size that files are."""
    with pytest.raises(CaptureError, match="MiB is more"):
        decode_thermal(bytes(MAX_THERMAL_BYTES + 1), name="file", at=NOON)


def test_a_real_tiff_gives_the_temperatures_known_of_it() -> None:
    """A frame of 0.04 K a count has its median at 6.6 °C."""
    path = REAL_FILES / "example_radiometric_16bit.tiff"
    if not path.exists():
        pytest.skip("the files of real thermal cameras are not beside this copy of limen")
    found = celsius(read_thermal(path, at=NOON, scale=LinearScale(kelvin_per_count=0.04)))
    assert found.shape == (512, 640)
    assert float(np.median(found)) == pytest.approx(6.6, abs=0.05)
