"""confirm: a live capture of the person shows that a reference made from a photo or paper is really theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditTag
from limen.core.people import SiteKind, Subject, SubjectId, TemplateKind
from limen.core.ports import Clock, Gallery, Store, Vision
from limen.flows.capture import only_face
from limen.flows.somebody import nobody, somebody

__all__ = ["CONFIRM_FMR", "Confirm"]

CONFIRM_FMR = 1e-4
"""A capture confirms when at most this share of strangers would look as much like the reference."""


_CARRIED = {
    TemplateKind.PASS: "the person's template is on the face pass, made from a live capture",
    TemplateKind.SEALED: "the person's template is locked with the badge, made from a live capture",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Turns unconfirmed references into confirmed ones."""

    store: Store
    vision: Vision
    gallery: Gallery
    clock: Clock

    def __call__(self, subject_id: SubjectId, frames: Sequence[Frame]) -> Subject:
        """Confirm one person by one or more captures, all of which must match.

        Raises:
            RefusedError: no such person, one of whom the site keeps no reference to confirm, not a live capture in a
                live folder, or the face is another one.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        self._check_kind(subject_id)
        live_only = self.store.site_kind is SiteKind.LIVE
        if not frames or (live_only and any(frame.kind is not SourceKind.LIVE_CAMERA for frame in frames)):
            raise RefusedError(
                "only the person's own live capture confirms", advice="use --camera", reason="not_a_live_capture"
            )
        for frame in frames:
            probe = only_face(self.vision, frame, at_least=0)
            try:
                comparison = self.gallery.compare_with(subject_id, probe)
            finally:
                probe.wipe()
            if comparison is None:
                raise nobody(subject_id)
            if comparison.fmr > CONFIRM_FMR:
                raise RefusedError(
                    f"{frame.source}: does not show the enrolled person",
                    advice="try again in better light, or enrol again",
                    reason="different_people",
                )
        with self.store.begin() as unit:
            count = unit.subjects.confirm(subject_id)
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.SUBJECT_CONFIRMED, at=now, alias=alias, detail={"references": count})
            subject = unit.subjects.get(subject_id)
            unit.commit()
        if subject is None:
            raise RuntimeError("a person confirmed a moment ago is gone")
        return subject

    def _check_kind(self, subject_id: SubjectId) -> None:
        """Only references on the hands-free list may be unconfirmed; what people carry is made from a live capture."""
        with self.store.read() as unit:
            subject = somebody(unit, subject_id)
        if subject.kind is not TemplateKind.GALLERY:
            raise RefusedError(
                f"{subject_id} needs no confirmation: {_CARRIED[subject.kind]}",
                advice="to see that it opens for the person: limen pass verify CODE --camera",
                reason="nothing_to_confirm",
            )
