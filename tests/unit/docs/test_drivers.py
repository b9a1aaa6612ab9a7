"""Every driver says what holds for it, and what does not yet."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from support.source import modules

_ROOT = Path(__file__).parents[3]
_RULES = ("fault", "return", "hostile", "counterpart", "hardware", "settings")
_VERBS = {"open", "signals", "frames"}
_NO_DEVICES = {
    "limen.door.actuators.once.Once",
    "limen.door.contact.WatchedDoor",
    "limen.door.simulator.DoorSimulator",
    "limen.frames.newest.Newest",
}
"""What stands around a driver, or for one."""


def _listed() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_ROOT / "drivers.toml").read_text("utf-8"))


def _drivers() -> set[str]:
    """Classes that open a door, tell of its contacts or give frames, and can be closed."""
    found = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and module.room != "core":
                verbs = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
                if "close" in verbs and verbs & _VERBS:
                    found.add(f"{module.name}.{node.name}")
    return found


def test_every_driver_is_listed() -> None:
    """A new one has to answer, and one that is gone is no longer there."""
    assert _drivers() - _NO_DEVICES == set(_listed())
    assert _drivers() >= _NO_DEVICES


@pytest.mark.parametrize("name", sorted(_listed()))
def test_a_driver_answers_every_rule(name: str) -> None:
    """Done, to be done, or exempt for a reason that is given; and what is done has tests that are there."""
    driver = _listed()[name]
    assert set(driver) == {*_RULES, "tests"}
    for rule in _RULES:
        assert re.fullmatch(r"done|todo|exempt: \w.{5,}", driver[rule]), rule
    assert driver["tests"]
    assert [path for path in driver["tests"] if not (_ROOT / path).is_file()] == []
