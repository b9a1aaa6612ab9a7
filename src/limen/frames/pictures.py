"""Picture file -> Frame: every format a phone or scanner makes, upright, eight bits, BGR; hostile files refused.

The order of gates: (1) it is a file, (2) not larger than ``MAX_BYTES``, (3) of a known picture format, (4) its header
does not ask for more than ``MAX_PIXELS`` (a decompression bomb), (5) it decodes to the end. Grey, alpha, 16-bit, CMYK
and palette pictures are converted; EXIF orientation is applied.
"""

from __future__ import annotations

import io
import warnings
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind

__all__ = ["FORMATS", "MAX_BYTES", "MAX_PIXELS", "SUFFIXES", "decode_picture", "read_picture"]

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 120_000_000
_MIN_SIDE = 8
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm")
"""How names of picture files end; what a file is, its content decides."""


def read_picture(path: Path, *, at: datetime, kind: SourceKind = SourceKind.FILE) -> Frame:
    """Read a picture file.

    Args:
        path: the file.
        at: when it is read (the frame's time).
        kind: FILE, or BUNDLED for pictures that packages carry.

    Raises:
        CaptureError: not a file, too large, not a picture, truncated, or too many pixels.
    """
    try:
        if path.is_dir():
            raise CaptureError(f"{path}: is a folder, not a picture", advice="name picture files")
        size = path.stat().st_size
        content = path.read_bytes() if path.is_file() and size <= MAX_BYTES else b""
    except OSError as error:
        raise CaptureError(
            f"{path}: cannot be read ({error.strerror})", advice="check the name and permissions"
        ) from error
    if size > MAX_BYTES:
        raise CaptureError(
            f"{path}: {size // 2**20} MiB is more than a picture may have ({MAX_BYTES // 2**20} MiB)",
            advice="save it smaller",
        )
    if not content:
        raise CaptureError(f"{path}: is empty or no ordinary file", advice="name a picture file")
    return decode_picture(content, name=str(path), at=at, kind=kind)


def decode_picture(
    content: bytes,
    *,
    name: str,
    at: datetime,
    kind: SourceKind = SourceKind.FILE,
    max_pixels: int = MAX_PIXELS,
) -> Frame:
    """Decode the bytes of a picture; see the module for the gates.

    Raises:
        CaptureError: naming the picture and the cause.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning, given on opening: the check here decides
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image, name, max_pixels=max_pixels)
                image.load()
                pixels = _to_bgr(ImageOps.exif_transpose(image))
    except CaptureError:
        raise
    except UnidentifiedImageError as error:
        raise CaptureError(f"{name}: not a picture of a known format", advice=f"use {', '.join(FORMATS)}") from error
    except Image.DecompressionBombError as error:
        raise CaptureError(f"{name}: too many pixels", advice=f"at most {max_pixels} are read") from error
    except Exception as error:  # Pillow's decoders raise whatever their format's code does on a broken file
        raise CaptureError(
            f"{name}: broken or truncated picture ({error})", advice="take or export it again"
        ) from error
    return Frame(pixels=pixels, captured_at=at, source=name, kind=kind)


def _check_size(image: Image.Image, name: str, *, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise CaptureError(
            f"{name}: {width}x{height} pixels are more than limen reads ({max_pixels})", advice="save it smaller"
        )
    if min(width, height) < _MIN_SIDE:
        raise CaptureError(f"{name}: {width}x{height} pixels are too few for a face", advice="use a larger picture")


def _to_bgr(image: Image.Image) -> NDArray[np.uint8]:
    """Any mode -> uint8 (H, W, 3) BGR; transparent pixels over white, 16-bit by their high byte."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        values = np.asarray(image, dtype=np.float64)
        top = 255.0 if values.max(initial=0.0) <= 255.0 else 65535.0  # noqa: PLR2004  eight bits kept in a wide type
        image = Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        canvas = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(canvas, image.convert("RGBA"))
    rgb = np.asarray(image.convert("RGB"), dtype=np.uint8)
    return np.ascontiguousarray(rgb[..., ::-1])
