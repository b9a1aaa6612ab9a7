"""A video file is read to its end, is never live, and, damaged or hostile, costs at most what is damaged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.frames.video import VideoFile
from support.clock import NOON, FakeClock
from support.videos import greys, write_video


def _levels(path: Path) -> list[float]:
    video = VideoFile(path, clock=FakeClock())
    try:
        return [float(frame.pixels.mean()) for frame in video.frames()]
    finally:
        video.close()


def _noise(count: int) -> list[NDArray[np.uint8]]:
    """Frames that cost about as many bytes each."""
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (96, 128, 3), np.uint8) for _ in range(count)]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.mov", "mpeg4"), ("a.webm", "libvpx-vp9")],
)
def test_a_video_is_read_to_its_end(tmp_path: Path, name: str, codec: str) -> None:
    """Every frame comes once, in order, and then the source ends without an error."""
    path = write_video(tmp_path / name, greys(5), codec=codec)
    np.testing.assert_allclose(_levels(path), [20, 60, 100, 140, 180], atol=6)


def test_frames_carry_their_place_in_the_video(tmp_path: Path) -> None:
    """A frame's time is when reading began plus its place, also when frames are unevenly spaced; none is live."""
    path = write_video(tmp_path / "a.mkv", greys(4), times=[0, 100, 400, 450])
    clock = FakeClock()
    video = VideoFile(path, clock=clock)
    frames = []
    for frame in video.frames():
        frames.append(frame)
        clock.advance(timedelta(days=-1))
    video.close()
    after_ms = [round((frame.captured_at - NOON) / timedelta(milliseconds=1)) for frame in frames]
    assert after_ms == [0, 100, 400, 450]
    assert {video.kind, *(frame.kind for frame in frames)} == {SourceKind.FILE}


@pytest.mark.parametrize("content", [b"", b"hello\n", bytes(5000), b"RIFF\x00\x00\x00\x00AVI LIST"])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    """Nothing, text, zeros and a bare header are a CaptureError of one line that names the file, with advice."""
    path = tmp_path / "notes.avi"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"notes\.avi") as caught:
        _levels(path)
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{secret}'\n",
    ],
    ids=["HLS file", "HLS address", "concat"],
)
def test_a_playlist_opens_nothing_else(tmp_path: Path, playlist: str) -> None:
    """A playlist under the name of a video is refused; it cannot make limen read other files or addresses."""
    secret = write_video(tmp_path / "secret.mp4", greys(2))
    path = tmp_path / "film.mp4"
    path.write_text(playlist.format(secret=secret), "utf-8")
    with pytest.raises(CaptureError, match=r"film\.mp4"):
        _levels(path)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    """A recording without moving pictures is refused."""
    path = tmp_path / "voice.mp4"
    with av.open(str(path), "w") as container:
        tone = container.add_stream("aac", rate=16000, layout="mono")
        heard = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        heard.sample_rate = 16000
        container.mux([*tone.encode(heard), *tone.encode(None)])
    with pytest.raises(CaptureError, match="holds no moving pictures"):
        _levels(path)


def test_a_damaged_video_gives_what_is_whole(tmp_path: Path) -> None:
    """With bytes spoilt in its middle, the reader survives and the frames before the damage come."""
    path = write_video(tmp_path / "walk.mkv", _noise(20), rate=10)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = np.random.default_rng(1).bytes(400)
    path.write_bytes(bytes(content))
    assert len(_levels(path)) >= 5


def test_a_cut_off_video_gives_what_is_there(tmp_path: Path) -> None:
    """A file that ends early gives its first frames and then ends."""
    path = write_video(tmp_path / "walk.mkv", _noise(20), rate=10)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 5 <= len(_levels(path)) < 20


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_never_escapes(tmp_path: Path, seed: int) -> None:
    """Wherever bytes are spoilt, the outcome is frames or a CaptureError."""
    rng = np.random.default_rng(seed)
    path = write_video(tmp_path / "walk.mp4", greys(6))
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    places = rng.integers(0, len(content), 60)
    content[places] = rng.integers(0, 256, 60)
    path.write_bytes(content.tobytes())
    caught: list[str] = []
    try:
        _levels(path)
    except CaptureError as error:
        caught.append(str(error))
    assert all("walk.mp4" in text and "\n" not in text for text in caught)


def test_a_paced_video_waits_for_no_frame_whose_time_has_come(tmp_path: Path) -> None:
    """Paced, and with time already run, every frame comes at once; closing it ends a wait."""
    path = write_video(tmp_path / "a.mp4", greys(3), rate=1)
    ticks = iter(range(0, 1000, 10))
    late = VideoFile(path, clock=FakeClock(), paced=True, elapsed=lambda: float(next(ticks)))
    assert len(list(late.frames())) == 3
    early = VideoFile(write_video(tmp_path / "b.mkv", greys(2), times=[0, 9000]), clock=FakeClock(), paced=True)
    frames = early.frames()
    next(frames)
    early.close()
    assert list(frames) == []
