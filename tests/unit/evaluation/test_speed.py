"""The benchmarks measure the thing itself and check its answers; no test looks at the times."""

from __future__ import annotations

from limen.evaluation.speed import DOOR_FRAME_PX, door_frame, search_speed
from limen.frames.drawn import PERSON, draw_face


def test_search_speed_checks_every_answer() -> None:
    """Each size is reported with times, memory and the number of answers that are not float64's: none."""
    report = search_speed((10, 1000), workers=2)
    assert list(report) == ["10", "1000"]
    assert [row["wrong"] for row in report.values()] == [0, 0]
    assert {"p50_ms", "p99_ms", "mib"} <= set(report["1000"])


def test_the_door_frame_is_a_door_frame() -> None:
    """The benchmark's frame has the size of a door camera's."""
    frame = door_frame(draw_face(PERSON, side_px=128))
    assert (frame.width_px, frame.height_px) == DOOR_FRAME_PX
