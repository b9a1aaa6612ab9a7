"""Codes in frames: the camera that sees a face reads the pass before it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from limen.cards.codes import code_png
from limen.core.base45 import encode
from limen.frames.codes import MOST_CODES, read_codes
from limen.frames.drawn import PERSON
from support.faces import Pixels, drawn, scene
from support.vision import make_frame

_CODE = bytes(range(244))


def _picture(code: bytes, side_px: int) -> Pixels:
    whole = cv2.imdecode(np.frombuffer(code_png(code), np.uint8), cv2.IMREAD_COLOR)
    assert whole is not None
    return np.asarray(cv2.resize(whole, (side_px, side_px), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _wall(*placed: tuple[Pixels, int, int]) -> Pixels:
    wall = scene((1280, 720))
    for picture, x, y in placed:
        wall[y : y + len(picture), x : x + len(picture)] = picture
    return wall


def test_face_and_code_in_one_frame() -> None:
    """A pass held beside a face is read, as the text that stands in it."""
    frame = make_frame(_wall((drawn(PERSON, side_px=400), 60, 100), (_picture(_CODE, 300), 700, 300)))
    assert read_codes(frame) == (encode(_CODE).encode(),)


def test_no_code_is_none() -> None:
    """A frame without a code gives nothing."""
    assert read_codes(make_frame(drawn(PERSON))) == ()


def test_the_largest_comes_first_and_few_are_given() -> None:
    """Of several codes the largest, which is the nearest, comes first; more than four are not handed on."""
    small, large = _picture(b"\xb1small", 120), _picture(b"\xb1large", 260)
    frame = make_frame(_wall((small, 40, 40), (large, 600, 200)))
    assert read_codes(frame) == (encode(b"\xb1large").encode(), encode(b"\xb1small").encode())
    many = make_frame(_wall(*((small, 20 + 150 * place, 40) for place in range(6))))
    assert len(read_codes(many)) == MOST_CODES


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_code_may_be_held_any_way_up(turns: int) -> None:
    """Turned by quarters, it is read as well."""
    frame = make_frame(_wall((np.ascontiguousarray(np.rot90(_picture(_CODE, 320), turns)), 500, 200)))
    assert read_codes(frame) == (encode(_CODE).encode(),)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (3, 3)])
def test_odd_frames_have_no_codes(shape: tuple[int, int]) -> None:
    """Frames too small for any code give nothing and no error."""
    assert read_codes(make_frame(np.zeros((*shape, 3), np.uint8))) == ()
