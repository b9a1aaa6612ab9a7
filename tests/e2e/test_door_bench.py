"""The benchmark of a door: walk-ups by the real loop and models, on drawn faces; no test looks at the times."""

from __future__ import annotations

import pytest

from limen.bootstrap import DOOR, build_vision, calibration_of
from limen.evaluation.door_bench import DoorBench
from limen.evaluation.door_cast import Cast, Person
from limen.frames.drawn import PERSON, STRANGER, draw_face
from limen.settings import load_settings

_FACE, _OTHER = draw_face(PERSON, side_px=256), draw_face(STRANGER, side_px=256)
_PERSON = Person(name="person-0", references=(_FACE,), keys=(_FACE,) * 3)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> DoorBench:
    """The door's own models, one walk-up timed."""
    settings = load_settings(tmp_path_factory.mktemp("no-site"))
    calibration = calibration_of(settings)
    vision = build_vision(settings, calibration, options=DOOR)
    return DoorBench(vision=vision, calibration=calibration, fpir_target=0.01, workers=2, timed_walks=1)


def test_a_report_counts_walk_ups_and_single_frames(bench: DoorBench) -> None:
    """The enrolled drawn face is let in, bare; the other one is not; every rate has its counts."""
    cast = Cast(people=(_PERSON,), strangers=(_OTHER,))
    done: list[int] = []
    report = bench.run(cast, (10, 300), rates=True, progress=done.append)
    assert list(report["enrolled"]) == ["10", "300"]
    assert report["person_fnir_counts"] == {"errors": 0, "trials": 1}
    assert report["frame_fnir_counts"]["trials"] == 3
    assert report["fpir_counts"] == {"errors": 0, "trials": 2}
    assert (report["n_people"], report["ten_faces_decided"]) == (1, 1)
    assert done[-1] == bench.steps(cast, (10, 300), rates=True)


def test_without_evidence_there_are_no_rates(bench: DoorBench) -> None:
    """Package pictures give times and null error rates."""
    report = bench.run(Cast(people=(_PERSON,), strangers=()), (10,), rates=False)
    assert {report[name] for name in ("person_fnir", "frame_fnir", "fpir")} == {None}
    assert report["grant_p95_ms"] is not None
    assert all(value is not None for value in report["thermal_frame_ms"].values())
