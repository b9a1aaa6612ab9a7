"""Masks on the command line: what is shown of them, who is known behind one, and no enrolling with one on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.bootstrap import PICTURES, build_vision
from limen.frames.bundled import ASTRONAUT
from limen.frames.pictures import read_picture
from limen.settings import load_settings
from limen.vision.drawn_masks import ENROLMENT_MASKS, draw_mask
from support.cli import limen

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(name="bare", scope="module")
def _bare() -> Path:
    path = ASTRONAUT.locate()
    if path is None:
        pytest.skip(f"the package {ASTRONAUT.package}, which carries the picture, is not installed")
    return path


@pytest.fixture(name="masked", scope="module")
def _masked(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same person with a mask."""
    frame = read_picture(bare, at=AT)
    face = build_vision(load_settings(), None, options=PICTURES).detect(frame)[0]
    pixels = draw_mask(frame.pixels, face.landmarks, ENROLMENT_MASKS[0], rng=np.random.default_rng(1))
    path = tmp_path_factory.mktemp("masked") / "masked.png"
    assert cv2.imwrite(str(path), pixels)
    return path


def test_detect_says_whether_a_mask_is_worn(bare: Path, masked: Path) -> None:
    """Detect names the mask state of every face, as JSON and in the table."""
    documents = limen("detect", bare, masked).document["images"]
    assert [document["faces"][0]["mask_state"] for document in documents] == ["none", "worn"]
    assert "worn" in limen("detect", masked, json_wanted=False).out


def test_a_masked_person_is_identified_from_a_bare_picture(bare: Path, masked: Path, tmp_path: Path) -> None:
    """Whoever enrolled bare is known with a mask on, in the condition bare against masked; the state is shown."""
    assert limen("enrol", "--name", "Ada", "--consent", "trial", bare, data=tmp_path).code == 0
    answer = limen("identify", masked, data=tmp_path)
    (face,) = answer.document["images"][0]["faces"]
    assert (answer.code, face["mask_state"], face["match"]["outcome"]) == (0, "worn", "recognised")
    assert face["match"]["operating_point"]["condition"] == "bare/masked"
    words = limen("identify", masked, data=tmp_path, json_wanted=False)
    assert "worn" in words.out


def test_nobody_is_enrolled_with_a_mask_on(masked: Path, tmp_path: Path) -> None:
    """Enrolling with a mask on is a refusal that asks to take it off, and leaves nobody behind."""
    answer = limen("enrol", "--name", "Ada", "--consent", "trial", masked, data=tmp_path)
    assert (answer.code, answer.document["error"]["code"]) == (1, "mask_worn")
    assert "take it off" in answer.document["error"]["advice"]
    assert limen("people", "list", data=tmp_path).document["people"] == []
