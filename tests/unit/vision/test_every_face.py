"""Covering looks harder than recognising: small faces by enlarging, and one box for what several looks agree on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limen.bootstrap import face_finder
from limen.core.face import Box
from limen.frames.drawn import PERSON, draw_face
from limen.settings import load_settings
from limen.vision.every_face import EveryFace, _joined


def _box(x: float, size: float = 20.0) -> Box:
    return Box(x_px=x, y_px=0.0, width_px=size, height_px=size)


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> EveryFace:
    """The real detector."""
    return face_finder(load_settings(tmp_path_factory.mktemp("none")))


def test_what_looks_agree_on_is_one_box_that_holds_them_all() -> None:
    """Boxes of one face become the box around them; neighbours, and a small face before a large one, stay apart."""
    (joined,) = _joined([_box(0), _box(5), _box(2, 22)])
    assert (joined.x_px, joined.width_px, joined.height_px) == (0, 25, 22)
    assert len(_joined([_box(0), _box(15)])) == 2
    assert len(_joined([_box(0, 100), _box(40, 20)])) == 2
    assert _joined([]) == ()


def test_a_small_face_is_found_by_enlarging(find: EveryFace) -> None:
    """A drawn face about ten pixels wide is found when the picture may be enlarged, where it lies."""
    scene = np.full((120, 160, 3), (210, 205, 200), np.uint8)
    scene[40:72, 60:92] = draw_face(PERSON, side_px=64)[::2, ::2]
    boxes = find(scene, enlarged_px=4000)
    assert any(box.contains(76, 56) and box.width_px < 25 for box in boxes)
    assert len(find(scene, enlarged_px=100)) <= len(boxes)


def test_five_hundred_faces(find: EveryFace) -> None:
    """A picture of five hundred faces is no trouble: each of them is found."""
    crowd = np.tile(draw_face(PERSON, side_px=48), (20, 25, 1))
    boxes = find(crowd, enlarged_px=1200)
    middles = [(24.0 + 48 * column, 24.0 + 48 * row) for row in range(20) for column in range(25)]
    assert all(any(box.contains(*middle) for box in boxes) for middle in middles)


def test_an_empty_picture_has_nothing_to_cover(find: EveryFace) -> None:
    """A plain wall gives no box."""
    assert find(np.full((200, 300, 3), 128, np.uint8), enlarged_px=4000) == ()


def test_the_embedding_model_is_not_needed(tmp_path: Path) -> None:
    """The finder is made without the embedding model in the cache."""
    settings = load_settings(tmp_path).model_copy(update={"cache": tmp_path / "cache"})
    face_finder(settings)
    assert not [path for path in (tmp_path / "cache").rglob("*") if "sface" in path.name]
