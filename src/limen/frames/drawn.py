"""Drawn faces: nobody's. They stand in where no picture of a person should be, in demos, tests and documents.

A face is a seed and a few ovals; the detector takes it for a face and the embedding tells two of them apart when they
differ enough. ``PERSON`` and ``STRANGER`` were chosen to. Nothing about real people can be learnt from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["PERSON", "STRANGER", "DrawnFace", "draw_face"]

_Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFace:
    """How to draw one face. Lengths are shares of the picture's side, colours BGR.

    Attributes:
        skin, hair, lips, eyes: colours.
        width, height: half axes of the face.
        eye_gap: half the distance between the eyes.
        eye_line: height of the eyes, from the top.
        nose_length, nose_width: of the nose.
        mouth_drop, mouth_width: mouth below the nose, and half its width.
        glasses, beard: extras.
    """

    skin: _Colour
    hair: _Colour
    lips: _Colour
    eyes: _Colour
    width: float
    height: float
    eye_gap: float
    eye_line: float
    nose_length: float
    nose_width: float
    mouth_drop: float
    mouth_width: float
    glasses: bool = False
    beard: bool = False


PERSON = DrawnFace(
    skin=(90, 125, 180),
    hair=(30, 30, 35),
    lips=(82, 64, 131),
    eyes=(120, 80, 50),
    width=0.167,
    height=0.302,
    eye_gap=0.103,
    eye_line=0.433,
    nose_length=0.128,
    nose_width=0.026,
    mouth_drop=0.073,
    mouth_width=0.048,
)
STRANGER = DrawnFace(
    skin=(90, 125, 180),
    hair=(60, 110, 150),
    lips=(104, 70, 119),
    eyes=(60, 90, 60),
    width=0.176,
    height=0.268,
    eye_gap=0.071,
    eye_line=0.467,
    nose_length=0.136,
    nose_width=0.04,
    mouth_drop=0.056,
    mouth_width=0.088,
    glasses=True,
    beard=True,
)


def draw_face(face: DrawnFace, *, side_px: int = 512, seed: int = 0) -> NDArray[np.uint8]:
    """Draw a face.

    Args:
        face: what it looks like.
        side_px: width and height of the picture, at least 64.
        seed: of the camera noise.

    Returns:
        uint8 (side, side, 3) BGR.
    """
    canvas = _Canvas(side_px)
    _draw_head(canvas, face)
    for side in (-1, 1):
        _draw_eye(canvas, face, side)
    _draw_nose_and_mouth(canvas, face)
    if face.glasses:
        _draw_glasses(canvas, face)
    picture = cv2.GaussianBlur(canvas.pixels, (0, 0), side_px * 0.0023)
    noise = np.random.default_rng(seed).normal(0.0, 3.0, canvas.pixels.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


class _Canvas:
    """Soft ovals on a grey wall; coordinates are shares of the side."""

    def __init__(self, side_px: int) -> None:
        self.side_px = side_px
        self.pixels: NDArray[np.float32] = np.full((side_px, side_px, 3), (210, 205, 200), dtype=np.float32)
        grid = (np.arange(side_px, dtype=np.float32) + 0.5) / side_px
        self.x, self.y = np.meshgrid(grid, grid)

    def oval(  # noqa: PLR0917  centre and half axes
        self, x: float, y: float, half_width: float, half_height: float, *, soft: float = 0.08
    ) -> NDArray[np.float32]:
        """Coverage 0 to 1 of an oval."""
        distance = ((self.x - x) / half_width) ** 2 + ((self.y - y) / half_height) ** 2
        return np.asarray(np.clip((1.0 - distance) / soft + 0.5, 0.0, 1.0), dtype=np.float32)[..., None]

    def put(self, cover: NDArray[np.float32], colour: _Colour | NDArray[np.float32]) -> None:
        """Lay a colour over what is there."""
        self.pixels = self.pixels * (1 - cover) + np.asarray(colour, dtype=np.float32) * cover


def _draw_head(canvas: _Canvas, face: DrawnFace) -> None:
    skin = np.asarray(face.skin, dtype=np.float32)
    canvas.put(canvas.oval(0.5, 0.44, face.width * 1.15, face.height * 1.08), face.hair)
    canvas.put(canvas.oval(0.5, 1.05, 0.36, 0.28), (130, 90, 60))
    canvas.put(canvas.oval(0.5, 0.75, 0.09, 0.14), skin * 0.8)
    head = canvas.oval(0.5, 0.5, face.width, face.height)
    light = np.clip(1.08 - 4.8 * ((canvas.x - 0.45) ** 2 + (canvas.y - 0.42) ** 2), 0.65, 1.1)[..., None]
    shaded = np.asarray(skin * light, dtype=np.float32)
    canvas.put(head, shaded)
    if face.beard:
        chin = canvas.oval(0.5, 0.5 + face.height * 0.62, face.width * 0.92, face.height * 0.5, soft=0.5)
        canvas.put(chin * head * 0.85, (40, 30, 25))


def _draw_eye(canvas: _Canvas, face: DrawnFace, side: int) -> None:
    skin = np.asarray(face.skin, dtype=np.float32)
    x, y = 0.5 + side * face.eye_gap, face.eye_line
    canvas.put(canvas.oval(x, y + 0.005, 0.052, 0.034, soft=1.2) * 0.35, skin * 0.55)
    canvas.put(canvas.oval(x, y, 0.036, 0.018), (240, 238, 235))
    canvas.put(canvas.oval(x, y, 0.017, 0.017), face.eyes)
    canvas.put(canvas.oval(x, y, 0.008, 0.008), (15, 15, 15))
    canvas.put(canvas.oval(x + 0.005, y - 0.005, 0.003, 0.003), (255, 255, 255))
    canvas.put(canvas.oval(x, y - 0.018, 0.04, 0.007), skin * 0.35)
    canvas.put(canvas.oval(x, y - 0.056, 0.05, 0.013), np.asarray(face.hair, dtype=np.float32) * 0.9)


def _draw_nose_and_mouth(canvas: _Canvas, face: DrawnFace) -> None:
    skin = np.asarray(face.skin, dtype=np.float32)
    lips = np.asarray(face.lips, dtype=np.float32)
    middle, tip = face.eye_line + face.nose_length / 2, face.eye_line + face.nose_length
    canvas.put(canvas.oval(0.492, middle, 0.012, face.nose_length / 2, soft=2.0) * 0.35, np.minimum(skin * 1.25, 255))
    canvas.put(canvas.oval(0.522, middle, 0.012, face.nose_length / 2, soft=2.4) * 0.4, skin * 0.6)
    canvas.put(canvas.oval(0.5, tip, face.nose_width, 0.02, soft=1.2) * 0.6, skin * 0.75)
    for side in (-1, 1):
        canvas.put(canvas.oval(0.5 + side * face.nose_width * 0.5, tip + 0.008, 0.009, 0.006), skin * 0.35)
    mouth = tip + face.mouth_drop
    canvas.put(canvas.oval(0.5, mouth, face.mouth_width, 0.013, soft=0.4), lips)
    canvas.put(canvas.oval(0.5, mouth + 0.012, face.mouth_width * 0.8, 0.012, soft=0.8), np.minimum(lips * 1.12, 255))
    canvas.put(canvas.oval(0.5, mouth + 0.003, face.mouth_width * 0.95, 0.003), lips * 0.4)


def _draw_glasses(canvas: _Canvas, face: DrawnFace) -> None:
    for side in (-1, 1):
        x = 0.5 + side * face.eye_gap
        ring = canvas.oval(x, face.eye_line, 0.063, 0.063) - canvas.oval(x, face.eye_line, 0.054, 0.054)
        canvas.put(np.clip(ring, 0, 1), (25, 20, 20))
    gap = face.eye_gap - 0.06
    if gap > 0:
        canvas.put(canvas.oval(0.5, face.eye_line, gap, 0.006), (25, 20, 20))
