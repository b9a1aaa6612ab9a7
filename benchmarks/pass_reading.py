"""How small, tilted, blurred, noisy and shiny a pass may be and still be read from a door's frame.

A pass is rendered as limen writes it, laid as a card into a grey 1280x720 frame beside a drawn face, and spoilt. Width
is that of the symbol without its quiet zone, in pixels of the frame, before tilting. Caveats first: paper and screens
are drawn. Blur is a Gaussian's sigma, or the length of a straight motion, in pixels; glare is a bright spot over a
quarter of the code with a soft edge, and a veil of a tenth over all of it, as a phone's glass gives.

    python benchmarks/pass_reading.py --each 200
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.cards.codes import QUIET_MODULES, code_modules
from limen.core.base45 import encode
from limen.core.frame import Frame, SourceKind
from limen.frames.codes import read_codes
from limen.frames.drawn import PERSON, draw_face

AT = datetime(1970, 1, 1, tzinfo=UTC)
WIDTH, HEIGHT = 1280, 720
MIDDLE = np.array([880.0, 360.0])
SIZES_PX = (180, 220, 260, 300, 360, 440)
FINER = 3
AT_PX = 300
Grey = NDArray[np.float32]
Spoil = Callable[[Grey, np.random.Generator, int], Grey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A size, a tilt and a fault, drawn anew for every pass."""

    side_px: int
    tilt_deg: float
    spoil: Spoil
    wall: Grey

    def frame(self, code: bytes, rng: np.random.Generator) -> Frame:
        """The frame with this pass in it."""
        spoilt = self.spoil(self._laid(code, rng), rng, self.side_px)
        grey = np.clip(np.rint(spoilt), 0, 255).astype(np.uint8)
        return Frame(pixels=np.dstack([grey] * 3), captured_at=AT, source="drawn", kind=SourceKind.BUNDLED)

    def _laid(self, code: bytes, rng: np.random.Generator) -> Grey:
        """Drawn finer and averaged down, as a sensor does."""
        modules = np.kron(np.asarray(code_modules(code)), np.ones((8, 8)))
        card = np.pad(np.where(modules > 0, 25.0, 235.0), 8 * QUIET_MODULES, constant_values=235.0).astype(np.float32)
        whole_px = self.side_px * len(card) / len(modules)
        patch_px = int(1.6 * whole_px) // 2 * 2
        corners = self._corners(whole_px, rng) + patch_px / 2
        size = float(len(card))
        source = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(source, (FINER * corners).astype(np.float32))
        fine = (FINER * patch_px, FINER * patch_px)
        drawn, cover = (
            cv2.resize(cv2.warpPerspective(item, matrix, fine), (patch_px, patch_px), interpolation=cv2.INTER_AREA)
            for item in (card, np.ones_like(card))
        )
        left, top = (MIDDLE - patch_px / 2).astype(int)
        rows, columns = slice(max(top, 0), top + patch_px), slice(left, left + patch_px)
        whole = self.wall.copy()
        place = whole[rows, columns]
        above = max(-top, 0)
        fits = (slice(above, above + place.shape[0]), slice(0, place.shape[1]))
        whole[rows, columns] = place * (1.0 - cover[fits]) + drawn[fits]
        return whole

    def _corners(self, whole_px: float, rng: np.random.Generator) -> NDArray[np.float64]:
        """Turned in its plane by up to 20 degrees either way, tilted by ``tilt_deg`` about any axis in it."""
        roll, axis, tilt = np.radians([rng.uniform(-20, 20), rng.uniform(0, 360), self.tilt_deg])
        corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * whole_px
        along, across = np.array([np.cos(axis), np.sin(axis)]), np.array([-np.sin(axis), np.cos(axis)])
        depth = (corners @ across) * np.sin(tilt)
        flat = np.outer(corners @ along, along) + np.outer((corners @ across) * np.cos(tilt), across)
        turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        seen = flat / (1.0 + depth[:, None] / (3.0 * whole_px))
        return np.asarray(seen @ turn.T + rng.uniform(-0.5, 0.5, 2))


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=200, help="Passes per size and condition.")
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    started = time.perf_counter()
    wall = np.full((HEIGHT, WIDTH), 210.0, dtype=np.float32)
    wall[110:610, 60:560] = cv2.cvtColor(draw_face(PERSON, side_px=500), cv2.COLOR_BGR2GRAY)
    reader, opencv = cv2.QRCodeDetector(), dict.fromkeys(("straight", "at a door"), 0)
    read: dict[str, dict[str, float]] = {name: {} for name in CONDITIONS}
    times: list[float] = []
    for name, (tilt_deg, spoil) in CONDITIONS.items():
        for side_px in SIZES_PX:
            rng = np.random.default_rng((arguments.seed, side_px))
            scene = Scene(side_px=side_px, tilt_deg=tilt_deg, spoil=spoil, wall=wall)
            hits = 0
            for _ in range(arguments.each):
                code = b"\xa1" + rng.bytes(243)
                frame = scene.frame(code, rng)
                before = time.perf_counter()
                hits += encode(code).encode() in read_codes(frame)
                times.append(1000 * (time.perf_counter() - before))
                if name in opencv and side_px == AT_PX:
                    opencv[name] += reader.detectAndDecode(frame.pixels)[0] == encode(code)
            read[name][str(side_px)] = round(hits / arguments.each, 4)
    report = {
        "each": arguments.each,
        "seed": arguments.seed,
        "read": read,
        "opencv_at_300_px": {name: hits / arguments.each for name, hits in opencv.items()},
        "read_ms": {f"p{q}": round(float(np.percentile(times, q)), 1) for q in (50, 95, 99)},
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(report, indent=1))


def _clean(pixels: Grey, _: np.random.Generator, __: int) -> Grey:
    return pixels


def _noise(pixels: Grey, rng: np.random.Generator, _: int) -> Grey:
    return pixels + 8.0 * rng.standard_normal(pixels.shape, dtype=np.float32)


def _blur(sigma_px: float) -> Spoil:
    return lambda pixels, _, __: np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px), dtype=np.float32)


def _motion(length_px: int) -> Spoil:
    def moved(pixels: Grey, rng: np.random.Generator, _: int) -> Grey:
        kernel = np.zeros((length_px, length_px))
        kernel[length_px // 2] = 1.0
        turn = cv2.getRotationMatrix2D(((length_px - 1) / 2, (length_px - 1) / 2), float(rng.uniform(0, 180)), 1.0)
        kernel = cv2.warpAffine(kernel, turn, (length_px, length_px))
        return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.float32)

    return moved


def _glare(pixels: Grey, rng: np.random.Generator, side_px: int) -> Grey:
    y, x = np.ogrid[0:HEIGHT, 0:WIDTH]
    place = MIDDLE + rng.uniform(-0.35, 0.35, 2) * side_px
    radius = side_px * 0.28 * rng.uniform(0.8, 1.1)
    stretch = rng.uniform(0.6, 1.6)
    away = np.hypot((x - place[0]) * stretch, (y - place[1]) / stretch) / radius
    spot = 1.0 / (1.0 + np.exp((away - 1.0) * 8.0))
    return np.asarray(pixels * 0.9 + 25.5 + 140.0 * spot, dtype=np.float32)


def _jpeg(pixels: Grey, _: np.random.Generator, __: int) -> Grey:
    ok, packed = cv2.imencode(".jpg", np.clip(pixels, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert ok
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.float32)


def _dim(pixels: Grey, rng: np.random.Generator, side_px: int) -> Grey:
    return _noise(pixels * 0.3, rng, side_px)


def _at_a_door(pixels: Grey, rng: np.random.Generator, side_px: int) -> Grey:
    """A little of everything: half of them with glare, all with some blur, noise and compression."""
    if rng.random() < 0.5:
        pixels = _glare(pixels, rng, side_px)
    blurred = _blur(float(rng.uniform(0.4, 1.2)))(pixels, rng, side_px)
    return _jpeg(_noise(blurred * rng.uniform(0.6, 1.05), rng, side_px), rng, side_px)


CONDITIONS: dict[str, tuple[float, Spoil]] = {
    "straight": (0.0, _clean),
    "tilted 30°": (30.0, _clean),
    "tilted 45°": (45.0, _clean),
    "blur 1 px": (0.0, _blur(1.0)),
    "blur 1.5 px": (0.0, _blur(1.5)),
    "motion 5 px": (0.0, _motion(5)),
    "noise": (0.0, _noise),
    "dim, with noise": (0.0, _dim),
    "JPEG 60": (0.0, _jpeg),
    "glare": (0.0, _glare),
    "at a door": (20.0, _at_a_door),
}


if __name__ == "__main__":
    main()
