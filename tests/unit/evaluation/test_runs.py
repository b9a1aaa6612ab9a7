"""Protocol and pictures to document: with curves and groups if asked for, and without them otherwise."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.evaluation.groups import Groups
from limen.evaluation.importers import draw_open_set, draw_pairs, people_in_folders
from limen.evaluation.pictures import PictureSet
from limen.evaluation.runs import Runner, run_identification, run_verification
from support.calibrations import make_calibration
from support.vision import FakeVision, alike, unit

PEOPLE = 24


@pytest.fixture
def vision() -> FakeVision:
    """Knows two alike pictures of each of 24 people; the last person's second picture shows nobody."""
    known = FakeVision()
    for person in range(PEOPLE):
        face = unit(person)
        known.shows(face, source=f"p{person:02}/0.png")
        known.shows(
            *([] if person == PEOPLE - 1 else [alike(face, 0.8, seed=500 + person)]), source=f"p{person:02}/1.png"
        )
    return known


@pytest.fixture
def pictures(tmp_path: Path) -> PictureSet:
    """The files."""
    encoded = cv2.imencode(".png", np.full((240, 320, 3), 128, dtype=np.uint8))[1].tobytes()
    for person in range(PEOPLE):
        (tmp_path / f"p{person:02}").mkdir()
        for number in range(2):
            (tmp_path / f"p{person:02}" / f"{number}.png").write_bytes(encoded)
    return PictureSet([tmp_path])


def test_curves_and_groups_only_if_asked_for(vision: FakeVision, pictures: PictureSet) -> None:
    """The plain document has neither; the full one counts the same comparisons and the failed picture in its group."""
    runner = Runner(vision=vision, calibration=make_calibration(), threads=1)
    pairs = draw_pairs(people_in_folders(pictures.names()), seed=0)
    plain = run_verification(pairs, pictures, runner)
    assert "curves" not in plain
    assert not any(key.startswith("group") for key in plain)
    groups = Groups(codes=("A", "B"), of={name: int(name >= "p12") for name in pairs.images()})
    full = run_verification(pairs, pictures, runner, groups=groups, curves=True)
    assert full["curves"]["det"]["n_mated"] == plain["n_mated"] == PEOPLE
    assert full["curves"]["distributions"]["mated_failed"] == 1
    assert full["group_n_people"] == {"A": 12, "B": 12}
    assert "fta B" in full["group_refused"]


def test_an_open_set_has_curves_with_its_operating_point(vision: FakeVision, pictures: PictureSet) -> None:
    """The asked threshold is drawn where the report says it is."""
    runner = Runner(vision=vision, calibration=make_calibration(), threads=1)
    protocol = draw_open_set(people_in_folders(pictures.names()), seed=0)
    assert "curves" not in run_identification(protocol, pictures, runner, fpir_target=None)
    report = run_identification(protocol, pictures, runner, fpir_target=0.01, curves=True)
    (point,) = report["curves"]["operating_points"].values()
    assert point["fmr"] == report["operating_point"]["fpir_measured"]
    assert point["fnmr"] == report["operating_point"]["fnir_measured"]
    assert report["curves"]["cmc"]["trials"] == report["n_mated"]


def test_nobody_with_a_face_is_a_document_too(pictures: PictureSet) -> None:
    """Where every picture fails there are no curves to discard from, and no exception."""
    runner = Runner(vision=FakeVision(), calibration=make_calibration(), threads=1)
    report = run_verification(draw_pairs(people_in_folders(pictures.names()), seed=0), pictures, runner, curves=True)
    assert report["fta"]["rate"] == 1.0
    assert "error_versus_discard" not in report
