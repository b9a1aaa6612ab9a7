"""Every value checks what it is made of, and nobody changes it afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from limen.core.arrays import unit_vector
from limen.core.decision import Decision, Deny, Grant, Reason, Refer
from limen.core.face import Box, Face
from limen.core.frame import Frame, SourceKind
from limen.core.people import Reference, ReferenceId, SubjectId
from limen.core.probe import MaskSeen, MaskState
from limen.core.quality import Assessed, Assessment, NotAssessed, Quality, QualityMeasure
from support.clock import NOON
from support.people import make_agreement, make_person
from support.vision import TEST_MODEL, make_face, make_frame, make_probe, make_quality, unit

_ALL = tuple((measure, NotAssessed(reason="a test")) for measure in QualityMeasure)


def _reference(**changes: Any) -> Reference:
    told: dict[str, Any] = {
        "reference_id": ReferenceId("r-1"),
        "subject_id": SubjectId("s-1"),
        "vector": unit(1),
        "model_id": TEST_MODEL,
        "scheme_id": "scheme",
        "mask": MaskState.NONE,
        "quality": 80,
        "confirmed": True,
        "expires_at": NOON,
    }
    return Reference(**told | changes)


@pytest.mark.parametrize(
    "value",
    [make_frame(), make_face().box, make_face(), make_probe(unit(1)), make_quality(), _reference(), make_agreement()],
    ids=lambda value: type(value).__name__,
)
def test_values_are_frozen(value: Any) -> None:
    """No field of a value can be set anew, and none can be added."""
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
    with pytest.raises((AttributeError, TypeError)):
        value.another = 1


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((0, 4, 3), np.uint8), "pixels: expected"),
        (np.zeros((4, 4), np.uint8), "pixels: expected"),
        (np.zeros((4, 4, 4), np.uint8), "pixels: expected"),
        (np.zeros((4, 4, 3), np.float32), "pixels: expected"),
    ],
    ids=["empty", "grey", "alpha", "float"],
)
def test_a_frame_holds_colour_bytes(pixels: Any, message: str) -> None:
    """Anything but uint8 (H, W, 3) is refused."""
    with pytest.raises(ValueError, match=message):
        Frame(pixels=pixels, captured_at=NOON, source="x", kind=SourceKind.FILE)


def test_a_frame_knows_its_size_and_locks_its_pixels() -> None:
    """Height are rows, width are columns, and the pixels cannot be written."""
    frame = make_frame(np.zeros((4, 7, 3), np.uint8))
    assert (frame.height_px, frame.width_px) == (4, 7)
    assert not frame.pixels.flags.writeable


def test_a_frame_wants_a_time_with_a_zone() -> None:
    """A naive capture time is refused."""
    with pytest.raises(ValueError, match="captured_at: expected a time with a time zone"):
        make_frame(at=datetime(2026, 11, 22, 12))  # noqa: DTZ001  the point of the test


@pytest.mark.parametrize("size", [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_a_box_has_a_size(size: tuple[float, float]) -> None:
    """Zero, negative and undefined sizes are refused."""
    with pytest.raises(ValueError, match="box: expected a positive size"):
        Box(x_px=0.0, y_px=0.0, width_px=size[0], height_px=size[1])


@pytest.mark.parametrize(
    ("x_px", "y_px", "inside"),
    [(10, 20, True), (40, 60, True), (25, 40, True), (9.9, 40, False), (40.1, 40, False), (25, 60.1, False)],
)
def test_a_box_contains_its_borders(x_px: float, y_px: float, *, inside: bool) -> None:
    """Points on the border are inside, points beyond it are not."""
    box = Box(x_px=10.0, y_px=20.0, width_px=30.0, height_px=40.0)
    assert box.contains(x_px, y_px) == inside
    assert box.centre == (25.0, 40.0)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_the_confidence_of_a_face_is_a_share(confidence: float) -> None:
    """A confidence outside 0 to 1 is refused."""
    with pytest.raises(ValueError, match="confidence: expected 0 to 1"):
        make_face(confidence=confidence)


@pytest.mark.parametrize("shape", [(5,), (4, 2), (5, 3), (0, 2)])
def test_a_face_has_five_landmarks(shape: tuple[int, ...]) -> None:
    """Another number of landmarks is refused."""
    with pytest.raises(ValueError, match="landmarks: expected"):
        Face(box=make_face().box, landmarks=np.zeros(shape, np.float32), confidence=0.5)


def test_the_eye_distance_is_euclidean() -> None:
    """Eyes 30 px across and 40 px down from each other are 50 px apart."""
    landmarks = np.array([[0, 0], [30, 40], [5, 5], [6, 6], [7, 7]], np.float32)
    assert Face(box=make_face().box, landmarks=landmarks, confidence=0.5).inter_eye_px == 50.0


def test_faces_with_like_arrays_are_not_called_equal() -> None:
    """Values that hold arrays compare by identity, so that no comparison of arrays is ever ambiguous."""
    assert make_face() != make_face()


@pytest.mark.parametrize("vector", [np.zeros(128, np.float32), unit(1).astype(np.float64), unit(1)[None]])
def test_embeddings_and_references_are_unit_vectors(vector: Any) -> None:
    """A probe and a reference refuse what is no float32 vector of length one."""
    with pytest.raises(ValueError, match="embedding: expected"):
        make_probe(vector)
    with pytest.raises(ValueError, match="vector: expected"):
        _reference(vector=vector)


def test_a_probe_does_not_follow_the_array_it_was_made_from() -> None:
    """Changing the maker's array changes no probe, and wiping the probe does not touch the maker's array."""
    array = unit(1)
    probe = make_probe(array)
    kept = array.copy()
    array[:] = 0.5
    np.testing.assert_array_equal(kept, probe.embedding)
    probe.wipe()
    assert not probe.embedding.any()
    assert bool((array == 0.5).all())


@pytest.mark.parametrize(
    ("make", "secret"),
    [
        (lambda: make_probe(unit_vector("v", np.array([0.6, 0.8], np.float32))), "0.6"),
        (lambda: _reference(vector=np.array([0.6, 0.8], np.float32)), "0.6"),
        (lambda: make_person("Ada Lovelace")[0], "Ada"),
        (lambda: make_frame(np.full((2, 2, 3), 173, np.uint8)), "173"),
        (lambda: make_face(x_px=1234.0), "array"),
    ],
    ids=["probe", "reference", "subject", "frame", "face"],
)
def test_what_is_private_is_not_in_the_repr(make: Callable[[], object], secret: str) -> None:
    """Embeddings, templates, names and pixels do not appear when a value is printed."""
    assert secret not in repr(make())


@pytest.mark.parametrize("mapped", [-1, 101, 1000])
def test_a_mapped_value_runs_from_0_to_100(mapped: int) -> None:
    """A component outside the range is refused, and so is a unified score."""
    with pytest.raises(ValueError, match="mapped: expected 0 to 100"):
        Assessed(native=1.0, mapped=mapped)
    with pytest.raises(ValueError, match="unified: expected 0 to 100"):
        Quality(components=_ALL, unified=mapped)


@pytest.mark.parametrize(
    "components",
    [(), _ALL[:-1], _ALL + _ALL[:1], _ALL[::-1], (_ALL[0], *_ALL[:-1])],
    ids=["none", "one missing", "one twice at the end", "another order", "one instead of another"],
)
def test_quality_has_every_measure_once(components: tuple[tuple[QualityMeasure, Assessment], ...]) -> None:
    """A quality with a missing, doubled or misplaced component is refused."""
    with pytest.raises(ValueError, match="components: expected every QualityMeasure once, in order"):
        Quality(components=components, unified=50)


def test_a_component_is_found_by_its_measure() -> None:
    """Indexing gives the assessment of that measure."""
    components = tuple((m, Assessed(native=0.0, mapped=i)) for i, m in enumerate(QualityMeasure))
    quality = Quality(components=components, unified=50)
    assert [quality[measure] for measure in QualityMeasure] == [a for _, a in components]


@pytest.mark.parametrize("answer", [Grant, Deny, Refer])
def test_every_decision_has_a_reason(answer: Callable[..., Decision]) -> None:
    """Neither a grant nor a denial nor a referral stands without a reason."""
    with pytest.raises(ValueError, match="reasons: expected at least one"):
        answer(reasons=(), policy_version="1", evidence_id="e")
    assert answer(reasons=(Reason.NO_FACE,), policy_version="1", evidence_id="e").reasons == (Reason.NO_FACE,)


@pytest.mark.parametrize("answer", [Grant, Deny, Refer])
def test_a_decision_has_no_truth_value_of_its_own(answer: type) -> None:
    """``if decision:`` says nothing: the classes define neither ``__bool__`` nor ``__len__``."""
    assert not hasattr(answer, "__bool__")
    assert not hasattr(answer, "__len__")


@pytest.mark.parametrize(
    ("offset", "live"),
    [
        (timedelta(microseconds=-1), False),
        (timedelta(0), True),
        (timedelta(days=1) - timedelta(microseconds=1), True),
        (timedelta(days=1), False),
        (timedelta(days=2), False),
    ],
)
def test_an_agreement_holds_from_its_moment_until_just_before_its_end(offset: timedelta, *, live: bool) -> None:
    """It is live when given and no longer at the moment it expires."""
    agreement = make_agreement(days=1)
    assert agreement.is_live(at=NOON + offset) == live


def test_an_agreement_holds_whatever_the_zone_of_the_clock() -> None:
    """The same moment told in another zone gives the same answer."""
    agreement = make_agreement(days=1)
    moment = (NOON + timedelta(hours=1)).astimezone(UTC)
    assert agreement.is_live(at=moment)


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.2, -0.1, -0.1), (0.0, 0.0, 0.0)])
def test_mask_probabilities_sum_to_one(shares: tuple[float, float, float]) -> None:
    """Anything but three probabilities is refused."""
    none, incorrect, worn = shares
    with pytest.raises(ValueError, match="probabilities"):
        MaskSeen(state=MaskState.UNSURE, none=none, incorrect=incorrect, worn=worn)


@pytest.mark.parametrize(("worn", "masked"), [(0.9, True), (0.51, True), (0.5, False), (0.1, False)])
def test_likelier_masked_than_not_is_compared_as_masked(worn: float, masked: bool) -> None:  # noqa: FBT001
    """The comparison follows the probability, the rules follow the state."""
    seen = MaskSeen(state=MaskState.UNSURE, none=1.0 - worn, incorrect=0.0, worn=worn)
    assert seen.covers_nose_and_mouth is masked
