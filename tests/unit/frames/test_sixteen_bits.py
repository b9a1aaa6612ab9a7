"""Pictures of 16 bits come back as they were stored; those built to cost more than they show are refused unseen."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from limen.core.errors import CaptureError
from limen.frames.sixteen_bits import MAX_THERMAL_PIXELS, decode_sixteen_bits, is_png
from support.thermal_files import as_png, as_tiff, ramp

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *, between: bytes = b"", data: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0))
    return _SIGNATURE + head + between + _chunk(b"IDAT", zlib.compress(data)) + _chunk(b"IEND", b"")


def _tiff(tags: dict[int, tuple[int, int, int]], *, order: str = "<", tail: bytes = b"", count: int = -1) -> bytes:
    """A TIFF of tags (type, how many, value or offset)."""
    magic = b"II*\x00" if order == "<" else b"MM\x00*"
    entries = b"".join(struct.pack(f"{order}HHII", tag, *value) for tag, value in sorted(tags.items()))
    number = count if count >= 0 else len(tags)
    return magic + struct.pack(f"{order}IH", 8, number) + entries + bytes(4) + tail


def _plain(width: int, height: int) -> dict[int, tuple[int, int, int]]:
    short, long = 3, 4
    start = 8 + 2 + 9 * 12 + 4
    return {
        256: (long, 1, width),
        257: (long, 1, height),
        258: (short, 1, 16),
        259: (short, 1, 1),
        262: (short, 1, 1),
        273: (long, 1, start),
        277: (short, 1, 1),
        278: (long, 1, height),
        279: (long, 1, 2 * width * height),
    }


def _without(tags: dict[int, tuple[int, int, int]], *left_out: int) -> dict[int, tuple[int, int, int]]:
    return {tag: value for tag, value in tags.items() if tag not in left_out}


_TILED = _without(_plain(16, 16), 273, 278, 279) | {
    322: (4, 1, 30000),
    323: (4, 1, 30000),
    324: (4, 1, 8),
    325: (4, 1, 9),
}


@pytest.mark.parametrize(
    "content",
    [
        as_png(ramp()),
        as_tiff(ramp()),
        as_tiff(ramp(), compression="tiff_lzw"),
        as_tiff(ramp(), compression="tiff_deflate"),
        _tiff(_plain(32, 24), tail=ramp().astype("<u2").tobytes()),
    ],
    ids=["png", "tiff", "tiff lzw", "tiff deflate", "tiff by hand"],
)
def test_counts_come_back_as_stored(content: bytes) -> None:
    """PNG, and TIFF plain or compressed, give the very counts, in memory of their own."""
    found = decode_sixteen_bits(content, name="file")
    np.testing.assert_array_equal(ramp(), found)
    assert found.dtype == np.uint16


def test_a_big_endian_tiff_is_read() -> None:
    """The order of bytes that a TIFF states is kept to."""
    tags = _plain(32, 24)
    shorts = {tag: (3, 1, tags[tag][2] << 16) for tag in (258, 259, 262, 277)}
    content = _tiff(tags | shorts, order=">", tail=ramp().astype(">u2").tobytes())
    np.testing.assert_array_equal(ramp(), decode_sixteen_bits(content, name="file"))


def test_a_tiff_that_lies_on_its_side_is_set_upright() -> None:
    """The orientation of a TIFF is followed, as a frame is upright."""
    content = as_tiff(ramp(), tiffinfo={274: 6})
    np.testing.assert_array_equal(np.rot90(ramp(), -1), decode_sixteen_bits(content, name="file"))


def _eight_bits(file_format: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(buffer, file_format)
    return buffer.getvalue()


_REFUSED = {
    "nothing": b"",
    "text": b"hello\n",
    "ordinary JPEG": _eight_bits("JPEG"),
    "GIF": _eight_bits("GIF"),
    "eight-bit PNG": _eight_bits("PNG"),
    "eight-bit TIFF": _eight_bits("TIFF"),
    "magic of a PNG alone": _SIGNATURE,
    "magic of a TIFF alone": b"II*\x00",
    "BigTIFF": b"II+\x00\x08\x00\x00\x00" + bytes(40),
    "PNG of too many pixels": _png(65535, 65535),
    "PNG of no pixels": _png(0, 8),
    "PNG too small": _png(3, 8, data=bytes(56)),
    "PNG cut": as_png(ramp())[:-40],
    "PNG without data": _png(8, 8),
    "PNG of too many chunks": _png(8, 8, between=_chunk(b"abCd", b"") * 5000, data=bytes(136)),
    "TIFF of too many pixels": _tiff(_plain(2001, 2000)),
    "TIFF of no pixels": _tiff(_plain(0, 16)),
    "TIFF cut": as_tiff(ramp())[:-40],
    "TIFF with strips outside": _tiff(_plain(16, 16)),
    "TIFF whose directory is outside": b"II*\x00\xff\xff\xff\xff",
    "TIFF of too many tags": _tiff(_plain(16, 16), count=60_000, tail=bytes(800_000)),
    "TIFF cut in its tags": _tiff(_plain(16, 16), count=200),
    "TIFF of one huge tile": _tiff(_TILED, tail=b"\x80\x0b\x60\x50" * 500),
    "TIFF of too many strips": _tiff(_plain(16, 16) | {273: (4, 70_000, 8), 279: (4, 70_000, 8)}, tail=bytes(300_000)),
    "TIFF of strips beyond its end": _tiff(_plain(16, 16) | {273: (4, 60_000, 8)}, tail=bytes(600)),
}


@pytest.mark.parametrize("content", _REFUSED.values(), ids=_REFUSED.keys())
def test_what_is_no_sound_picture_of_sixteen_bits_is_refused(content: bytes) -> None:
    """Other formats and depths, broken files and bombs are CaptureErrors of one line with advice, at little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(CaptureError, match=r"^file: ") as caught:
            decode_sixteen_bits(content, name="file")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert caught.value.advice()
    assert peak < 4 * MAX_THERMAL_PIXELS


def test_texts_and_profiles_in_a_png_are_not_unpacked() -> None:
    """Fifty packed texts of a megabyte each cost nothing, and the counts beside them are read."""
    text = _chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(1_000_000)))
    content = _png(8, 8, between=text * 50 + _chunk(b"iCCP", b"?"), data=bytes(136))
    tracemalloc.start()
    try:
        found = decode_sixteen_bits(content, name="file")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(np.zeros((8, 8)), found)
    assert peak < 1_000_000


def test_what_a_tiff_says_beside_its_picture_is_not_looked_at() -> None:
    """Texts beyond the end of the file and directories that hold themselves do not keep the counts from being read."""
    tags = dict(list(_plain(32, 24).items()) + [(tag, (4, 1, 8)) for tag in (330, 34665, 34853)])
    start = 8 + 2 + (len(tags) + 1) * 12 + 4
    tags |= {305: (2, 1 << 30, 8), 273: (4, 1, start)}
    content = _tiff(tags, tail=ramp().astype("<u2").tobytes())
    np.testing.assert_array_equal(ramp(), decode_sixteen_bits(content, name="file"))


@pytest.mark.parametrize("lost", [1, 2, 40, 700])
def test_a_cut_file_never_gives_other_counts(lost: int) -> None:
    """A plain TIFF that has lost its end is refused, whatever it would find there instead."""
    content = _tiff(_plain(32, 24), tail=ramp().astype("<u2").tobytes())
    with pytest.raises(CaptureError, match=r"^file: "):
        decode_sixteen_bits(content[:-lost], name="file")


def test_a_caller_may_allow_fewer_formats() -> None:
    """Where only a PNG can be, a TIFF is refused."""
    with pytest.raises(CaptureError, match="file: "):
        decode_sixteen_bits(as_tiff(ramp()), name="file", formats=("PNG",))


def test_a_png_is_known_by_its_first_bytes() -> None:
    """A PNG, and nothing else, is one."""
    assert is_png(as_png(ramp()))
    assert not is_png(as_tiff(ramp()))
    assert not is_png(b"")
