"""Every format a phone or scanner makes becomes an upright colour frame; everything else is refused in one line."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.frames.bundled import ASTRONAUT, BundledPicture
from limen.frames.pictures import FORMATS, MAX_BYTES, MAX_PIXELS, decode_picture, read_picture
from support.clock import NOON

_WIDTH, _HEIGHT = 24, 16


def _quarters() -> NDArray[np.uint8]:
    """RGB: red, green above blue, white; every corner is another colour, so that no turn goes unseen."""
    pixels = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    top, left = slice(0, _HEIGHT // 2), slice(0, _WIDTH // 2)
    bottom, right = slice(_HEIGHT // 2, None), slice(_WIDTH // 2, None)
    pixels[top, left], pixels[top, right] = (255, 0, 0), (0, 255, 0)
    pixels[bottom, left], pixels[bottom, right] = (0, 0, 255), (255, 255, 255)
    return pixels


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=file_format, **options)
    return buffer.getvalue()


def _read(content: bytes) -> NDArray[np.uint8]:
    return decode_picture(content, name="picture", at=NOON).pixels


def _png_header(width: int, height: int, *, body: bytes = b"") -> bytes:
    """A PNG that claims a size; its data is ``body``."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "PPM", "WEBP"])
def test_lossless_formats_are_read_as_they_are(file_format: str) -> None:
    """The pixels come back, in the order blue, green, red."""
    options = {"lossless": True} if file_format == "WEBP" else {}
    found = _read(_saved(Image.fromarray(_quarters()), file_format, **options))
    np.testing.assert_array_equal(_quarters()[..., ::-1], found)


@pytest.mark.parametrize("file_format", ["JPEG", "GIF", "MPO"])
def test_other_formats_are_read_nearly(file_format: str) -> None:
    """Formats that lose something still show the four colours in their places."""
    found = _read(_saved(Image.fromarray(_quarters()), file_format)).astype(int)
    expected = _quarters()[..., ::-1].astype(int)
    assert int(np.median(np.abs(found - expected))) <= 4


def test_the_formats_are_a_closed_list() -> None:
    """No format that runs a program or a script is among them."""
    assert set(FORMATS) == {"JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM"}


def _sixteen_bit() -> Image.Image:
    return Image.fromarray(np.repeat(np.arange(_HEIGHT, dtype=np.uint16)[:, None] * 4369, _WIDTH, axis=1))


def _palette() -> Image.Image:
    return Image.fromarray(_quarters()).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)


@pytest.mark.parametrize(
    ("image", "file_format", "expected"),
    [
        (Image.fromarray(np.full((16, 24), 77, np.uint8)), "PNG", (77, 77, 77)),
        (Image.new("1", (24, 16), 1), "PNG", (255, 255, 255)),
        (Image.new("LA", (24, 16), (77, 255)), "PNG", (77, 77, 77)),
        (Image.new("RGBA", (24, 16), (10, 20, 30, 255)), "PNG", (30, 20, 10)),
        (Image.new("RGBA", (24, 16), (10, 20, 30, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (24, 16), (0, 0, 0, 127)), "PNG", (128, 128, 128)),
        (Image.new("CMYK", (24, 16), (0, 0, 0, 0)), "JPEG", (255, 255, 255)),
        (Image.new("CMYK", (24, 16), (0, 0, 0, 255)), "JPEG", (0, 0, 0)),
        (Image.new("CMYK", (24, 16), (255, 0, 0, 0)), "TIFF", (255, 255, 0)),
        (Image.new("YCbCr", (24, 16), (128, 128, 128)), "JPEG", (128, 128, 128)),
        (Image.fromarray(np.full((16, 24), 0xABCD, np.uint16)), "PNG", (0xAB, 0xAB, 0xAB)),
        (Image.fromarray(np.full((16, 24), 0xABCD, np.uint16)), "TIFF", (0xAB, 0xAB, 0xAB)),
        (Image.fromarray(np.full((16, 24), 200.0, np.float32)), "TIFF", (200, 200, 200)),
        (Image.fromarray(np.full((16, 24), 0, np.uint16)), "PNG", (0, 0, 0)),
        (Image.fromarray(np.full((16, 24), -5, np.int32)), "TIFF", (0, 0, 0)),
    ],
    ids=[
        "grey",
        "one bit",
        "grey and alpha",
        "opaque",
        "transparent is white",
        "half transparent",
        "CMYK white",
        "CMYK black",
        "CMYK cyan",
        "YCbCr",
        "16 bit PNG",
        "16 bit TIFF",
        "float TIFF",
        "16 bit black",
        "negative values",
    ],
)
def test_any_mode_becomes_bgr_bytes(image: Image.Image, file_format: str, expected: tuple[int, int, int]) -> None:
    """Grey, alpha, CMYK, 16-bit and float pictures are (H, W, 3) uint8 with the colour they show."""
    found = _read(_saved(image, file_format))
    assert (found.shape, found.dtype.name) == ((16, 24, 3), "uint8")
    np.testing.assert_allclose(found.reshape(-1, 3).mean(axis=0), expected, atol=2)


def test_palettes_are_resolved() -> None:
    """A palette picture shows its colours, not its indices."""
    found = _read(_saved(_palette(), "PNG")).astype(int)
    np.testing.assert_allclose(found, _quarters()[..., ::-1].astype(int), atol=3)


def test_a_transparent_palette_lies_over_white() -> None:
    """A colour that a palette marks as transparent is white."""
    image = Image.new("P", (24, 16), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    np.testing.assert_array_equal(_read(_saved(image, "PNG", transparency=0)), 255)


def test_sixteen_bits_keep_their_order() -> None:
    """A 16-bit ramp over the full range becomes an 8-bit ramp over the full range."""
    found = _read(_saved(_sixteen_bit(), "PNG"))[:, 0, 0]
    np.testing.assert_array_equal(np.arange(_HEIGHT) * 17, found)


def test_the_first_picture_of_an_animation_counts() -> None:
    """An animated GIF is its first picture."""
    first, second = Image.new("RGB", (24, 16), (255, 0, 0)), Image.new("RGB", (24, 16), (0, 0, 255))
    found = _read(_saved(first, "GIF", save_all=True, append_images=[second]))
    np.testing.assert_allclose(found.reshape(-1, 3).mean(axis=0), (0, 0, 255), atol=3)


_ORIENTATIONS: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    1: lambda shown: shown,
    2: lambda shown: shown[:, ::-1],
    3: lambda shown: shown[::-1, ::-1],
    4: lambda shown: shown[::-1],
    5: lambda shown: shown.transpose(1, 0, 2),
    6: lambda shown: np.rot90(shown, k=1),
    7: lambda shown: shown[::-1, ::-1].transpose(1, 0, 2),
    8: lambda shown: np.rot90(shown, k=-1),
}
"""How a camera that held the scene upright has stored it, by EXIF orientation."""


@pytest.mark.parametrize("orientation", _ORIENTATIONS)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_exif_orientation_is_honoured(file_format: str, orientation: int) -> None:
    """However the camera was held, the frame is upright."""
    scene = np.kron(_quarters(), np.ones((2, 2, 1), np.uint8))
    stored = Image.fromarray(np.ascontiguousarray(_ORIENTATIONS[orientation](scene)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"PNG": {}, "TIFF": {}, "JPEG": {"quality": 95}, "WEBP": {"lossless": True}}[
        file_format
    ]  # type: ignore[assignment]
    found = _read(_saved(stored, file_format, exif=exif, **options))
    assert found.shape == scene.shape
    assert int(np.median(np.abs(found.astype(int) - scene[..., ::-1].astype(int)))) <= 4
    np.testing.assert_allclose(found[3, 3], (0, 0, 255), atol=30)
    np.testing.assert_allclose(found[-4, 3], (255, 0, 0), atol=30)


@pytest.mark.parametrize("orientation", [0, 9, 255, 60000])
def test_an_impossible_orientation_turns_nothing(orientation: int) -> None:
    """An orientation that does not exist is left alone."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = _read(_saved(Image.fromarray(_quarters()), "PNG", exif=exif))
    np.testing.assert_array_equal(_quarters()[..., ::-1], found)


def _whole() -> bytes:
    return _saved(Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)), "PNG")


def _jpeg() -> bytes:
    return _saved(Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)), "JPEG")


_HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty or no ordinary file"),
    "text": (b"not a picture at all", "not a picture of a known format"),
    "zeros": (bytes(4096), "not a picture of a known format"),
    "PNG signature alone": (b"\x89PNG\r\n\x1a\n", "picture"),
    "truncated PNG": (_whole()[:3000], "broken or truncated picture"),
    "truncated JPEG": (_jpeg()[:1500], "broken or truncated picture"),
    "bit rot": (_whole()[:100] + bytes(200) + _whole()[300:], "broken or truncated picture"),
    "bomb": (_png_header(50_000, 50_000), "picture|pixels"),
    "large": (_png_header(12_001, 10_000), "12001x10000 pixels are more than limen reads"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n", "not a picture of a known format"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n", "not a picture of a known format"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>", "not a picture of a known format"),
    "too small": (_saved(Image.new("RGB", (7, 700)), "PNG"), "7x700 pixels are too few for a face"),
    "one pixel": (_saved(Image.new("RGB", (1, 1)), "GIF"), "1x1 pixels are too few for a face"),
}


@pytest.mark.parametrize(("content", "cause"), _HOSTILE.values(), ids=_HOSTILE)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, content: bytes, cause: str) -> None:
    """Each wrong file is a CaptureError of one line that names the file and the cause, with advice."""
    path = tmp_path / "holiday.png"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=cause) as caught:
        read_picture(path, at=NOON)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


@pytest.mark.parametrize("size", [(50_000, 50_000), (200_000, 700), (13_000, 13_000)])
def test_a_bomb_is_refused_before_it_goes_off(size: tuple[int, int]) -> None:
    """A header that claims more than the limit is refused whatever follows; the text tells the limit or the size."""
    with pytest.raises(CaptureError, match=r"pixels") as caught:
        decode_picture(_png_header(*size), name="bomb.png", at=NOON)
    assert str(MAX_PIXELS) in f"{caught.value} {caught.value.advice()}"


def test_a_picture_just_below_the_limit_is_judged_by_its_content() -> None:
    """A claim of 100 million pixels is allowed, so the missing data is what is told, and no warning leaks."""
    with pytest.raises(CaptureError, match="broken or truncated picture") as caught:
        decode_picture(_png_header(10_000, 10_000, body=b"\0" * 100), name="large.png", at=NOON)
    assert "decompression" not in str(caught.value)


def test_a_file_too_large_is_refused_without_reading_it(tmp_path: Path) -> None:
    """A file of more than 64 MiB is refused by its size."""
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(CaptureError, match="64 MiB is more than a picture may have"):
        read_picture(path, at=NOON)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A directory in place of a picture is called one."""
    with pytest.raises(CaptureError, match="is a folder, not a picture"):
        read_picture(tmp_path, at=NOON)


@pytest.mark.parametrize("name", ["missing.png", "no/such/folder/picture.png"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    """A file that is not there is named with the cause."""
    with pytest.raises(CaptureError, match=r"cannot be read \(No such file or directory\)"):
        read_picture(tmp_path / name, at=NOON)


def test_a_name_too_long_for_the_system_is_refused(tmp_path: Path) -> None:
    """A path no file can have is a CaptureError too."""
    with pytest.raises(CaptureError, match="cannot be read"):
        read_picture(tmp_path / ("x" * 5000), at=NOON)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """A named pipe, which would block for ever, is no ordinary file."""
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    with pytest.raises(CaptureError, match="no ordinary file"):
        read_picture(path, at=NOON)


def test_a_frame_tells_where_and_when_it_is_from(tmp_path: Path) -> None:
    """Source, time and kind are those given; a file is a FILE unless told otherwise."""
    path = tmp_path / "picture.png"
    path.write_bytes(_whole())
    at = datetime(2026, 1, 2, tzinfo=UTC)
    frame = read_picture(path, at=at)
    assert (frame.source, frame.captured_at, frame.kind) == (str(path), at, SourceKind.FILE)
    assert read_picture(path, at=at, kind=SourceKind.BUNDLED).kind is SourceKind.BUNDLED


def test_reading_a_file_changes_nothing(tmp_path: Path) -> None:
    """The folder holds the same single file with the same bytes afterwards."""
    path = tmp_path / "picture.png"
    path.write_bytes(_whole())
    read_picture(path, at=NOON)
    assert [item.name for item in tmp_path.iterdir()] == ["picture.png"]
    assert path.read_bytes() == _whole()


def test_a_bundled_picture_is_found_only_where_its_package_is() -> None:
    """A package that is not installed, or lacks the file, has none; nothing is imported to find out."""
    assert BundledPicture(title="nobody", package="limen_no_such_package", path="x.png").locate() is None
    assert BundledPicture(title="nobody", package="numpy", path="no/such/picture.png").locate() is None
    path = ASTRONAUT.locate()
    if path is None:
        pytest.skip("scikit-image, which carries the astronaut, is not installed")
    assert path.name == "astronaut.png"
