"""Whatever stands in limen.toml is settings, or one error that names every place; it is never anything else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from limen.core.errors import ConfigError
from limen.settings import load_settings
from limen.settings.devices import ActuatorSettings, SensorSettings
from limen.settings.doors import DoorSettings, MaskSettings, OtherWaySettings, ZoneSettings
from limen.settings.section import Section

_SECTIONS: dict[str, type[Section]] = {
    "zone": ZoneSettings,
    "mask": MaskSettings,
    "other_way": OtherWaySettings,
    "actuator": ActuatorSettings,
    "sensor": SensorSettings,
}

words = st.sampled_from(
    ["", "0", "gpio", "mqtt", "off", "hard", "badge", "always", "office", "rtsp://u:p@h/1", "2026-02-30"]
)
openings = st.dictionaries(
    st.sampled_from(["staff", "everybody", "Bad"]), st.sampled_from(["always", "office", 3]), max_size=2
)
leaves = st.one_of(
    st.booleans(),
    st.integers(-5, 100),
    st.sampled_from([0.5, 1e9]),
    words,
    st.lists(st.sampled_from(["staff", "Bad Name", "front", 3]), max_size=2),
    st.lists(st.lists(st.sampled_from([0, 0.5, 2]), max_size=3), max_size=4),
    openings,
)


def _tables(section: type[Section]) -> st.SearchStrategy[dict[str, Any]]:
    keys = [name for name in section.model_fields if name not in _SECTIONS]
    return st.dictionaries(st.sampled_from([*keys, "unknown"]), leaves, max_size=5)


doors = st.builds(
    lambda flat, below: {**flat, **below},
    _tables(DoorSettings),
    st.fixed_dictionaries({}, optional={name: st.one_of(_tables(model), leaves) for name, model in _SECTIONS.items()}),
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "door": st.one_of(leaves, st.dictionaries(st.sampled_from(["front", "back", "Bad"]), doors, max_size=2)),
        "site": st.dictionaries(st.sampled_from(["time_zone", "holidays", "name"]), leaves, max_size=3),
        "schedule": st.dictionaries(
            st.sampled_from(["office", "always"]),
            st.dictionaries(st.sampled_from(["week", "on_holidays", "single_days"]), leaves, max_size=2),
            max_size=2,
        ),
    },
)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


@given(document=documents)
def test_any_document_is_settings_or_one_error(document: dict[str, Any]) -> None:
    """Any mixture of right and wrong keys gives settings or a ConfigError of one line, each place at most once."""
    with tempfile.TemporaryDirectory() as folder:
        lines = (f"{key} = {_toml(value)}\n" for key, value in document.items())
        (Path(folder) / "limen.toml").write_text("".join(lines), "utf-8")
        try:
            load_settings(Path(folder), environment={})
        except ConfigError as error:
            assert "\n" not in str(error)  # noqa: PT017  one of two allowed outcomes
            assert str(error).startswith("settings: ")  # noqa: PT017  the same
