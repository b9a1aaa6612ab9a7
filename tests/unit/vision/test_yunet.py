"""YuNet's raw outputs are read as its authors mean them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.frames.drawn import PERSON, STRANGER
from limen.vision.runtime import OrtNetwork
from limen.vision.yunet import OUTPUTS, STRIDES, decode, suppress
from support.faces import drawn

_SIDE_PX = 64
_WIDTHS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def _silence(pictures: int = 1, side_px: int = _SIDE_PX) -> dict[str, NDArray[np.float32]]:
    """Outputs without any detection."""
    result = {}
    for name in OUTPUTS:
        kind, stride = name.split("_")
        cells = (side_px // int(stride)) ** 2
        result[name] = np.zeros((1, pictures * cells, _WIDTHS[kind]), np.float32)
    return result


def _say(
    outputs: dict[str, NDArray[np.float32]], *, stride: int, cell: int, cls: float = 1.0, obj: float = 1.0
) -> None:
    outputs[f"cls_{stride}"][0, cell] = cls
    outputs[f"obj_{stride}"][0, cell] = obj


def _ordered(outputs: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    return [outputs[name] for name in OUTPUTS]


def _boxes(*rows: tuple[float, float, float, float, float]) -> NDArray[np.float32]:
    """x, y, width, height, confidence -> detections."""
    found = np.zeros((len(rows), 15), np.float32)
    for row, (*box, confidence) in zip(found, rows, strict=True):
        row[:4], row[14] = box, confidence
    return found


def test_silence_is_no_face() -> None:
    """Outputs without an object give an empty array of the right width."""
    (found,) = decode(_ordered(_silence()), pictures=1, width_px=_SIDE_PX, confidence=0.5)
    assert found.shape == (0, 15)


@pytest.mark.parametrize("stride", STRIDES)
def test_a_cell_is_a_place_in_the_picture(stride: int) -> None:
    """Box and landmarks are offsets from the cell's corner in strides; the size is the exponential of the output."""
    columns = _SIDE_PX // stride
    cell = columns + 1
    outputs = _silence()
    _say(outputs, stride=stride, cell=cell, cls=0.9, obj=0.4)
    outputs[f"bbox_{stride}"][0, cell] = [0.5, 0.25, np.log(2.0), np.log(3.0)]
    outputs[f"kps_{stride}"][0, cell] = np.arange(10) / 10
    ((found,),) = decode(_ordered(outputs), pictures=1, width_px=_SIDE_PX, confidence=0.5)
    centre = np.array([1.5, 1.25]) * stride
    size = np.array([2.0, 3.0]) * stride
    points = (np.arange(10).reshape(5, 2) / 10 + 1) * stride
    expected = np.concatenate([centre - size / 2, size, points.ravel(), [np.sqrt(0.36)]])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("cls", "obj", "kept"),
    [(0.7, 0.7, True), (1.0, 0.48, False), (0.48, 1.0, False), (1.7, 0.49, True), (-1, 1, False)],
)
def test_confidence_is_the_geometric_mean_of_two_clipped_shares(cls: float, obj: float, *, kept: bool) -> None:
    """Class and objectness are clipped to 0 to 1 and only their geometric mean counts."""
    outputs = _silence()
    _say(outputs, stride=8, cell=0, cls=cls, obj=obj)
    (found,) = decode(_ordered(outputs), pictures=1, width_px=_SIDE_PX, confidence=0.7 - 1e-6)
    assert (len(found) == 1) == kept


def test_the_best_comes_first_whatever_its_stride() -> None:
    """Detections of all strides are sorted by confidence."""
    outputs = _silence()
    for stride, cls in ((8, 0.6), (16, 0.9), (32, 0.7)):
        _say(outputs, stride=stride, cell=0, cls=cls)
    (found,) = decode(_ordered(outputs), pictures=1, width_px=_SIDE_PX, confidence=0.5)
    np.testing.assert_allclose(found[:, 14], np.sqrt([0.9, 0.7, 0.6]), rtol=1e-6)
    np.testing.assert_allclose(found[:, 2], [16.0, 32.0, 8.0], rtol=1e-6)


def test_hostile_outputs_stay_finite() -> None:
    """A log size of a million is cut off: no infinite box."""
    outputs = _silence()
    _say(outputs, stride=8, cell=0)
    outputs["bbox_8"][0, 0] = [0.0, 0.0, 1e6, -1e6]
    (found,) = decode(_ordered(outputs), pictures=1, width_px=_SIDE_PX, confidence=0.5)
    assert np.isfinite(found).all()
    assert (found[:, 2:4] > 0).all()


def test_pictures_of_a_batch_are_kept_apart() -> None:
    """What is said about the second picture is not found in the first."""
    outputs = _silence(pictures=3)
    _say(outputs, stride=16, cell=16 + 5)
    found = decode(_ordered(outputs), pictures=3, width_px=_SIDE_PX, confidence=0.5)
    assert [len(one) for one in found] == [0, 1, 0]
    np.testing.assert_allclose(found[1][0, :2] + found[1][0, 2:4] / 2, [16.0, 16.0])


def test_a_batch_gives_what_single_runs_give(detector_network: OrtNetwork) -> None:
    """The real network on three pictures at once and one by one finds the same faces, to a hundredth of a pixel."""
    pictures = [drawn(who, side_px=128).transpose(2, 0, 1) for who in (PERSON, STRANGER)]
    batch = np.stack([*pictures, np.zeros_like(pictures[0])]).astype(np.float32)
    together = decode(detector_network.run(batch), pictures=3, width_px=128, confidence=0.5)
    assert [len(one) > 0 for one in together] == [True, True, False]
    for one, of_batch in zip(batch, together, strict=True):
        (alone,) = decode(detector_network.run(one[None]), pictures=1, width_px=128, confidence=0.5)
        np.testing.assert_allclose(of_batch, alone, atol=0.01)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([], []),
        ([(0, 0, 10, 10, 0.9)], [0.9]),
        ([(0, 0, 10, 10, 0.9), (0, 0, 10, 10, 0.8), (0, 0, 10, 10, 0.7)], [0.9]),
        ([(0, 0, 10, 10, 0.9), (4, 0, 10, 10, 0.8)], [0.9]),
        ([(0, 0, 10, 10, 0.9), (6, 0, 10, 10, 0.8)], [0.9, 0.8]),
        ([(0, 0, 10, 10, 0.9), (100, 0, 10, 10, 0.8), (1, 0, 10, 10, 0.7), (101, 0, 10, 10, 0.6)], [0.9, 0.8]),
        ([(-5, -5, 10, 10, 0.9), (-4, -5, 10, 10, 0.8)], [0.9]),
    ],
    ids=["none", "one", "same", "overlap 0.43", "overlap 0.25", "two groups", "beyond the border"],
)
def test_of_boxes_that_overlap_the_best_is_kept(
    rows: list[tuple[float, float, float, float, float]], kept: list[float]
) -> None:
    """Of each group with more than 0.3 intersection over union one is left, best first."""
    np.testing.assert_allclose(suppress(_boxes(*rows), overlap=0.3)[:, 14], np.array(kept), rtol=1e-6)
