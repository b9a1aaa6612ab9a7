"""PNG or TIFF of 16 bits -> counts, through Pillow, with what Pillow leaves open closed first.

Pillow looks at the size of the picture; that is checked here before it decodes. It does not look at tiles (a TIFF of
2 kB whose one tile claims 30,000 x 30,000 took 1.8 GB and four seconds) nor at how many parts there are (a PNG of a
million empty chunks takes six seconds). No infrared camera writes either, so both are refused unseen. And only the
chunks of a PNG and the tags of a TIFF that hold the picture are passed on: texts, profiles and further directories,
which may be bombs of their own, are not.
"""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from limen.core.errors import CaptureError

__all__ = ["LEAST_SIDE_PX", "MAX_THERMAL_PIXELS", "decode_sixteen_bits", "is_png"]

MAX_THERMAL_PIXELS = 4_000_000
"""More than any infrared camera has; a file that claims more is refused before anything is allocated."""

LEAST_SIDE_PX = 4

_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF = {b"II*\x00": "<", b"MM\x00*": ">"}
_MODES = ("I;16", "I;16B", "I;16L", "I;16N")
_MAX_CHUNKS, _MAX_TAGS = 4096, 256
_CHUNK_FRAME, _TAG_BYTES, _OFFSET = 12, 12, 4
_TILE_TAGS = range(322, 326)
_PICTURE_TAGS = (256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 339)
_MAX_NUMBERS = 65_536
_COUNT_BYTES = 2


def is_png(content: bytes) -> bool:
    """Whether this begins as a PNG does."""
    return content.startswith(_PNG)


def decode_sixteen_bits(content: bytes, *, name: str, formats: tuple[str, ...] = ("TIFF", "PNG")) -> NDArray[np.uint16]:
    """Decode a grey picture of 16 bits; of a TIFF of several pages the first.

    Args:
        content: the file.
        name: for errors.
        formats: Pillow's names of what it may be.

    Returns:
        uint16 (H, W), as stored; upright where a TIFF says how it lies.

    Raises:
        CaptureError: not of these formats, not of 16 bits, too large, broken, or built to cost more than it shows.
    """
    content = _checked_parts(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files, and its bomb warning: the checks decide
            with Image.open(io.BytesIO(content), formats=formats) as image:
                _check(image, name)
                return np.asarray(image, dtype=np.uint16)
    except CaptureError:
        raise
    except UnidentifiedImageError as error:
        raise CaptureError(f"{name}: broken picture: its header cannot be read", advice="export it again") from error
    except Exception as error:  # Pillow's decoders raise whatever their format's code does on a broken file
        cause = " ".join(str(error).split())
        raise CaptureError(f"{name}: broken or truncated picture ({cause})", advice="export it again") from error


def _check(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_THERMAL_PIXELS or min(width, height) < LEAST_SIDE_PX:
        raise CaptureError(f"{name}: {width}x{height} pixels is no size of a thermal frame", advice="name another file")
    if image.mode not in _MODES:
        raise CaptureError(
            f"{name}: an ordinary picture ({image.mode}) without temperatures in it",
            advice="use the camera's radiometric format, or a 16-bit TIFF",
        )


def _checked_parts(content: bytes, name: str) -> bytes:
    """What to decode; refuses a container of more parts than a camera writes, before Pillow walks through them."""
    order = _TIFF.get(content[:_OFFSET])
    if order is None and not is_png(content):
        raise CaptureError(
            f"{name}: not a thermal picture of a known format",
            advice="use a radiometric JPEG, an FFF file, or a 16-bit TIFF or PNG",
        )
    sound = _critical_chunks(content) if order is None else _picture_tags(content, order)
    if sound is None:
        raise CaptureError(
            f"{name}: broken picture: truncated, tiled, or of more parts than a camera writes",
            advice="export it again, without tiles",
        )
    return sound


def _critical_chunks(content: bytes) -> bytes | None:
    """A PNG without what may be left out, the kinds that begin with a small letter; None if it has too many parts."""
    at, kept = len(_PNG), [_PNG]
    for _ in range(_MAX_CHUNKS):
        if at >= len(content):
            return b"".join(kept)
        end = at + int.from_bytes(content[at : at + _OFFSET], "big") + _CHUNK_FRAME
        if content[at + _OFFSET : at + _OFFSET + 1].isupper():
            kept.append(content[at:end])
        at = end
    return None


def _picture_tags(content: bytes, order: str) -> bytes | None:
    """A TIFF with a directory of the picture alone, in its place; None if it has tiles, or too many tags or values."""
    try:
        (start,) = struct.unpack_from(f"{order}I", content, _OFFSET)
        (count,) = struct.unpack_from(f"{order}H", content, start)
    except struct.error:
        return None
    first = start + _COUNT_BYTES
    end = first + count * _TAG_BYTES + _OFFSET
    if count > _MAX_TAGS or end > len(content):
        return None
    entries = [content[at : at + _TAG_BYTES] for at in range(first, end - _OFFSET, _TAG_BYTES)]
    tags = [struct.unpack_from(f"{order}HHI", entry) for entry in entries]
    if any(tag in _TILE_TAGS for tag, _, _ in tags):
        return None
    kept = [entry for entry, (tag, _, _) in zip(entries, tags, strict=True) if tag in _PICTURE_TAGS]
    if sum(number for tag, _, number in tags if tag in _PICTURE_TAGS) > _MAX_NUMBERS:
        return None
    directory = struct.pack(f"{order}H", len(kept)) + b"".join(kept)
    return content[:start] + directory.ljust(end - start, b"\x00") + content[end:]
