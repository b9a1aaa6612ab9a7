"""A door from end to end: a video of drawn people walking up, the real models, the real store, the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from limen.bootstrap import calibration_of
from limen.core.people import SiteKind
from limen.frames.drawn import PERSON, STRANGER, draw_face
from limen.settings import load_settings
from support.cli import limen, two_operators
from support.people import make_person
from support.sites import born
from support.walking import write_walk_ups

_FACE, _OTHER = draw_face(PERSON, side_px=256), draw_face(STRANGER, side_px=256)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody enrolled walks up, then a stranger, then the first one again."""
    path = tmp_path_factory.mktemp("videos") / "walk-ups.mp4"
    write_walk_ups(path, (_FACE,) * 2, (_OTHER,) * 2, (_FACE,) * 2)
    return path


@pytest.fixture
def site(tmp_path: Path, pictures: Path) -> Path:
    """A trial folder with one person enrolled and one door."""
    limen("enrol", "--name", "Ada Lovelace", "--consent", "trial", pictures / "person.png", data=tmp_path)
    assert limen("door", "new", "front", "--write", data=tmp_path).code == 0
    return tmp_path


def _people(folder: Path) -> str:
    (person,) = limen("people", "list", data=folder).document["people"]
    return str(person["subject_id"])


def test_walking_up_is_decided_written_down_and_told_without_a_name(site: Path, video: Path) -> None:
    """Two grants for two walk-ups, none for the stranger; events name nobody; the chain is whole."""
    answer = limen("door", "run", "front", "--source", video, data=site)
    assert answer.code == 0, answer.err
    assert answer.document["decisions"]["grant"] == 2
    assert answer.document["alarms"] == []
    assert answer.document["trial"]
    events = limen("door", "events", "front", data=site).document["events"]
    assert [event["outcome"] for event in events] == ["grant", "grant"]
    told = json.dumps(events) + answer.out + answer.err
    assert "Ada" not in told
    assert _people(site) not in told
    assert limen("audit", "verify", data=site).code == 0


def _settings(site: Path, old: str, new: str) -> None:
    path = site / "limen.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_group_decides_who_may_use_a_door(site: Path, video: Path) -> None:
    """Somebody known who is in no group of the door is refused; put into it, let in."""
    _settings(site, 'access = { everybody = "always" }', 'access = { staff = "always" }')
    refused: Any = limen("door", "run", "front", "--source", video, "--frames", "30", data=site).document
    assert refused["reasons"] == {"not_permitted": 1}
    assert limen("people", "access", _people(site), "--group", "staff", data=site).document["groups"] == ["staff"]
    assert limen("door", "run", "front", "--source", video, "--frames", "30", data=site).document["decisions"] == {
        "grant": 1
    }


def test_a_door_that_is_locked_down_opens_for_nobody(site: Path, video: Path) -> None:
    """Until it is released."""
    limen("door", "state", "front", "--lock-down", data=site)
    assert limen("door", "run", "front", "--source", video, "--frames", "30", data=site).document["reasons"] == {
        "locked_down": 1
    }
    assert limen("door", "state", "front", "--release", data=site).document["locked_down"] is False


def test_whoever_withdrew_is_nobody_to_the_door(site: Path, video: Path) -> None:
    """After withdrawal the same video lets nobody in."""
    limen("people", "withdraw", _people(site), data=site)
    document = limen("door", "run", "front", "--source", video, data=site).document
    assert "grant" not in document["decisions"]


def test_a_live_folder_takes_no_recording_and_no_untested_way(tmp_path: Path, video: Path) -> None:
    """First the other way in has to be tested, then the source has to be a live camera; both are refusals."""
    assert limen("site", "new", "--kind", SiteKind.LIVE.value, data=tmp_path).code == 0
    limen("door", "new", "front", "--write", data=tmp_path)
    untested = limen("door", "run", "front", "--source", video, data=tmp_path)
    assert (untested.code, untested.document["error"]["code"]) == (1, "other_way_untested")
    _settings(tmp_path, 'kind = "none"\n#kind = "badge"', 'kind = "badge"\ntested_on = 2026-01-01\n#kind = "badge"')
    recorded = limen("door", "run", "front", "--source", video, data=tmp_path)
    assert (recorded.code, recorded.document["error"]["code"]) == (1, "not_a_live_capture")


def test_a_live_door_does_not_start_beyond_what_two_operators_approved(tmp_path: Path) -> None:
    """Backups kept for longer than was approved, in the file alone: refused before the camera is opened (ADR 0023)."""
    assert limen("site", "new", "--kind", SiteKind.LIVE.value, data=tmp_path).code == 0
    limen("door", "new", "front", "--write", data=tmp_path)
    _settings(tmp_path, 'kind = "none"\n#kind = "badge"', 'kind = "badge"\ntested_on = 2026-01-01\n#kind = "badge"')
    codes = two_operators(tmp_path)
    toml = tmp_path / "limen.toml"
    toml.write_text(toml.read_text("utf-8") + "\n[backup]\ndays = 7\n", "utf-8")
    assert limen("site", "approve", *codes, data=tmp_path).code == 0
    run = ("door", "run", "front", "--source", tmp_path / "no camera.mp4")
    assert limen(*run, data=tmp_path).document["error"]["code"] == "capture"
    _settings(tmp_path, "days = 7", "days = 30")
    refused = limen(*run, data=tmp_path)
    assert (refused.code, refused.document["error"]["code"]) == (1, "not_approved")
    assert limen("site", "approve", *codes, data=tmp_path).code == 0
    assert limen(*run, data=tmp_path).document["error"]["code"] == "capture"


def test_a_live_door_with_a_list_does_not_start_before_two_operators_approved_one(tmp_path: Path) -> None:
    """Once somebody is on the hands-free list; without a list there is nothing to approve."""
    data = tmp_path / "site"
    store = born(data, kind=SiteKind.LIVE)
    subject, references = make_person("Ada", confirmed=True)
    model_id = calibration_of(load_settings(data)).model_id
    with store.begin() as unit:
        unit.agreements.add(subject.agreement)
        unit.subjects.add(subject, [replace(item, model_id=model_id) for item in references])
        unit.commit()
    store.close()
    limen("door", "new", "front", "--write", data=data)
    _settings(data, 'kind = "none"\n#kind = "badge"', 'kind = "badge"\ntested_on = 2026-01-01\n#kind = "badge"')
    run = ("door", "run", "front", "--source", tmp_path / "no camera.mp4")
    refused = limen(*run, data=data)
    assert (refused.code, refused.document["error"]["code"]) == (1, "not_approved")
    assert "list" in refused.document["error"]["message"]
    assert limen("site", "approve", *two_operators(data), data=data).code == 0
    assert limen(*run, data=data).document["error"]["code"] == "capture"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "back"), 2),
        (("run", "front", "--source", "nowhere.mp4"), 2),
        (("state", "back"), 2),
        (("open", "front", "--reason", "a delivery"), 1),
        (("clear", "front", "e-1", "--reason", " "), 1),
    ],
)
def test_what_cannot_be_is_said_in_one_line(site: Path, arguments: tuple[str, ...], code: int) -> None:
    """An unknown door, a camera that is not there, an opening in a trial folder, a reason that says nothing."""
    answer = limen("door", *arguments, data=site)
    assert answer.code == code
    assert answer.document["error"]["advice"]
    assert "\n" not in answer.document["error"]["message"]


def _with_pass(walk_up: Path, code: Path, out: Path) -> None:
    """The same walk-up with a pass held beside the face from the second key frame on."""
    card = np.asarray(cv2.imread(str(code)))
    card = np.asarray(cv2.resize(card, (340, 340), interpolation=cv2.INTER_AREA))
    with av.open(str(walk_up)) as read, av.open(str(out), "w") as write:
        stream = write.add_stream("mpeg4", rate=25, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for frame in read.decode(video=0):
            pixels = frame.to_ndarray(format="bgr24")
            pixels[340:680, 20:360] = card
            write.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        write.mux(stream.encode())


def test_a_face_pass_held_before_the_camera_opens_for_its_holder(tmp_path: Path, pictures: Path) -> None:
    """The site keeps no template; the same camera sees face and pass. A stranger who holds it stays outside."""
    site = tmp_path / "site"
    issued = limen(
        "pass", "issue", pictures / "person.png", "--name", "Ada", "--consent", "trial", "--out", tmp_path, data=site
    )
    code = next(Path(path) for path in issued.document["files"] if path.endswith(".png"))
    limen("door", "new", "front", "--write", data=site)
    for name, face in (("holder", _FACE), ("stranger", _OTHER)):
        write_walk_ups(tmp_path / f"{name}.mp4", (face,) * 2)
        _with_pass(tmp_path / f"{name}.mp4", code, tmp_path / f"{name}-pass.mp4")
    held = limen("door", "run", "front", "--source", tmp_path / "holder-pass.mp4", data=site).document
    assert held["decisions"] == {"grant": 1}
    for other in ("holder", "stranger-pass"):
        document = limen("door", "run", "front", "--source", tmp_path / f"{other}.mp4", data=site).document
        assert "grant" not in document["decisions"]
