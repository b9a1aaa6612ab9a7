"""verify_pass: a code and one picture, or one look into a camera -> whether the face is that of the code's holder.

In live folders only a live camera may ask (promise 4): limen tells nobody whose pass fits an arbitrary picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limen.core.frame import Frame
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.ports import Clock, Store, Vision
from limen.core.probe import Probe
from limen.flows.capture import main_face
from limen.flows.enrolling import check_live
from limen.flows.present import Present

__all__ = ["VerifyPass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPass:
    """Answers for one code and one picture.

    Attributes:
        store: of the site.
        visions: of every model that is in use, the present one first.
        present: compares.
        clock: tells when.
    """

    store: Store
    visions: Sequence[Vision]
    present: Present
    clock: Clock

    def __call__(self, code: bytes | str, frame: Frame, *, pin: str | None = None, purpose: str = "") -> Match:
        """Compare the one face of a picture with a code.

        Args:
            code: as any reader gave it.
            frame: shows one face.
            pin: what was typed besides, for a badge that asks for one; it counts as one try.
            purpose: of a door; of whom it was not agreed to, nobody is known. Empty asks for none.

        Raises:
            RefusedError: a live folder was given a file, or the picture shows no face or several.
        """
        check_live(self.store, [frame])
        probes: list[Probe] = []
        try:
            probes.extend(main_face(vision, frame) for vision in self.visions)
            match = self.present(code, probes, at=self.clock.now(), pin=pin)
        finally:
            for probe in probes:
                probe.wipe()
        if not isinstance(match, Recognised) or self._agreed_for(purpose, match.subject_id):
            return match
        elsewhere = UnknownReason.NOT_AGREED_FOR_THIS
        return Unknown(reason=elsewhere, fpir=match.fpir, operating_point=match.operating_point)

    def _agreed_for(self, purpose: str, subject_id: SubjectId) -> bool:
        with self.store.read() as unit:
            subject = unit.subjects.get(subject_id)
        return subject is not None and subject.agreement.is_for(purpose)
