"""recognise: every face of a frame -> an enrolled person or unknown, with the rates behind it.

In live folders only a live camera may ask (promise 4): limen answers no "who is this?" for arbitrary pictures.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from limen.core.decision import StageTimes
from limen.core.errors import RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.match import Match
from limen.core.people import SiteKind
from limen.core.ports import Clock, Gallery, Store, Vision
from limen.core.probe import Probe

__all__ = ["Recognise", "Recognition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """One face of a frame and who it is. The probe's embedding is already wiped."""

    probe: Probe
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """Answers who is in a frame."""

    store: Store
    vision: Vision
    gallery: Gallery
    clock: Clock
    fpir_target: float

    def __call__(self, frame: Frame) -> tuple[tuple[Recognition, ...], StageTimes]:
        """Recognise all faces of a frame, most confident detection first.

        One enrolled person is at most one face of a frame: of two faces that match one person, only the more alike
        keeps the name.

        Raises:
            RefusedError: a live folder was asked about something that is no live capture.
        """
        if self.store.site_kind is SiteKind.LIVE and frame.kind is not SourceKind.LIVE_CAMERA:
            raise RefusedError(
                "a live folder recognises people in front of its cameras only, never on pictures",
                advice="use a trial folder with people who agreed to it",
                reason="not_a_live_capture",
            )
        now = self.clock.now()
        faces = self.vision.detect(frame)
        probes, times = self.vision.assess(frame, faces)
        started = time.perf_counter()
        try:
            found = self.gallery.search_frame(probes, at=now, fpir_target=self.fpir_target)
        finally:
            for probe in probes:
                probe.wipe()
        searched_ms = 1000.0 * (time.perf_counter() - started)
        recognitions = tuple(Recognition(probe=p, match=m) for p, m in zip(probes, found, strict=True))
        return recognitions, replace(times, search_ms=searched_ms)
