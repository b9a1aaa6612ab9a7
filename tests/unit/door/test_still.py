"""A wall that has not changed is not searched again at once; whatever could be a face is a change."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.frame import Frame, SourceKind
from limen.door.still import Still
from support.clock import NOON

_STEP = timedelta(milliseconds=200)


def _frame(pixels: NDArray[np.uint8], *, steps: int = 1) -> Frame:
    return Frame(pixels=pixels, captured_at=NOON + steps * _STEP, source="test", kind=SourceKind.BROWSER)


def _wall(*, seed: int = 1) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, 3, (360, 640, 3))
    return np.clip(128 + noise, 0, 255).astype(np.uint8)


def _watching() -> Still:
    still = Still()
    still.searched(_frame(_wall(), steps=0), found=False)
    return still


def test_noise_is_no_change() -> None:
    """The same wall through a camera's noise is still; before anything was searched, nothing is."""
    assert _watching().is_still(_frame(_wall(seed=2)))
    assert not Still().is_still(_frame(_wall()))


@pytest.mark.parametrize(("top", "left"), [(0, 0), (130, 280), (260, 560)])
def test_the_smallest_face_that_takes_part_is_a_change(top: int, left: int) -> None:
    """Eyes 36 pixels apart, anywhere in the picture, a little lighter than the wall."""
    pixels = _wall(seed=2)
    pixels[top : top + 100, left : left + 80] += 24
    assert not _watching().is_still(_frame(pixels))


def test_a_wall_is_searched_every_second_and_whenever_the_camera_changes() -> None:
    """A second later, at another size, or by a clock that jumped back, nothing is taken for still."""
    still = _watching()
    assert not still.is_still(_frame(_wall(), steps=5))
    assert not still.is_still(_frame(_wall(), steps=-1))
    assert not still.is_still(_frame(np.zeros((240, 320, 3), dtype=np.uint8)))


def test_after_somebody_was_found_every_frame_is_searched() -> None:
    """Nothing of a picture with somebody in it is kept."""
    still = _watching()
    still.searched(_frame(_wall()), found=True)
    assert not still.is_still(_frame(_wall(), steps=2))
    assert still._empty is None
