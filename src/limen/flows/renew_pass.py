"""renew_pass: whoever brings a pass and the face on it gets a new one, from a new capture.

What must hold, in this order:
 (1) a live folder was given a live capture;
 (2) the pass is this site's, unaltered, not revoked, and its holder's agreement is live; it may have ended;
 (3) every picture shows one face, well enough, without a mask, and all show one person;
 (4) that person is the holder, at the confirming false match rate.
The old pass is revoked in the same transaction. Nobody else has to know the holder: the pass says who it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.match import Recognised, UnknownReason
from limen.core.pass_ports import OneToOne, PassCodec
from limen.core.passes import FacePass, PassRecord, code_bytes
from limen.core.people import SubjectId
from limen.core.ports import Clock, Comparer, Store, Vision
from limen.core.probe import ModelId, Probe
from limen.flows.code_words import CODE_WORDS
from limen.flows.confirm import CONFIRM_FMR
from limen.flows.enrolling import captured, check_live, check_request, mean_template
from limen.flows.making_pass import Issued, PassPlan, make_pass
from limen.flows.open_pass import open_pass

__all__ = ["RenewPass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewPass:
    """Renews face passes; see the module for the order of checks."""

    store: Store
    vision: Vision
    comparer: Comparer
    codec: PassCodec
    matchers: Mapping[ModelId, OneToOne]
    clock: Clock

    def __call__(
        self, code: bytes | str, frames: Sequence[Frame], *, plan: PassPlan, holder: SubjectId | None = None
    ) -> Issued:
        """Make a new pass for the holder of an old one.

        Args:
            code: the old pass.
            frames: of its holder, taken a moment ago.
            plan: what the new one is to be.
            holder: whose pass it has to be, where that is known; None takes anybody's.

        Raises:
            RefusedError: one of the checks says no; nothing was written.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        check_live(self.store, frames)
        opened, old = self._opened(code)
        try:
            if holder not in {None, old.subject_id}:
                what, advice = CODE_WORDS[UnknownReason.PASS_REVOKED]
                raise RefusedError(what, advice=advice, reason=UnknownReason.PASS_REVOKED.value)
            with self.store.read() as unit:
                subject = unit.subjects.get(old.subject_id)
            assert subject is not None  # `open_pass` has just looked
            check_request(frames, subject.name)
            with captured(frames, vision=self.vision, comparer=self.comparer) as probes:
                for probe in probes:
                    self._check_holder(opened, old, probe)
                with self.store.begin() as unit:
                    record, new, revoked = make_pass(
                        unit,
                        mean_template(probes),
                        codec=self.codec,
                        subject=subject,
                        model_id=self.vision.model_id,
                        plan=PassPlan(validity=plan.validity, host=old.host),
                        now=now,
                    )
                    unit.commit()
        finally:
            opened.wipe()
        qualities = tuple(probe.quality.unified for probe in probes)
        return Issued(subject=subject, record=record, code=new, qualities=qualities, revoked=revoked)

    def _opened(self, code: bytes | str) -> tuple[FacePass, PassRecord]:
        raw = code_bytes(code)
        with self.store.read() as unit:
            found = (
                raw
                if isinstance(raw, UnknownReason)
                else open_pass(unit, raw, codec=self.codec, at=self.clock.now(), ended_too=True)
            )
        if isinstance(found, UnknownReason):
            what, advice = CODE_WORDS[found]
            raise RefusedError(what, advice=advice, reason=found.value)
        return found

    def _check_holder(self, opened: FacePass, old: PassRecord, probe: Probe) -> None:
        """(4). A pass of a model that is no longer in use has no face to compare with here."""
        if probe.model_id != opened.terms.model_id:
            what, advice = CODE_WORDS[UnknownReason.CODE_OTHER_MODEL]
            raise RefusedError(what, advice=advice, reason=UnknownReason.CODE_OTHER_MODEL.value)
        matcher = self.matchers[probe.model_id]
        found = matcher.match(opened.vector, probe, subject_id=old.subject_id, fmr_target=CONFIRM_FMR)
        if not isinstance(found, Recognised):
            raise RefusedError(
                "the face is not shown to be that of the pass's holder",
                advice="try again in better light, or revoke the pass and issue another: limen pass issue --again",
                reason="different_people",
            )
