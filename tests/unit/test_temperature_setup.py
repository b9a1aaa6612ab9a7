"""Temperature from a site's settings: off by default, and every part that is missing or wrong is told at the start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limen.bootstrap.temperature import build_thermometer
from limen.core.errors import CaptureError, ConfigError
from limen.core.people import SiteKind
from limen.core.quality import NotAssessed
from limen.door.temperature import (
    AboveOthers,
    TemperatureRule,
    expected_alarms,
    switched_on,
)
from limen.settings import load_settings
from limen.thermal.rig_file import write_rig
from limen.thermal.simulator import standard_rig
from support.clock import FakeClock
from support.thermal_files import as_tiff

_DOOR = """[door.front]
camera = "0"
attendance = "attended"
access = { everybody = "always" }
"""
_RULE = switched_on(
    TemperatureRule.REFER,
    limit=AboveOthers(),
    expected_alarms_per_1000=expected_alarms(AboveOthers()).per_1000,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a rig file and, in `frames`, one thermal picture."""
    write_rig(standard_rig(), tmp_path / "rig.json")
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "1.tiff").write_bytes(as_tiff(np.full((240, 320), 29_715, dtype=np.uint16)))
    return tmp_path


def _settings(folder: Path, text: str) -> Path:
    (folder / "limen.toml").write_text(f"{_DOOR}[door.front.temperature]\n{text}\n", "utf-8")
    return folder


def _opened(folder: Path, *, site: SiteKind = SiteKind.TRIAL, spec: str | None = None) -> None:
    settings = load_settings(folder, environment={})
    source = str(folder / "frames") if spec is None else spec
    thermometer = build_thermometer(settings, "front", spec=source, rule=_RULE, site=site, clock=FakeClock())
    try:
        assert isinstance(thermometer.outcome(1), NotAssessed)
    finally:
        thermometer.close()


def _whole(folder: Path, **changed: str) -> Path:
    lines = {"rig": '"rig.json"', "kelvin_per_count": "0.01", "blackbody": "true", "blackbody_at": "[290, 30, 14, 36]"}
    lines |= changed
    return _settings(folder, "\n".join(f"{name} = {value}" for name, value in lines.items() if value))


def test_a_recording_is_opened_in_a_trial_folder(folder: Path) -> None:
    """Rig, blackbody and pictures are read, and the camera is let go again."""
    _opened(_whole(folder))
    _opened(_whole(folder, blackbody="false"))


def test_a_live_site_takes_no_recording(folder: Path) -> None:
    """Pictures of a folder are no reading of whoever stands there."""
    with pytest.raises(ConfigError, match="not a live camera"):
        _opened(_whole(folder), site=SiteKind.LIVE)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rig": ""}, "rig: missing"),
        ({"rig": '"none.json"'}, "not a rig file"),
        ({"blackbody_at": ""}, "door.front.temperature.blackbody_at: missing"),
        ({"blackbody_at": "[290, 30, 14]"}, "blackbody_at"),
        ({"blackbody_at": "[290, 30, nan, 36]"}, "no source"),
        ({"blackbody_at": "[290, 30, 14, 360]"}, "no source"),
    ],
)
def test_what_is_missing_or_wrong_is_told_at_the_start(folder: Path, changed: dict[str, str], message: str) -> None:
    """No door runs with half a thermometer."""
    with pytest.raises(ConfigError, match=message):
        _opened(_whole(folder, **changed))


def test_no_camera_is_told_at_the_start(folder: Path) -> None:
    """A source that is not there is an error in one line."""
    with pytest.raises(CaptureError, match="no device, folder or plug-in"):
        _opened(_whole(folder), spec="nothing")
