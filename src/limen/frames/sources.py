"""Whatever gives frames, opened by one name: a camera's number or device, an address, a video, a folder of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.ports import Clock, FrameSource
from limen.frames.camera import Camera
from limen.frames.folder import PictureFolder
from limen.frames.network import NetworkCamera, without_secrets
from limen.frames.newest import Newest
from limen.frames.slot import STALLED_AFTER_S
from limen.frames.video import VideoFile

__all__ = ["open_source"]

_MOST_DIGITS = 4
_DEVICES = "/dev/"
_STREAMS = "rtsp://"


def open_source(
    spec: str, *, clock: Clock, stalled_after_s: float = STALLED_AFTER_S, paced: bool = False
) -> FrameSource:
    """Open a source of frames.

    A live one is held open and warm by a thread of its own, gives the newest frame, and is opened again for as long as
    it takes when it breaks; that it is not there shows at the first frame. A recorded one gives every frame in order.

    Args:
        spec: ``0`` (the first webcam), ``/dev/video0``, ``rtsp://...``, a video file, or a folder of pictures.
        clock: stamps frames.
        stalled_after_s: how long a live source may be silent before whoever waits is told.
        paced: give a video's frames when their time has come, and only the newest, as a camera would.

    Raises:
        CaptureError: no such file or folder, or one that is no video and holds no picture; or not an address for RTSP.
    """
    if spec.startswith(_STREAMS):
        return _held(lambda: NetworkCamera(spec, clock=clock), without_secrets(spec), stalled_after_s)
    if "://" in spec:
        raise CaptureError(f"camera {without_secrets(spec)}: not an address of a kind known here", advice="use rtsp://")
    if (spec.isdecimal() and len(spec) <= _MOST_DIGITS) or spec.startswith(_DEVICES):
        return _held(lambda: Camera(spec, clock=clock), spec, stalled_after_s)
    path = Path(spec)
    try:
        folder, file = bool(spec) and path.is_dir(), path.is_file()
    except (OSError, ValueError):  # no name that the system could have a file under
        folder = file = False
    if folder:
        return PictureFolder(path, clock=clock)
    if not file:
        raise CaptureError(f"camera {spec}: there is none", advice="see `limen doctor` for cameras found")
    video = VideoFile(path, clock=clock, paced=paced)
    if not paced:
        return video
    return Newest(lambda: video, name=f"video {path}", kind=SourceKind.FILE, stalled_after_s=stalled_after_s)


def _held(opened: Callable[[], FrameSource], name: str, stalled_after_s: float) -> FrameSource:
    return Newest(opened, name=f"camera {name}", kind=SourceKind.LIVE_CAMERA, stalled_after_s=stalled_after_s)
