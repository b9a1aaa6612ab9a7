"""A thermal camera, a recorded folder and a plug-in stand behind one port; counts that mean nothing are refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.ports import ThermalSource
from limen.core.thermal import LinearScale
from limen.frames.thermal_pictures import read_thermal
from limen.frames.thermal_sources import (
    LEPTON_HIGH_GAIN,
    LEPTON_LOW_GAIN,
    PLUGINS,
    RecordedThermal,
    UvcThermal,
    checked_radiometric,
    open_thermal,
)
from limen.thermal.radiometry import celsius
from support.clock import NOON, FakeClock
from support.thermal_files import as_tiff, make_fff, ramp

_Sent = NDArray[np.uint16] | NDArray[np.uint8]


class _FakeDevice:
    """Stands in for OpenCV's capture: gives the frames it was made with, then nothing."""

    def __init__(self, *frames: _Sent, opens: bool = True) -> None:
        self._frames, self._opens = list(frames), opens
        self.settings: list[float] = []
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        return self._opens

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803  OpenCV's name
        self.settings += [propId, value]
        return True

    def grab(self) -> bool:
        return bool(self._frames)

    def retrieve(self) -> tuple[bool, _Sent]:
        return True, self._frames.pop(0)

    def release(self) -> None:
        self.released = True


def _camera(device: _FakeDevice, scale: LinearScale = LEPTON_HIGH_GAIN) -> UvcThermal:
    return UvcThermal("/dev/video9", scale=scale, clock=FakeClock(), opened=lambda _: device)


def _room(celsius_: float = 23.0, *, kelvin_per_count: float = 0.01) -> NDArray[np.uint16]:
    return np.full((120, 160), round((celsius_ + 273.15) / kelvin_per_count), np.uint16)


@pytest.mark.parametrize(
    "sent",
    [_room(), _room()[..., None], _room().astype("<u2").view(np.uint8).reshape(120, 160, 2)],
    ids=["counts", "one channel", "pairs of bytes"],
)
def test_a_camera_gives_its_counts(sent: _Sent) -> None:
    """However OpenCV hands a frame of 16 bits over, it is the counts, stamped and in memory of its own."""
    camera: ThermalSource = _camera(_FakeDevice(sent))
    raw = next(iter(camera.frames()))
    np.testing.assert_array_equal(_room(), raw.counts)
    np.testing.assert_allclose(celsius(raw), 23.0, atol=0.01)
    assert (raw.captured_at, raw.source, camera.kind) == (NOON, "thermal camera /dev/video9", SourceKind.LIVE_CAMERA)
    assert not np.shares_memory(raw.counts, sent)


def test_tenths_of_a_kelvin_are_read_as_such() -> None:
    """Low gain counts tenths."""
    raw = next(_camera(_FakeDevice(_room(kelvin_per_count=0.1)), LEPTON_LOW_GAIN).frames())
    np.testing.assert_allclose(celsius(raw), 23.0, atol=0.05)


@pytest.mark.parametrize(
    "counts",
    [np.full((12, 16), 8192, np.uint16), np.zeros((12, 16), np.uint16), _room(61.0), _room(-1.0)],
    ids=["automatic gain", "black", "too warm", "too cold"],
)
def test_a_camera_that_measures_no_temperatures_is_refused(counts: NDArray[np.uint16]) -> None:
    """A median outside 0 to 60 °C is no room and no person, and the advice says what to switch on."""
    with pytest.raises(CaptureError, match="does not measure temperatures") as caught:
        next(_camera(_FakeDevice(counts)).frames())
    assert "TLinear" in caught.value.advice()


def test_the_wrong_gain_is_noticed() -> None:
    """Tenths read as hundredths, and hundredths as tenths, are no temperatures."""
    for sent, scale in ((_room(kelvin_per_count=0.1), LEPTON_HIGH_GAIN), (_room(), LEPTON_LOW_GAIN)):
        with pytest.raises(CaptureError, match="does not measure temperatures"):
            next(_camera(_FakeDevice(sent), scale).frames())


def test_the_edges_of_the_range_are_inside() -> None:
    """A median just above 0 and just below 60 °C passes."""
    for edge in (0.05, 59.95):
        assert next(_camera(_FakeDevice(_room(edge))).frames()).counts.shape == (120, 160)


@pytest.mark.parametrize("shape", [(120, 160), (120, 160, 3), (1, 38400)], ids=["grey", "colour", "a row"])
def test_a_camera_that_sends_pictures_is_refused(shape: tuple[int, ...]) -> None:
    """Eight-bit pictures are no counts."""
    with pytest.raises(CaptureError, match="sends pictures"):
        next(_camera(_FakeDevice(np.full(shape, 90, np.uint8))).frames())


def test_a_camera_that_stops_is_an_error() -> None:
    """After the last frame comes an error, not an end."""
    frames = _camera(_FakeDevice(_room())).frames()
    next(frames)
    with pytest.raises(CaptureError, match="stopped giving frames"):
        next(frames)


def test_a_device_is_let_go() -> None:
    """Closing releases the device, and so does a failure to open it."""
    device, closed = _FakeDevice(), _FakeDevice(opens=False)
    _camera(device).close()
    assert device.released
    with pytest.raises(CaptureError, match="cannot be opened"):
        _camera(closed)
    assert closed.released


def test_a_radiometric_file_is_not_asked_for_a_room() -> None:
    """The check of the median is for linear counts; Planck constants come from the camera that measured."""
    raw = read_thermal(make_fff(np.full((8, 8), 12_000, np.uint16)), at=NOON)
    assert float(np.median(celsius(raw))) > 60.0
    assert checked_radiometric(raw) is raw


def _folder(path: Path) -> Path:
    for number in range(3):
        (path / f"{number}.fff").write_bytes(make_fff(ramp() + np.uint16(number)))
    (path / "notes.txt").write_text("not a frame")
    return path


def test_a_recording_is_played_in_the_order_of_its_names(tmp_path: Path) -> None:
    """Every thermal file once, timed as the camera ran, other files left out."""
    source: ThermalSource = RecordedThermal(_folder(tmp_path), start=NOON, frames_per_second=10.0)
    frames = list(source.frames())
    source.close()
    assert [int(frame.counts[0, 0]) - int(ramp()[0, 0]) for frame in frames] == [0, 1, 2]
    assert [frame.captured_at - NOON for frame in frames] == [timedelta(seconds=n / 10) for n in range(3)]


def test_a_recording_is_never_live(tmp_path: Path) -> None:
    """A folder in place of a camera says that it is files."""
    assert RecordedThermal(_folder(tmp_path), start=NOON).kind is SourceKind.FILE


def test_a_recording_of_sixteen_bits_needs_a_scale(tmp_path: Path) -> None:
    """A TIFF in a recorded folder means what the caller states, and nothing without."""
    (tmp_path / "a.tiff").write_bytes(as_tiff(ramp()))
    frames = RecordedThermal(tmp_path, start=NOON, scale=LinearScale(kelvin_per_count=0.1)).frames()
    np.testing.assert_array_equal(ramp(), next(frames).counts)
    with pytest.raises(CaptureError, match="nothing says what they mean"):
        next(RecordedThermal(tmp_path, start=NOON).frames())


def test_a_folder_without_frames_is_refused(tmp_path: Path) -> None:
    """An empty folder, or none at all, is a CaptureError that says which files are looked for."""
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(CaptureError, match="no thermal file") as caught:
            RecordedThermal(folder, start=NOON)
        assert ".fff" in caught.value.advice()


def test_a_folder_is_opened_as_a_recording(tmp_path: Path) -> None:
    """``open_thermal`` on a folder gives its frames from now on."""
    source = open_thermal(str(_folder(tmp_path)), clock=FakeClock())
    assert next(source.frames()).captured_at == NOON
    assert source.kind is SourceKind.FILE


@pytest.mark.parametrize("spec", ["", "nothing", "nothing:here", "99999999999999999999", "-1", ":", "²", "x" * 300])
def test_a_source_that_is_not_there_is_refused(spec: str) -> None:
    """Neither device, folder nor plug-in: one line that says which plug-ins there are."""
    with pytest.raises(CaptureError, match="no device, folder or plug-in") as caught:
        open_thermal(spec, clock=FakeClock())
    assert "plug-ins installed" in caught.value.advice()


def test_a_device_number_without_a_camera_is_refused() -> None:
    """A number is a device of the system, and a missing one an error."""
    with pytest.raises(CaptureError, match="cannot be opened"):
        open_thermal("9876", clock=FakeClock())


_PLUGIN = """
from limen.core.frame import SourceKind
from limen.core.thermal import LinearScale, RawThermal
import numpy as np

class Still:
    kind = SourceKind.LIVE_CAMERA

    def __init__(self, text, clock):
        self.text, self.clock = text, clock

    def frames(self):
        counts = np.full((8, 8), round(float(self.text) * 100), np.uint16)
        yield RawThermal(counts=counts, scale=LinearScale(kelvin_per_count=0.01), scene=None, air_path=None,
                         captured_at=self.clock.now(), source="still")

    def close(self):
        pass
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package installed beside limen that offers two sources, one of which is not there."""
    (tmp_path / "still_camera.py").write_text(_PLUGIN)
    meta = tmp_path / "still_camera-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: still-camera\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(f"[{PLUGINS}]\nstill = still_camera:Still\nlost = still_camera:Gone\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("still_camera", None)


@pytest.mark.usefixtures("plugin")
def test_a_plug_in_is_found_by_its_name_and_told_the_rest() -> None:
    """``NAME:REST`` calls the plug-in's factory with the rest and the clock."""
    source = open_thermal("still:300.15", clock=FakeClock())
    raw = next(source.frames())
    np.testing.assert_allclose(celsius(raw), 27.0, atol=0.01)
    assert raw.captured_at == NOON


@pytest.mark.usefixtures("plugin")
def test_a_plug_in_that_cannot_be_loaded_is_an_error() -> None:
    """A factory that is not there is a CaptureError; the names of plug-ins are told to who asks for another."""
    with pytest.raises(CaptureError, match="plug-in lost cannot be loaded"):
        open_thermal("lost:1", clock=FakeClock())
    with pytest.raises(CaptureError, match="no device") as caught:
        open_thermal("other", clock=FakeClock())
    assert "lost, still" in caught.value.advice()
