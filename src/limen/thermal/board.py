"""A warmed board of printed markers before both cameras -> how the cameras stand to each other.

Print a grid of ArUco markers on thick paper, warm it with a lamp (black ink takes more heat than white paper, so the
markers show in the infrared too), and take at least four pairs of pictures at the distances people will stand at, the
board turned differently each time. Lenses are taken as free of distortion, with their axis in the middle of the image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.thermal.registration import Rig

__all__ = ["Board", "BoardView", "Calibrated", "Lens", "find_markers", "rig_from_boards"]

LEAST_VIEWS = 3
_LEAST_MARKERS = 4
_UPSCALE = 2.0
_TURN_SPREAD, _APART_SPREAD_M = 0.1, 0.05
_STEPS, _DELTA, _ENOUGH = 60, 1e-6, 1e-6
_CAMERAS = 8
_ADVICE = (
    "take more pairs, with the whole board in both, at the distances people stand at and turned differently; "
    "warm the board evenly"
)

Corners = Mapping[int, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A printed grid of markers.

    Attributes:
        columns, rows: of markers.
        marker_m: side of a marker.
        gap_m: between markers.
        first_id: of the top left one; they count along rows.
        dictionary: OpenCV's number of the dictionary; 16 is ARUCO_ORIGINAL.
    """

    columns: int = 3
    rows: int = 4
    marker_m: float = 0.045
    gap_m: float = 0.0177
    first_id: int = 1
    dictionary: int = cv2.aruco.DICT_ARUCO_ORIGINAL

    def corners_m(self, marker: int) -> NDArray[np.float64]:
        """float64 (4, 3): the corners of a marker on the board, clockwise from its top left."""
        row, column = divmod(marker - self.first_id, self.columns)
        start = np.array([column, row], dtype=np.float64) * (self.marker_m + self.gap_m)
        square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]) * self.marker_m
        return np.asarray(np.c_[start + square, np.zeros(4)])

    def has(self, marker: int) -> bool:
        """Whether a number is one of the board's."""
        return 0 <= marker - self.first_id < self.columns * self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What is known of a camera before.

    Attributes:
        size_px: (width, height) of its images.
        view_deg: horizontal angle of view, from the data sheet.
        spread: standard deviation of the focal length, as a share of it.
    """

    size_px: tuple[int, int]
    view_deg: float
    spread: float = 0.05

    def matrix(self, longer: float = 1.0) -> NDArray[np.float64]:
        """float64 (3, 3): the pinhole matrix, axis in the middle, of a focal length so many times the sheet's."""
        width, height = self.size_px
        focal = longer * width / (2.0 * np.tan(np.radians(self.view_deg) / 2.0))
        return np.array([[focal, 0.0, (width - 1) / 2.0], [0.0, focal, (height - 1) / 2.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoardView:
    """The corners that both cameras see of one position: marker -> float64 (4, 2), pixels.

    Attributes:
        name: for errors.
        visible, thermal: by marker number.
    """

    name: str
    visible: Corners = field(repr=False)
    thermal: Corners = field(repr=False)

    def common(self, board: Board) -> list[int]:
        """Markers of the board that both see."""
        return sorted(marker for marker in self.visible.keys() & self.thermal.keys() if board.has(marker))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibrated:
    """A rig and how well it foretells.

    Attributes:
        rig: the cameras.
        rms_px: error on the views it was made from, thermal pixels.
        left_out_px: by view, error of a rig made from the others; None where they would be too few.
    """

    rig: Rig
    rms_px: float
    left_out_px: Mapping[str, float | None]


def find_markers(pixels: NDArray[np.uint8], board: Board) -> dict[int, NDArray[np.float64]]:
    """Find a board's markers in a picture, dark on light or light on dark.

    Args:
        pixels: uint8 (H, W) or (H, W, 3).
        board: whose markers.

    Returns:
        Marker -> float64 (4, 2), clockwise from its top left.
    """
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)  # noqa: PLR2004 - no colours
    large = np.asarray(cv2.resize(grey, None, fx=_UPSCALE, fy=_UPSCALE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.adaptiveThreshWinSizeMax, settings.adaptiveThreshWinSizeStep = 83, 10
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(board.dictionary), settings)
    return max((_markers(detector, picture, board) for picture in (large, 255 - large)), key=len)


def _markers(
    detector: cv2.aruco.ArucoDetector, large: NDArray[np.uint8], board: Board
) -> dict[int, NDArray[np.float64]]:
    found, numbers, _ = detector.detectMarkers(large)
    if numbers is None:
        return {}
    return {
        int(number): (np.asarray(corners, dtype=np.float64).reshape(4, 2) + 0.5) / _UPSCALE - 0.5
        for number, corners in zip(numbers.ravel(), found, strict=True)
        if board.has(int(number))
    }


def rig_from_boards(
    views: Sequence[BoardView],
    board: Board,
    *,
    visible: Lens,
    thermal: Lens,
) -> Calibrated:
    """Fit both cameras and their relative pose.

    Args:
        views: positions of the board.
        board: what was printed.
        visible: the colour camera.
        thermal: the thermal camera.

    Raises:
        CaptureError: too few views, or too few markers in them; says what to do.
    """
    usable = [view for view in views if len(view.common(board)) >= _LEAST_MARKERS]
    if len(usable) < LEAST_VIEWS:
        seen = ", ".join(f"{view.name}: {len(view.common(board))}" for view in views) or "none"
        raise CaptureError(
            f"calibration: {len(usable)} usable views of the board, expected {LEAST_VIEWS} (markers in both: {seen})",
            advice=_ADVICE,
        )
    lenses = (visible, thermal)
    values = _fit(usable, board, lenses, start=np.zeros(_CAMERAS))
    rig = _rig(values, lenses)
    left_out: dict[str, float | None] = {}
    for view in usable:
        others = [other for other in usable if other is not view]
        left_out[view.name] = None
        if len(others) >= LEAST_VIEWS:
            left_out[view.name] = _error(_rig(_fit(others, board, lenses, start=values), lenses), view, board)
    squares = [_error(rig, view, board) ** 2 for view in usable]
    return Calibrated(rig=rig, rms_px=float(np.sqrt(np.mean(squares))), left_out_px=left_out)


def _fit(
    views: Sequence[BoardView], board: Board, lenses: tuple[Lens, Lens], *, start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least squares over focal lengths, the relative pose and every board's place, by Levenberg and Marquardt.

    Boards that stand about as people do hardly tell a longer lens from a nearer board; what is known before (the data
    sheets' angles, cameras side by side that look the same way) decides what they leave open.

    Args:
        views: all with enough markers.
        board: what was printed.
        lenses: of the colour and of the thermal camera.
        start: where to begin, of the kind that is returned.

    Returns:
        float64 (8,), as ``_rig`` takes it.
    """
    seen = [_Seen(view, board) for view in views]
    first, matrix = [*start], _rig(start, lenses).visible_matrix
    for view in seen:
        _, turn, place = cv2.solvePnP(view.points, view.visible, matrix, np.zeros(5))
        first += [*np.asarray(turn).ravel(), *np.asarray(place).ravel()]
    spreads = np.array([*(lens.spread for lens in lenses), *[_TURN_SPREAD] * 3, *[_APART_SPREAD_M] * 3])

    def residuals(values: NDArray[np.float64]) -> NDArray[np.float64]:
        rig = _rig(values, lenses)
        parts = [values[:_CAMERAS] / spreads]
        for number, view in enumerate(seen):
            pose = values[_CAMERAS + 6 * number : _CAMERAS + 6 + 6 * number]
            space = view.points @ np.asarray(cv2.Rodrigues(pose[:3])[0]).T + pose[3:]
            parts.append((_project(space, rig.visible_matrix) - view.visible).ravel())
            parts.append(
                (_project(space @ rig.rotation.T + rig.translation_m, rig.thermal_matrix) - view.thermal).ravel()
            )
        return np.concatenate(parts)

    return _least_squares(residuals, np.array(first))[:_CAMERAS]


def _rig(values: NDArray[np.float64], lenses: tuple[Lens, Lens]) -> Rig:
    return Rig(
        visible_matrix=lenses[0].matrix(float(np.exp(values[0]))),
        thermal_matrix=lenses[1].matrix(float(np.exp(values[1]))),
        rotation=np.asarray(cv2.Rodrigues(values[2:5])[0], dtype=np.float64),
        translation_m=values[5:8].copy(),
        visible_size_px=lenses[0].size_px,
        thermal_size_px=lenses[1].size_px,
    )


def _least_squares(
    residuals: Callable[[NDArray[np.float64]], NDArray[np.float64]], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    damping, now = 1e-3, residuals(values)
    for _ in range(_STEPS):
        slopes = np.stack([(residuals(values + step) - now) / _DELTA for step in np.eye(len(values)) * _DELTA], axis=1)
        square, pull = slopes.T @ slopes, slopes.T @ now
        moved = values - np.linalg.solve(square + damping * np.diag(np.diag(square)), pull)
        then = residuals(moved)
        if then @ then < now @ now:
            done = (now @ now - then @ then) < _ENOUGH * (now @ now)
            values, now, damping = moved, then, damping / 3.0
            if done:
                break
        else:
            damping *= 5.0
    return values


def _project(space: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = space @ matrix.T
    return np.asarray(seen[:, :2] / seen[:, 2:])


class _Seen:
    """The common corners of a view as arrays: points on the board, and both images."""

    def __init__(self, view: BoardView, board: Board) -> None:
        common = view.common(board)
        self.points = np.concatenate([board.corners_m(marker) for marker in common])
        self.visible = np.concatenate([view.visible[marker] for marker in common])
        self.thermal = np.concatenate([view.thermal[marker] for marker in common])


def _error(rig: Rig, view: BoardView, board: Board) -> float:
    """Root mean square of thermal pixels, the board's place taken from the colour image alone."""
    seen = _Seen(view, board)
    _, turn, place = cv2.solvePnP(seen.points, seen.visible, rig.visible_matrix, np.zeros(5))
    space = seen.points @ np.asarray(cv2.Rodrigues(turn)[0]).T + np.asarray(place).ravel()
    away = _project(space @ rig.rotation.T + rig.translation_m, rig.thermal_matrix) - seen.thermal
    return float(np.sqrt((away**2).sum(axis=1).mean()))
