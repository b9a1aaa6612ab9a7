"""Faces -> many views of each: drawn masks, other things before the face, and the ways pictures at doors differ."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import DETECTOR, known_models
from limen.core.face import Box
from limen.core.face import Face as CoreFace
from limen.core.frame import Frame
from limen.evaluation.pictures import PictureSet
from limen.frames.bundled import ASTRONAUT, GRACE_HOPPER
from limen.frames.pictures import decode_picture, read_picture
from limen.settings import load_settings
from limen.vision.align import LANDMARK_PLACES, similarity_transform, warp
from limen.vision.detect import PICTURES, Detector
from limen.vision.drawn_masks import Wearing, draw_mask, random_mask
from limen.vision.landmarks import refine_landmarks
from limen.vision.mask_state import mask_crop
from limen.vision.runtime import OrtNetwork, Workers
from limen.vision.weights import load_graph
from limen.vision.yunet import OUTPUTS

__all__ = ["COVERED", "Face", "FaceFinder", "View", "calibration_crops", "faces_of", "package_faces", "training_views"]

COVERED = "covered"
AT = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_EYES_PX = 8.0
_OVERLAP = 0.35
_REAL_CLOTH = 0.45
_NONE, _INCORRECT, _WORN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_BARE_KINDS = (
    ("none", None, _NONE, 0.32),
    ("worn", Wearing.WORN, _WORN, 0.22),
    ("incorrect", Wearing.BELOW_NOSE, _INCORRECT, 0.19),
    ("incorrect, low", Wearing.BELOW_MOUTH, _INCORRECT, 0.11),
    ("none with something before it", None, (0.9, 0.05, 0.05), 0.11),
    (COVERED, None, (0.34, 0.32, 0.34), 0.05),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Face:
    """One face of a picture, cut out with room around it."""

    picture: str
    pixels: NDArray[np.uint8] = field(repr=False)
    landmarks: NDArray[np.float32] = field(repr=False)
    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """One training example; the crop is made when asked for."""

    face: Face
    kind: str
    wearing: Wearing | None
    target: tuple[float, float, float]
    seed: tuple[int, ...]
    donor: Face | None = None

    @property
    def picture(self) -> str:
        """The picture it comes from: views of one are never on both sides of a split."""
        return self.face.picture

    def crop(self) -> NDArray[np.uint8]:
        """What the network sees: uint8 (64, 64, 3) BGR."""
        rng = np.random.default_rng(self.seed)
        pixels, landmarks = self.face.pixels, self.face.landmarks
        if self.wearing is not None:
            cloth = None if self.donor is None else _cloth(self.donor, rng)
            pixels = draw_mask(pixels, landmarks, random_mask(rng, wearing=self.wearing), rng=rng, cloth=cloth)
        if self.kind == COVERED:
            pixels = _hung_before(pixels, landmarks, rng)
        elif self.kind.startswith("none with"):
            pixels = _held_before(pixels, landmarks, rng)
        return _varied(pixels, landmarks, rng)


class FaceFinder:
    """The shipped detector with steadied landmarks."""

    def __init__(self) -> None:
        settings = load_settings()
        graph = load_graph(known_models(settings)[DETECTOR][0], cache=settings.cache)
        self._network = OrtNetwork(graph, name=DETECTOR, outputs=OUTPUTS)
        self._detector = Detector(self._network, workers=Workers(1), options=PICTURES)

    def found(self, frame: Frame) -> list[tuple[CoreFace, NDArray[np.float32]]]:
        """Faces of a frame, most confident first, with their landmarks."""
        faces = self._detector.detect(frame.pixels)
        return [(face, refine_landmarks(self._network, frame.pixels, face.landmarks)) for face in faces]


def training_views(face: Face, *, count: int, donors: Sequence[Face], rng: np.random.Generator) -> list[View]:
    """Views of one face: a labelled face with a mask as it is, a bare one with everything drawn on it.

    Args:
        face: the face.
        count: how many views.
        donors: faces with a mask, whose cloth some of the drawn masks are made of.
        rng: decides.
    """
    views = []
    for _ in range(count):
        seed = tuple(int(value) for value in rng.integers(0, 2**31, 3))
        if face.label == "with_mask":
            views.append(View(face=face, kind="worn real", wearing=None, target=_WORN, seed=seed))
        elif face.label == "worn_wrong":
            views.append(View(face=face, kind="incorrect real", wearing=None, target=_INCORRECT, seed=seed))
        else:
            place = int(rng.choice(len(_BARE_KINDS), p=[share for *_, share in _BARE_KINDS]))
            kind, wearing, target, _ = _BARE_KINDS[place]
            real_cloth = wearing is not None and rng.random() < _REAL_CLOTH
            donor = donors[int(rng.integers(len(donors)))] if real_cloth else None
            views.append(View(face=face, kind=kind, wearing=wearing, target=target, seed=seed, donor=donor))
    return views


def faces_of(pictures: PictureSet, boxes: Path, finder: FaceFinder) -> list[Face]:
    """Faces that the detector finds where a labelled box is, large enough to tell anything."""
    labelled = defaultdict(list)
    with boxes.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            corners = [float(row[key]) for key in ("xmin", "ymin", "xmax", "ymax")]
            labelled[row["file"]].append((corners, row["label"]))
    faces = []
    for name, content in pictures.read(sorted(labelled)):
        frame = decode_picture(content, name=name, at=AT)
        for face, landmarks in finder.found(frame):
            overlap, label = max((_iou(face.box, corners), label) for corners, label in labelled[name])
            if overlap > _OVERLAP and float(np.linalg.norm(landmarks[0] - landmarks[1])) >= LEAST_EYES_PX:
                faces.append(_cut_out(name, frame, landmarks, label=label))
    return faces


def package_faces(finder: FaceFinder) -> list[Face]:
    """Bare faces of pictures that installed packages carry."""
    faces = []
    for picture in (ASTRONAUT, GRACE_HOPPER):
        path = picture.locate()
        if path is None:
            raise SystemExit(f"the package {picture.package} is not installed: pip install '.[demo]'")
        frame = read_picture(path, at=AT)
        _, landmarks = finder.found(frame)[0]
        faces.append(_cut_out(picture.path, frame, landmarks, label="without_mask"))
    return faces


def calibration_crops(
    pictures: PictureSet, finder: FaceFinder, *, seed: int, count: int = 900
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Portraits as they are, with a mask under the nose and with one worn rightly.

    Returns:
        uint8 (n, 3, 64, 64) BGR and int64 (n,), the true state: 0 none, 1 incorrect, 2 worn.
    """
    names = pictures.names()
    crops, states = [], []
    for number, (name, content) in enumerate(pictures.read(names[:: max(1, len(names) // count)])):
        frame = decode_picture(content, name=name, at=AT)
        found = finder.found(frame)
        if not found:
            continue
        landmarks, rng = found[0][1], np.random.default_rng([seed, number])
        for state, wearing in enumerate((None, Wearing.BELOW_NOSE, Wearing.WORN)):
            mask = None if wearing is None else random_mask(rng, wearing=wearing)
            pixels = frame.pixels if mask is None else draw_mask(frame.pixels, landmarks, mask, rng=rng)
            crops.append(mask_crop(pixels, landmarks).transpose(2, 0, 1))
            states.append(state)
    return np.stack(crops), np.array(states)


def _cut_out(name: str, frame: Frame, landmarks: NDArray[np.float32], *, label: str) -> Face:
    """The face with two eye distances of room, at most 60 pixels between the eyes."""
    eyes = float(np.linalg.norm(landmarks[0] - landmarks[1]))
    middle, room = landmarks.mean(axis=0), 3.2 * max(eyes, 0.6 * float(np.linalg.norm(landmarks[0] - landmarks[3])))
    low = np.maximum(np.floor(middle - room), 0).astype(int)
    high = np.minimum(np.ceil(middle + room), (frame.width_px, frame.height_px)).astype(int)
    pixels, moved = frame.pixels[low[1] : high[1], low[0] : high[0]], landmarks - low
    scale = min(1.0, 60.0 / eyes)
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Face(picture=name, pixels=small, landmarks=np.asarray(moved * scale, np.float32), label=label)


def _iou(box: Box, corners: list[float]) -> float:
    x0, y0 = max(box.x_px, corners[0]), max(box.y_px, corners[1])
    x1 = min(box.x_px + box.width_px, corners[2])
    y1 = min(box.y_px + box.height_px, corners[3])
    shared = max(0.0, x1 - x0) * max(0.0, y1 - y0)
    full = box.width_px * box.height_px + (corners[2] - corners[0]) * (corners[3] - corners[1])
    return shared / (full - shared)


def _cloth(donor: Face, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The cloth of a mask that somebody wears: the middle of the lower face."""
    canvas = warp(donor.pixels, similarity_transform(donor.landmarks, LANDMARK_PLACES), side_px=112)
    top, side = int(rng.integers(66, 74)), int(rng.integers(28, 36))
    return canvas[top:110, side : 112 - side]


def _held_before(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A blob or bar over some of the lower face: what people hold, eat, drink and speak into, and rough dark cheeks."""
    to_frame = similarity_transform(landmarks, LANDMARK_PLACES)
    back = cv2.invertAffineTransform(to_frame)
    canvas = np.zeros((112, 112), np.uint8)
    centre = (int(rng.integers(30, 84)), int(rng.integers(84, 112)))
    if rng.random() < 0.6:
        axes = (int(rng.integers(6, 22)), int(rng.integers(6, 16)))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
    else:
        box = cv2.boxPoints((centre, (int(rng.integers(5, 16)), int(rng.integers(20, 60))), float(rng.uniform(0, 180))))
        cv2.fillPoly(canvas, [box.astype(np.int32)], 255)
    skin = pixels[tuple(landmarks[2].astype(int)[::-1].clip(0, np.array(pixels.shape[:2]) - 1))].astype(float)
    colour = skin * rng.uniform(0.6, 1.1) if rng.random() < 0.5 else rng.uniform(0, 255, 3)
    alpha = cv2.warpAffine(canvas, back, pixels.shape[1::-1])[..., None] / 255.0
    rough = rng.normal(0, rng.uniform(2, 18), pixels.shape)
    return np.clip(pixels * (1 - alpha) + (colour + rough) * alpha, 0, 255).astype(np.uint8)


def _hung_before(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Cloth over all of the picture below the nose or above it, wider than the face: no mask, and no bare face."""
    to_frame = similarity_transform(landmarks, LANDMARK_PLACES)
    back = cv2.invertAffineTransform(to_frame)
    top = float(rng.uniform(60, 92))
    bend = rng.normal(0, 5, 9)
    edge = np.stack([np.linspace(-60, 172, 9), top + bend], axis=1)
    outline = np.concatenate([edge, [[172, 260], [-60, 260]]]) @ back[:, :2].T + back[:, 2]
    alpha = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(alpha, [np.rint(outline * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    cover = alpha[..., None] / 255.0
    folds = cv2.resize(
        rng.normal(0, 22, (7, 7, 1)).astype(np.float32), pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC
    )
    colour = rng.uniform(10, 240, 3) + folds[..., None] + rng.normal(0, 4, pixels.shape)
    return np.clip(pixels * (1 - cover) + colour * cover, 0, 255).astype(np.uint8)


def _varied(pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
    """One crop under other circumstances: smaller, softer, darker, tinted, compressed, cut, shaky, mirrored."""
    eyes = float(np.linalg.norm(landmarks[0] - landmarks[1]))
    target = float(np.exp(rng.uniform(np.log(11), np.log(max(12.0, eyes)))))
    scale = min(1.0, target / eyes) if rng.random() < 0.6 else 1.0
    size = tuple(max(8, round(side * scale)) for side in pixels.shape[1::-1])
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    points = landmarks * (np.array(size) / pixels.shape[1::-1])
    if rng.random() < 0.25:
        small = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.3, 0.05 * eyes * scale + 0.4)))
    small = 255 * (small / 255) ** np.exp(rng.normal(0, 0.25)) * rng.uniform(0.7, 1.15) * rng.uniform(0.9, 1.1, 3)
    small = np.clip(small + rng.normal(0, rng.uniform(0, 8), small.shape), 0, 255)
    quality = int(rng.integers(35, 96))
    _, packed = cv2.imencode(".jpg", small.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    small = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    if rng.random() < 0.55:
        small, points = _cut(small, points, rng)
    width = float(np.linalg.norm(points[0] - points[1]))
    shaky = points + rng.normal(0, 0.05 * width, (1, 2)) + rng.normal(0, 0.04 * width, points.shape)
    crop = mask_crop(small, shaky.astype(np.float32))
    return np.ascontiguousarray(crop[:, ::-1]) if rng.random() < 0.5 else crop


def _cut(
    pixels: NDArray[np.uint8], points: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The face cut out tightly: somewhere about the chin, the ears and the forehead."""
    width = max(4.0, float(np.linalg.norm(points[0] - points[1])))
    low, high = points.min(axis=0), points.max(axis=0)
    left, up, right, down = (float(width * value) for value in rng.uniform([0.1, 0.2, 0.1, 0.25], [1.0, 1.4, 1.0, 1.3]))
    x0, y0 = int(max(0.0, low[0] - left)), int(max(0.0, low[1] - up))
    x1, y1 = int(high[0] + right), int(high[1] + down)
    cut = pixels[y0:y1, x0:x1]
    return (cut, points - (x0, y0)) if min(cut.shape[:2]) > 4 else (pixels, points)
