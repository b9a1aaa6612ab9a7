"""Covered faces are gone for good; files appear whole or not at all, without what they held beside the picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from limen.core.errors import CaptureError
from limen.core.face import Box
from limen.frames.anonymise import Job, anonymise, plan, steps
from limen.frames.cover import cover, covered_places
from limen.frames.holding import held
from support.videos import greys, write_video

_FACE = Box(x_px=20, y_px=10, width_px=20, height_px=24)
_Pixels = NDArray[np.uint8]
_MAKER, _PLACE = 0x010F, 0x8825


def _noise(seed: int, *, height: int = 60, width: int = 80) -> _Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def _finds(*boxes: Box) -> _Finder:
    return _Finder(boxes)


class _Finder:
    """Finds what it was told in every picture it is shown for the first time, and nothing afterwards."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes, self.calls = tuple(boxes), 0

    def __call__(self, pixels: _Pixels, *, enlarged_px: int) -> Sequence[Box]:
        assert pixels.dtype == np.uint8
        assert enlarged_px >= 0
        self.calls += 1
        return self._boxes if self.calls % 2 else ()


class _FindsAlways:
    """Finds what it was told in the frames whose numbers it was told."""

    def __init__(self, box: Box, *frames: int) -> None:
        self._box, self._frames, self._now = box, frames, -1

    def __call__(self, pixels: _Pixels, *, enlarged_px: int) -> Sequence[Box]:
        assert pixels.dtype == np.uint8
        assert enlarged_px >= 0
        self._now += 1
        return (self._box,) if self._now in self._frames else ()


boxes = st.builds(
    Box,
    x_px=st.floats(-30, 90),
    y_px=st.floats(-30, 70),
    width_px=st.floats(0.5, 60),
    height_px=st.floats(0.5, 60),
)


@given(st.lists(boxes, max_size=6), st.integers(0, 50))
def test_nothing_of_a_covered_place_is_left(places: list[Box], seed: int) -> None:
    """Two pictures that differ only inside covered places become the same; outside them nothing changes."""
    one, other = _noise(seed), _noise(seed)
    mask = covered_places((60, 80), places)
    other[mask] = _noise(seed + 1)[mask]
    result = cover(one, places)
    np.testing.assert_array_equal(result, cover(other, places))
    np.testing.assert_array_equal(result[~mask], one[~mask])


def test_the_whole_box_is_covered() -> None:
    """The ellipse holds every pixel of the box, corners included."""
    mask = covered_places((60, 80), [_FACE])
    assert mask[10:34, 20:40].all()
    assert not mask[:, 75:].any()


def test_a_picture_all_covered_is_grey() -> None:
    """Where nothing is left to take a colour from, grey is painted."""
    everything = Box(x_px=-100, y_px=-100, width_px=300, height_px=300)
    assert set(np.unique(cover(_noise(1), [everything]))) == {128}


def test_a_face_missed_in_between_stays_covered() -> None:
    """Boxes move evenly over a gap, are held half a second before and after, and grow meanwhile."""
    found: list[list[Box]] = [[] for _ in range(40)]
    found[10], found[20] = [_FACE], [Box(x_px=40, y_px=10, width_px=20, height_px=24)]
    result = held(found, times_s=[number / 10 for number in range(40)])
    assert [number for number, covered in enumerate(result) if covered] == list(range(5, 26))
    (middle,) = result[15]
    assert middle.centre == pytest.approx((40.0, 22.0))
    assert middle.width_px == pytest.approx(20 * 1.3)


def test_faces_far_apart_are_not_bridged() -> None:
    """A box far from where a face could have got, or after a long gap, is another one."""
    far = Box(x_px=900, y_px=10, width_px=20, height_px=24)
    result = held([[_FACE], [], [far]], times_s=[0.0, 0.1, 0.2])
    assert [box.x_px > 400 for box in result[1]] == [False, True]
    assert held([[_FACE], [], [_FACE]], times_s=[0.0, 2.0, 4.0])[1] == ()


def test_two_faces_of_one_frame_keep_apart() -> None:
    """Each box continues one run and each run takes one box."""
    aside = Box(x_px=45, y_px=10, width_px=20, height_px=24)
    result = held([[_FACE, aside], [], [aside, _FACE]], times_s=[0.0, 0.1, 0.2])
    assert sorted(round(box.centre[0]) for box in result[1]) == [30, 55]


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[_MAKER] = "MAKER-OF-CAMERA"
    exif.get_ifd(_PLACE)[1] = "N"
    return exif.tobytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff"])
def test_a_picture_keeps_its_pixels_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    """Upright as shown, faces covered; no EXIF, no place, no thumbnail, no comment; and no file beside it."""
    source = tmp_path / "in.jpg"
    Image.fromarray(np.full((60, 80, 3), 90, np.uint8)).save(source, exif=_exif(), comment=b"SECRET-COMMENT")
    (job,) = plan(source, tmp_path / f"out{suffix}")
    done = anonymise(job, find=_finds(_FACE))
    assert (done.frames, done.faces, steps(job)) == (1, 1, 1)
    with Image.open(job.target) as image:
        assert image.size == (60, 80)
        assert {_MAKER, _PLACE}.isdisjoint(image.getexif())
        assert {"comment", "exif", "xmp", "icc_profile"}.isdisjoint(image.info)
    content = job.target.read_bytes()
    assert b"MAKER" not in content
    assert b"SECRET" not in content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jpg", f"out{suffix}"]


def test_a_picture_is_looked_at_again(tmp_path: Path) -> None:
    """What shows only after covering is covered, too, and looking ends when nothing more is found."""
    source = tmp_path / "in.png"
    Image.fromarray(_noise(2)).save(source)
    find = _finds(_FACE)
    (job,) = plan(source, tmp_path / "out.png")
    anonymise(job, find=find)
    assert find.calls == 2


def _read(path: Path) -> tuple[list[_Pixels], list[float], float, list[bytes]]:
    """Frames, their times, when sound begins (both from the first frame on), packets of sound of a video."""
    with av.open(str(path)) as container:
        video, sound = container.streams.video[0], container.streams.audio
        pictures, times, packets, starts = [], [], [], [0.0]
        for packet in container.demux(video, *sound):
            if packet.stream.type == "audio":
                packets += [bytes(packet)] if packet.size else []
                starts += [] if packet.pts is None else [float(packet.pts * packet.time_base)]
                continue
            for frame in packet.decode():
                assert isinstance(frame, av.VideoFrame)
                pictures.append(np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8))
                times.append(float(frame.time or 0))
        return pictures, [time - times[0] for time in times], starts[min(1, len(packets))] - times[0], packets


@pytest.mark.parametrize(
    ("source", "target"), [("a.mp4", "b.mp4"), ("a.mkv", "b.mp4"), ("a.mp4", "b.mkv"), ("a.mov", "b.mov")]
)
def test_a_video_keeps_its_times_and_its_sound(tmp_path: Path, source: str, target: str) -> None:
    """As many frames at the same times and in the same size; the packets of sound are the same bytes."""
    path = write_video(tmp_path / source, greys(12, width_px=128, height_px=96), rate=25, sound=True)
    (job,) = plan(path, tmp_path / target)
    done = anonymise(job, find=_FindsAlways(_FACE, 0))
    before, after = _read(path), _read(job.target)
    assert (done.frames, done.faces) == (12, 1)
    assert after[1] == pytest.approx(before[1], abs=0.002)
    assert after[2] == pytest.approx(before[2], abs=0.002)
    assert after[3] == before[3]
    assert {frame.shape for frame in after[0]} == {(96, 128, 3)}
    for old, new in zip(before[0], after[0], strict=True):
        assert abs(old.mean() - new.mean()) < 4


@pytest.mark.parametrize("matrix", [1, 5], ids=["BT.709", "BT.601"])
@pytest.mark.parametrize("span", [1, 2], ids=["limited", "full"])
def test_colours_are_kept(tmp_path: Path, matrix: int, span: int) -> None:
    """A strong green comes out as it went in, whatever matrix and range the video is coded by."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10, options={"crf": "10"})
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.colorspace, video.codec_context.color_range = matrix, span
        green = av.VideoFrame.from_ndarray(np.full((48, 64, 3), (30, 200, 30), np.uint8), format="bgr24")
        coded = green.reformat(format="yuv420p", dst_colorspace=matrix, dst_color_range=span)
        coded.colorspace, coded.color_range = matrix, span
        container.mux([*video.encode(coded), *video.encode(None)])
    (job,) = plan(path, tmp_path / "b.mp4")
    anonymise(job, find=_FindsAlways(_FACE))
    for place in (path, job.target):
        np.testing.assert_allclose(_read(place)[0][0].mean(axis=(0, 1)), (30, 200, 30), atol=6)


def test_uneven_times_and_odd_sizes_are_kept(tmp_path: Path) -> None:
    """A video of uneven pace and odd size comes out with the same times and size."""
    path = write_video(tmp_path / "a.mkv", greys(4), times=[0, 40, 500, 540])
    Image.fromarray(_noise(1, height=45, width=63)).save(
        tmp_path / "a.gif", save_all=True, append_images=[Image.fromarray(_noise(2, height=45, width=63))], duration=200
    )
    for source, target in ((path, "b.mkv"), (tmp_path / "a.gif", "b.gif"), (tmp_path / "a.gif", "b.mp4")):
        (job,) = plan(source, tmp_path / target)
        anonymise(job, find=_FindsAlways(_FACE))
        before, after = _read(source), _read(job.target)
        assert after[1] == pytest.approx(before[1], abs=0.002)
        assert after[0][0].shape == before[0][0].shape


def test_a_video_face_is_covered_in_frames_where_it_was_missed(tmp_path: Path) -> None:
    """Found in the first frame alone, a face is covered for half a second after it."""
    path = write_video(tmp_path / "a.mp4", [_bright_face() for _ in range(10)], rate=10)
    (job,) = plan(path, tmp_path / "b.mp4")
    anonymise(job, find=_FindsAlways(_FACE, 0))
    pictures = _read(job.target)[0]
    bright = [picture[20, 30].mean() > 150 for picture in pictures]
    assert bright == [False] * 6 + [True] * 4


def _bright_face() -> _Pixels:
    picture = np.full((96, 128, 3), 60, np.uint8)
    picture[10:34, 20:40] = 230
    return picture


def test_names_and_places_in_a_video_are_left_out(tmp_path: Path) -> None:
    """Title, author and place of the recording are gone, wherever the container holds them."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata.update({"title": "SECRET-TITLE", "location": "+48.85+002.35/"})
        video = container.add_stream("libx264", rate=10)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.metadata["handler_name"] = "SECRET-HANDLER"
        for picture in greys(3):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(video.encode(None))
    assert b"SECRET" in path.read_bytes()
    (job,) = plan(path, tmp_path / "b.mkv")
    anonymise(job, find=_FindsAlways(_FACE))
    content = job.target.read_bytes()
    assert b"SECRET" not in content
    assert b"48.85" not in content


def test_a_folder_is_done_to_its_bottom(tmp_path: Path) -> None:
    """Pictures and videos below a folder are planned into the same places of another; what is neither is left out."""
    deep = tmp_path / "in" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "in" / "notes.txt").write_text("x", "utf-8")
    Image.fromarray(_noise(1)).save(tmp_path / "in" / "a.png")
    write_video(deep / "b.mp4", greys(2))
    jobs = plan(tmp_path / "in", tmp_path / "out")
    assert jobs == (
        Job(source=tmp_path / "in" / "a.png", target=tmp_path / "out" / "a.png", video=False),
        Job(source=deep / "b.mp4", target=tmp_path / "out" / "deep" / "b.mp4", video=True),
    )
    for job in jobs:
        anonymise(job, find=_FindsAlways(_FACE))
        assert job.target.is_file()


def _link(path: Path) -> Path:
    link = path.with_name("link.png")
    link.symlink_to(path)
    return link


@pytest.mark.parametrize("target", ["in.png", "link.png", ".", "in.xyz", "in.mp4"])
def test_what_is_read_is_never_overwritten(tmp_path: Path, target: str) -> None:
    """The same file, a link to it, its own folder, or a format that does not fit are refused beforehand."""
    source = tmp_path / "in.png"
    Image.fromarray(_noise(1)).save(source)
    _link(source)
    content = source.read_bytes()
    with pytest.raises(CaptureError):
        plan(source, tmp_path / target)
    assert source.read_bytes() == content


@pytest.mark.parametrize(
    ("source", "target"), [("", "out"), ("x", ""), ("x", "x/y"), ("none.png", "out.png"), ("empty", "o")]
)
def test_folders_that_do_not_fit_are_refused(tmp_path: Path, source: str, target: str) -> None:
    """A folder into itself, around itself or below itself, a missing file and an empty folder are refused."""
    (tmp_path / "x").mkdir()
    (tmp_path / "empty").mkdir()
    Image.fromarray(_noise(1)).save(tmp_path / "x" / "a.png")
    with pytest.raises(CaptureError) as caught:
        plan(tmp_path / source, tmp_path / target)
    assert caught.value.advice()


@pytest.mark.parametrize("name", ["a.jpg", "a.mp4", "a.gif"])
@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0" + bytes(50)], ids=["empty", "text", "head"])
def test_a_broken_file_leaves_nothing_behind(tmp_path: Path, name: str, content: bytes) -> None:
    """A file that cannot be read is an error of one line, and neither OUT nor a part of it exists afterwards."""
    source = tmp_path / name
    source.write_bytes(content)
    (job,) = plan(source, tmp_path / f"out{source.suffix}")
    with pytest.raises(CaptureError, match=name) as caught:
        anonymise(job, find=_finds())
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_error_in_the_middle_keeps_what_was_there(tmp_path: Path) -> None:
    """When finding fails half-way, an OUT that existed is as it was, and no part is left."""
    source = write_video(tmp_path / "in.mp4", greys(3))
    target = tmp_path / "out.mp4"
    target.write_bytes(b"before")

    def fails(pixels: _Pixels, *, enlarged_px: int) -> Sequence[Box]:
        raise CaptureError(f"failed at {pixels.shape}, {enlarged_px}", advice="none")

    (job,) = plan(source, target)
    with pytest.raises(CaptureError, match="failed"):
        anonymise(job, find=fails)
    assert target.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Where OUT would lie below a file, the error names the folder."""
    (tmp_path / "file").write_bytes(b"")
    buffer = io.BytesIO()
    Image.fromarray(_noise(1)).save(buffer, "PNG")
    (tmp_path / "in.png").write_bytes(buffer.getvalue())
    (job,) = plan(tmp_path / "in.png", tmp_path / "file" / "out.png")
    with pytest.raises(CaptureError, match="cannot be made"):
        anonymise(job, find=_finds())
