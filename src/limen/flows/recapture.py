"""recapture: somebody on the hands-free list whose face has changed is photographed anew; the old templates go.

What must hold, in this order:
 (1) the person is on the list and the agreement is live; a live folder was given a live capture;
 (2) every picture shows one face, well enough, without a mask, and all show one person (`limen.flows.enrolling`);
 (3) that person is still like one of the old references, at the confirming false match rate. Whoever has changed more
     than that is seen at the desk: otherwise whoever found somebody's code could put another face in its place.
Then the new references take the place of the old ones, and the old ones' bytes are scrubbed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.people import Subject, SubjectId, TemplateKind
from limen.core.ports import Clock, Gallery, Store, Vision
from limen.flows.confirm import CONFIRM_FMR
from limen.flows.enrolling import captured, check_live, check_request, reference_of

__all__ = ["Recapture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recapture:
    """Replaces a person's references; see the module for the order of checks."""

    store: Store
    vision: Vision
    gallery: Gallery
    clock: Clock

    def __call__(self, subject_id: SubjectId, frames: Sequence[Frame]) -> Subject:
        """The person, with new references.

        Raises:
            RefusedError: one of the checks says no; nothing was written.
            StorageError: the store cannot be written; nothing was, unless the text says only the scrub is missing.
        """
        subject = self._listed(subject_id)
        check_request(frames, subject.name)
        check_live(self.store, frames)
        with captured(frames, vision=self.vision, comparer=self.gallery) as probes:
            for probe in probes:
                comparison = self.gallery.compare_with(subject_id, probe)
                if comparison is None or comparison.fmr > CONFIRM_FMR:
                    raise RefusedError(
                        "the pictures are not like the ones before",
                        advice="try again in better light, or ask the desk",
                        reason="different_people",
                    )
            references = [
                reference_of(
                    probe,
                    gallery=self.gallery,
                    subject_id=subject_id,
                    expires_at=subject.agreement.expires_at,
                    confirmed=True,
                )
                for probe in probes
            ]
            with self.store.begin() as unit:
                gone = unit.subjects.recapture(subject_id, references)
                alias = unit.subjects.alias(subject_id)
                detail = {"references": len(references), "replaces": gone}
                unit.audit.append(AuditTag.SUBJECT_RECAPTURED, at=self.clock.now(), alias=alias, detail=detail)
                changed = unit.subjects.get(subject_id)
                unit.commit(scrub=True)
        assert changed is not None  # read in the same transaction
        return changed

    def _listed(self, subject_id: SubjectId) -> Subject:
        """(1)."""
        with self.store.read() as unit:
            subject = unit.subjects.get(subject_id)
        if subject is None or subject.kind is not TemplateKind.GALLERY:
            raise RefusedError(
                f"nobody {subject_id} is on the hands-free list",
                advice="see `limen people list`",
                reason="no_such_person",
            )
        if not subject.agreement.is_live(at=self.clock.now()):
            raise RefusedError("the agreement has expired", advice="agree anew first", reason="agreement_expired")
        return subject
