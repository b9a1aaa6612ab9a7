"""A badge with a PIN from end to end: a reader's lines at a door, the real models, a restart for every attempt."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from limen.frames.drawn import PERSON, STRANGER, draw_face
from support.cli import limen
from support.walking import write_walk_ups

_PIN, _OTHER = "2580", "0852"


def _came(site: Path, video: Path, patch: pytest.MonkeyPatch, *lines: str) -> dict[str, Any]:
    """A process that keeps the door while somebody walks up, and what reader and keypad give meanwhile."""
    patch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    answer = limen("door", "run", "front", "--source", video, "--badges", data=site)
    assert answer.code == 0, answer.err
    assert _PIN not in answer.out + answer.err
    document: dict[str, Any] = answer.document
    assert document["alarms"] == []
    return document


def test_shown_typed_locked_and_unlocked(tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens for badge, PIN and face; five others lock it, which outlives the process; the desk unlocks it."""
    data, pin = tmp_path / "site", tmp_path / "pin"
    pin.write_text(_PIN)
    made = limen(
        "enrol", pictures / "person.png", "--name", "Ada", "--consent", "trial", "--kind", "sealed",
        "--out", tmp_path / "out", "--pin-file", pin, data=data,
    )  # fmt: skip
    assert made.code == 0, made.err
    who = made.document["subject_id"]
    badge = next(Path(path) for path in made.document["files"] if path.endswith(".txt")).read_text().strip("\n")
    assert limen("door", "new", "front", "--write", data=data).code == 0
    toml = data / "limen.toml"
    toml.write_text(toml.read_text("utf-8").replace("[door.front]\n", "[door.front]\npatience_s = 0.5\n"), "utf-8")
    for name, face in (("holder", PERSON), ("stranger", STRANGER)):
        write_walk_ups(tmp_path / f"{name}.mp4", (draw_face(face, side_px=256),) * 2)
    holder, stranger = tmp_path / "holder.mp4", tmp_path / "stranger.mp4"

    assert _came(data, holder, monkeypatch, badge)["reasons"].keys() == {"second_factor_missing"}
    assert _came(data, holder, monkeypatch, badge, _PIN)["decisions"] == {"grant": 1}
    for video, typed in ((stranger, _PIN), (holder, _OTHER)):
        assert "grant" not in _came(data, video, monkeypatch, badge, typed)["decisions"]
    pin.write_text(_OTHER)
    person = pictures / "person2.jpg"
    told = [limen("pass", "verify", badge, person, "--pin-file", pin, data=data).document["reason"] for _ in range(3)]
    assert told == ["badge_pin_wrong", "badge_pin_wrong", "badge_pin_locked"]
    locked = _came(data, holder, monkeypatch, badge, _PIN)
    assert locked["reasons"].keys() == {"badge_pin_locked"}

    assert limen("pass", "unlock", who, "--reason", " ", data=data).code == 1
    assert limen("pass", "unlock", who, "--reason", "came to the desk", data=data).document["wrong_pins"] == 6
    assert _came(data, holder, monkeypatch, badge, _PIN)["decisions"] == {"grant": 1}
    assert limen("audit", "verify", data=data).code == 0


def test_verifying_as_a_door_with_a_purpose_does(tmp_path: Path, pictures: Path) -> None:
    """Whoever did not agree to what the door is for is nobody there; without a door it is not asked."""
    data = tmp_path / "site"
    issued = limen(
        "pass", "issue", pictures / "person.png", "--name", "A", "--consent", "trial", "--out", tmp_path, data=data
    )
    code = next(path for path in issued.document["files"] if path.endswith(".png"))
    limen("door", "new", "lab", "--write", data=data)
    toml = data / "limen.toml"
    toml.write_text(toml.read_text("utf-8").replace("[door.lab]\n", '[door.lab]\npurpose = "laboratory"\n'), "utf-8")
    verify = ("pass", "verify", code, pictures / "person2.jpg")
    assert limen(*verify, data=data).document["outcome"] == "recognised"
    refused = limen(*verify, "--door", "lab", data=data)
    assert (refused.code, refused.document["reason"]) == (1, "not_agreed_for_this")
    assert limen(*verify, "--door", "nowhere", data=data).code == 2
