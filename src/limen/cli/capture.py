"""Capturing a person in front of a camera, with a live hint what to do; used by enrol and confirm."""

from __future__ import annotations

from rich.live import Live

from limen.bootstrap import Site
from limen.cli.output import Output
from limen.core.errors import CaptureError
from limen.core.frame import Frame
from limen.core.quality import Assessed, Quality, QualityMeasure
from limen.flows.capture import hint_for
from limen.flows.look import Look, Seen
from limen.frames.sources import open_source

__all__ = ["CAPTURES", "capture_from_camera"]

CAPTURES = 3
_WORDS = {
    Seen.NOBODY: "no face in view",
    Seen.SEVERAL: "more than one face in view: one at a time, please",
    Seen.MASK: "a mask is worn: please take it off for a moment",
    Seen.GOOD: "good, stay like this",
}
_APART_FRAMES = 8
_MAX_FRAMES = 1500


def capture_from_camera(site: Site, source: str, output: Output, *, wanted: int = CAPTURES) -> list[Frame]:
    """Take good frames of the one person in view.

    Args:
        site: whose vision judges the frames; nothing is embedded here.
        source: as `frames.sources.open_source` takes it.
        output: the hint is shown on stderr.
        wanted: how many frames.

    Raises:
        CaptureError: no camera, or no good frame within a minute or so.
    """
    taken: list[Frame] = []
    last = -_APART_FRAMES
    camera = open_source(source, clock=site.clock)
    try:
        with Live("Look at the camera …", console=output.aside, refresh_per_second=8, transient=True) as live:
            for number, frame in enumerate(camera.frames()):
                hint, good = _judge(site, frame)
                live.update(f"{len(taken)} of {wanted} pictures · {hint}")
                if good and number - last >= _APART_FRAMES:
                    taken.append(frame)
                    last = number
                if len(taken) == wanted or number >= _MAX_FRAMES:
                    break
    finally:
        camera.close()
    if not taken:
        raise CaptureError(
            f"camera {source}: no good picture of one face", advice="one person, facing the camera, in good light"
        )
    return taken


def _judge(site: Site, frame: Frame) -> tuple[str, bool]:
    looked = Look(eyes=site.vision)(frame)
    if looked.quality is None:
        return _WORDS[looked.seen], False
    hint = _WORDS.get(looked.seen) or hint_for([looked.quality])
    return hint + _bar(looked.quality), looked.seen is Seen.GOOD


def _bar(quality: Quality) -> str:
    sharpness = quality[QualityMeasure.SHARPNESS]
    shown = sharpness.mapped if isinstance(sharpness, Assessed) else 0
    return f" · quality {quality.unified}, sharpness {shown}"
