"""Pictures and videos, one or a folder of them, with every face covered and nothing else said about anybody.

1. What is read is never overwritten. What is written appears whole or not at all.
2. A picture is looked at again after covering, until nothing more is found in it.
3. What a picture's file holds beside the picture (EXIF with place and camera, thumbnail, comments) is left out, since
   it is coded anew from its pixels. Of a file with several pictures inside, the first is written. For videos see
   ``anonymous_video``.
4. In a folder, one unreadable file does not keep the others from being done; what is no picture or video is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from limen.core.errors import CaptureError
from limen.core.face import Box
from limen.frames.anonymous_video import anonymise_video, count_frames
from limen.frames.cover import FindFaces, cover
from limen.frames.pictures import SUFFIXES, read_picture
from limen.frames.video_writer import VIDEO_FORMATS
from limen.frames.writing import written_whole

__all__ = ["Anonymised", "Job", "anonymise", "plan", "steps"]

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_ROUNDS = 3
_PICTURE_PX = 4000
_WRITTEN = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
_READ_VIDEOS = {*VIDEO_FORMATS, ".avi", ".mpg", ".mpeg", ".ts", ".3gp", ".flv", ".ogv"}
_QUALITY = {"JPEG": {"quality": 92}, "WEBP": {"quality": 92}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to do.

    Attributes:
        source, target: from where to where.
        video: whether it moves.
    """

    source: Path
    target: Path
    video: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymised:
    """What was done.

    Attributes:
        job: the file.
        frames: how many, 1 for a picture.
        faces: places covered; of a video the most in one frame.
    """

    job: Job
    frames: int
    faces: int


def plan(source: Path, target: Path) -> tuple[Job, ...]:
    """What is to be done.

    Args:
        source: a picture, a video, or a folder, looked through to its bottom.
        target: a file for a file, or a folder, which is made.

    Raises:
        CaptureError: nothing to read, nothing that can be written, or the one would overwrite the other.
    """
    if source.is_dir():
        if target.resolve().is_relative_to(source.resolve()) or source.resolve().is_relative_to(target.resolve()):
            raise CaptureError(f"{target}: lies in {source}, or around it", advice="choose a folder elsewhere")
        paths = [path for path in sorted(source.rglob("*")) if _readable(path) and path.is_file()]
        jobs = [_job(path, target / path.relative_to(source)) for path in paths]
        if not jobs:
            raise CaptureError(f"{source}: no picture or video in it", advice=f"known are {_known()}")
        return tuple(jobs)
    if not source.is_file():
        raise CaptureError(f"{source}: there is no such file or folder", advice="check the name")
    job = _job(source, target / source.name if target.is_dir() else target)
    if job.target.exists() and job.target.samefile(source):
        raise CaptureError(f"{job.target}: is the file that is read", advice="choose another name to write to")
    return (job,)


def steps(job: Job) -> int:
    """How much work a job is, in pictures looked at or written; about.

    Raises:
        CaptureError: a video that cannot be read.
    """
    return 2 * count_frames(job.source) if job.video else 1


def anonymise(job: Job, *, find: FindFaces, progress: Callable[[int], object] = lambda _: None) -> Anonymised:
    """Do one file.

    Raises:
        CaptureError: it cannot be read or written; then nothing was written.
    """
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaptureError(
            f"{job.target.parent}: cannot be made ({error.strerror})", advice="choose another"
        ) from error
    with written_whole(job.target) as part:
        if not job.video:
            faces = _anonymise_picture(job, part, find=find)
            progress(1)
            return Anonymised(job=job, frames=1, faces=faces)
        frames, faces = anonymise_video(
            job.source,
            part,
            suffix=job.target.suffix.lower(),
            find=find,
            progress=progress,
        )
        return Anonymised(job=job, frames=frames, faces=faces)


def _anonymise_picture(job: Job, part: Path, *, find: FindFaces) -> int:
    pixels = read_picture(job.source, at=_NO_TIME).pixels
    boxes: list[Box] = []
    result = pixels
    for _ in range(_ROUNDS):
        found = find(result, enlarged_px=_PICTURE_PX)
        if not found:
            break
        boxes += found
        result = cover(pixels, boxes)
    kind = _WRITTEN[job.target.suffix.lower()]
    try:
        Image.fromarray(np.ascontiguousarray(result[..., ::-1])).save(part, format=kind, **_QUALITY.get(kind, {}))
    except (ValueError, OSError) as error:  # Pillow's writers raise either, for instance beyond a format's largest side
        raise CaptureError(f"{job.target}: cannot be written ({error})", advice="choose another format") from error
    return len(boxes)


def _job(source: Path, target: Path) -> Job:
    read, written = source.suffix.lower(), target.suffix.lower()
    video = read in _READ_VIDEOS
    if not _readable(source):
        raise CaptureError(f"{source}: not a picture or video by its name", advice=f"known are {_known()}")
    if written not in (VIDEO_FORMATS if video else _WRITTEN):
        possible = ", ".join(VIDEO_FORMATS if video else _WRITTEN)
        raise CaptureError(f"{target}: cannot be written from {source.name}", advice=f"end its name in {possible}")
    return Job(source=source, target=target, video=video)


def _readable(path: Path) -> bool:
    return path.suffix.lower() in {*_READ_VIDEOS, *SUFFIXES}


def _known() -> str:
    return ", ".join(sorted({*_READ_VIDEOS, *SUFFIXES}))
