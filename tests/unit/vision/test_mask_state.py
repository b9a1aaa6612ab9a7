"""The mask state: three probabilities, one of four answers, and the same for a mirrored picture."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.probe import MaskSeen, MaskState
from limen.frames.bundled import ASTRONAUT, GRACE_HOPPER, BundledPicture
from limen.frames.drawn import PERSON
from limen.frames.pictures import read_picture
from limen.vision.drawn_masks import ENROLMENT_MASKS, Wearing, draw_mask, random_mask
from limen.vision.mask_state import SIDE_PX, MaskNetwork, mask_crop
from limen.vision.recogniser import Recogniser
from support.faces import Pixels, drawn, landmarks_of
from support.vision import make_frame

AT = datetime(2026, 11, 23, tzinfo=UTC)


class _Says:
    """A network that answers every view with the same probabilities."""

    def __init__(self, *probabilities: float) -> None:
        self._row = np.array(probabilities, dtype=np.float32)
        self.shapes: list[tuple[int, ...]] = []

    def run(self, batch: NDArray[np.float32], /) -> list[NDArray[np.float32]]:
        """See the class."""
        self.shapes.append(batch.shape)
        return [np.tile(self._row, (len(batch), 1))]


@pytest.mark.parametrize(
    ("probabilities", "state"),
    [
        ((0.9, 0.05, 0.05), MaskState.NONE),
        ((0.1, 0.8, 0.1), MaskState.INCORRECT),
        ((0.0, 0.1, 0.9), MaskState.WORN),
        ((0.45, 0.1, 0.45), MaskState.UNSURE),
        ((0.34, 0.33, 0.33), MaskState.UNSURE),
    ],
)
def test_what_is_not_likely_enough_is_unsure(probabilities: tuple[float, float, float], state: MaskState) -> None:
    """The likeliest state counts if it is at least as likely as not."""
    (seen,) = MaskNetwork(_Says(*probabilities)).assess([np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)])
    assert seen.state is state
    assert (seen.none, seen.incorrect, seen.worn) == pytest.approx(probabilities)


def test_no_faces_ask_nothing() -> None:
    """Without crops the network is not run."""
    network = _Says(1.0, 0.0, 0.0)
    assert MaskNetwork(network).assess([]) == ()
    assert network.shapes == []


def test_every_crop_is_looked_at_twice() -> None:
    """As it is and mirrored, all in one batch."""
    network = _Says(1.0, 0.0, 0.0)
    MaskNetwork(network).assess([np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)] * 3)
    assert network.shapes == [(6, 3, SIDE_PX, SIDE_PX)]


def test_the_crop_goes_on_where_the_picture_ends() -> None:
    """A face cut at the chin gets no black edge below it."""
    crop = mask_crop(np.full((512, 512, 3), 200, np.uint8)[:320], landmarks_of(PERSON))
    assert crop.shape == (SIDE_PX, SIDE_PX, 3)
    assert int(crop.min()) == 200


def _picture(picture: BundledPicture) -> Frame:
    path = picture.locate()
    if path is None:
        pytest.skip(f"the package {picture.package}, which carries the picture, is not installed")
    return read_picture(path, at=AT)


def _largest(vision: Recogniser, frame: Frame) -> Face:
    face = max(vision.detect(frame), key=lambda found: found.box.width_px)
    return vision.steadied(frame, face)


def _seen(vision: Recogniser, pixels: Pixels, face: Face) -> MaskSeen:
    ((_, _, mask),) = vision.assess_quality(make_frame(pixels), [face])
    assert isinstance(mask, MaskSeen)
    return mask


@pytest.mark.parametrize("picture", [ASTRONAUT, GRACE_HOPPER], ids=["astronaut", "grace_hopper"])
def test_package_pictures_bare_and_masked(recogniser: Recogniser, picture: BundledPicture) -> None:
    """Bare is none, four usual masks are worn, and masks below the nose are not."""
    frame = _picture(picture)
    face = _largest(recogniser, frame)
    assert _seen(recogniser, frame.pixels, face).state is MaskState.NONE
    for mask in ENROLMENT_MASKS:
        masked = draw_mask(frame.pixels, face.landmarks, mask, rng=np.random.default_rng(0))
        assert _seen(recogniser, masked, face).state is MaskState.WORN
    rng = np.random.default_rng(1)
    states = [
        _seen(recogniser, draw_mask(frame.pixels, face.landmarks, mask, rng=rng), face).state
        for mask in (random_mask(rng, wearing=Wearing.BELOW_NOSE) for _ in range(10))
    ]
    assert states.count(MaskState.INCORRECT) >= 8


def test_a_mirrored_crop_is_seen_alike(recogniser: Recogniser) -> None:
    """Left and right make no difference beyond rounding."""
    bare = drawn(PERSON)
    masked = draw_mask(bare, landmarks_of(PERSON), ENROLMENT_MASKS[0], rng=np.random.default_rng(0))
    crop = mask_crop(masked, landmarks_of(PERSON))
    network = recogniser.mask_network
    (one,), (other,) = network.assess([crop]), network.assess([np.ascontiguousarray(crop[:, ::-1])])
    assert (one.none, one.incorrect, one.worn) == pytest.approx((other.none, other.incorrect, other.worn), abs=1e-5)
