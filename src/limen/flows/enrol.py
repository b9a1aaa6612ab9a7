"""enrol: a person who agreed becomes recognisable.

What must hold, in this order:
 (1) the template kind is one this version keeps;
 (2) the agreement exists, holds now, is nobody else's, and is simulated in trial folders only;
 (3) a trial folder has room (50 people at most);
 (4) every picture shows exactly one face, well enough, and without a mask;
 (5) all pictures show one person;
 (6) live captures only: whether somebody so alike is enrolled already, answered without a name, audited, rate-limited.
Then the references, the agreement's tie and the audit record become durable in one transaction. Pictures are not kept.
Not checked here: that the person in the pictures is who the name says. The operator stands for that.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from limen.core.errors import RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditTag
from limen.core.people import (
    Agreement,
    AgreementId,
    GivenHow,
    Reference,
    ReferenceId,
    SiteKind,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.core.ports import Clock, Gallery, Store, Vision
from limen.core.probe import MaskSeen, MaskState, Probe
from limen.flows.capture import only_face

__all__ = ["DUPLICATE_CHECKS_PER_HOUR", "TRIAL_PEOPLE", "Enrol", "Enrolled"]

TRIAL_PEOPLE = 50
DUPLICATE_CHECKS_PER_HOUR = 30
_SAME_PERSON_FMR = 1e-3
_DUPLICATE_FPIR = 1e-3
_MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The answer of an enrolment.

    Attributes:
        subject: the new person.
        qualities: unified quality of each reference.
        may_already_be_enrolled: somebody alike is; never who. None where the check does not run.
    """

    subject: Subject
    qualities: tuple[int, ...]
    may_already_be_enrolled: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """Enrols people; see the module for the order of checks."""

    store: Store
    vision: Vision
    gallery: Gallery
    clock: Clock

    def __call__(
        self, frames: Sequence[Frame], *, name: str, agreement_id: AgreementId, kind: TemplateKind
    ) -> Enrolled:
        """Enrol one person from one or more frames.

        Raises:
            RefusedError: one of the checks says no; nothing was written.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        self._check_request(frames, name, kind)
        self._check_agreement(agreement_id, now)
        probes = self._capture(frames)
        try:
            live_capture = all(frame.kind is SourceKind.LIVE_CAMERA for frame in frames)
            alike = self._check_duplicate(probes, now) if live_capture else None
            subject = self._store_person(probes, name=name, agreement_id=agreement_id, now=now, live=live_capture)
        finally:
            for probe in probes:
                probe.wipe()
        qualities = tuple(probe.quality.unified for probe in probes)
        return Enrolled(subject=subject, qualities=qualities, may_already_be_enrolled=alike)

    @staticmethod
    def _check_request(frames: Sequence[Frame], name: str, kind: TemplateKind) -> None:
        """(1), and that there is something to work on."""
        if kind is not TemplateKind.GALLERY:
            raise RefusedError(
                f"this version keeps no {kind.value} templates yet",
                advice="use --kind gallery, or wait for the version with passes",
                reason="kind_not_built",
            )
        if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
            raise RefusedError(f"a name has 1 to {_MAX_NAME} printable characters", advice="give --name", reason="name")
        if not frames:
            raise RefusedError(
                "no picture given", advice="name one or more pictures, or use --camera", reason="no_face"
            )

    def _check_agreement(self, agreement_id: AgreementId, now: datetime) -> None:
        """(2) and (3)."""
        with self.store.read() as unit:
            agreement = unit.agreements.get(agreement_id)
            people = unit.subjects.count()
        if agreement is None:
            raise RefusedError(
                f"there is no agreement {agreement_id}", advice="record one: limen consent new", reason="no_agreement"
            )
        if agreement.subject_id is not None:
            raise RefusedError(
                f"agreement {agreement_id} belongs to another enrolment",
                advice="every person agrees separately: limen consent new",
                reason="agreement_taken",
            )
        if not agreement.is_live(at=now):
            raise RefusedError(
                f"agreement {agreement_id} has expired", advice="ask the person again", reason="agreement_expired"
            )
        trial = self.store.site_kind is SiteKind.TRIAL
        if agreement.how is GivenHow.SIMULATED and not trial:
            raise RefusedError(
                "a simulated agreement counts in trial folders only",
                advice="let the person agree in person",
                reason="agreement_simulated",
            )
        if trial and people >= TRIAL_PEOPLE:
            raise RefusedError(
                f"a trial folder holds at most {TRIAL_PEOPLE} people",
                advice="withdraw somebody, or make a live folder: limen site new --kind live",
                reason="trial_full",
            )

    def _capture(self, frames: Sequence[Frame]) -> tuple[Probe, ...]:
        """(4) and (5)."""
        probes: list[Probe] = []
        try:
            for frame in frames:
                probes.append(only_face(self.vision, frame))
                _check_bare(probes[-1], frame)
            for first, second in itertools.combinations(range(len(probes)), 2):
                if self.gallery.compare(probes[first], probes[second]).fmr > _SAME_PERSON_FMR:
                    raise RefusedError(
                        f"{frames[first].source} and {frames[second].source} do not seem to show one person",
                        advice="give pictures of one person, taken lately",
                        reason="different_people",
                    )
        except BaseException:
            for probe in probes:
                probe.wipe()
            raise
        return tuple(probes)

    def _check_duplicate(self, probes: Sequence[Probe], now: datetime) -> bool:
        """(6)."""
        with self.store.begin() as unit:
            recent = sum(
                record.tag is AuditTag.DUPLICATE_CHECKED and record.at > now - timedelta(hours=1)
                for record in unit.audit.records()
            )
            if recent >= DUPLICATE_CHECKS_PER_HOUR:
                raise RefusedError(
                    f"more than {DUPLICATE_CHECKS_PER_HOUR} people were checked within an hour",
                    advice="go on in an hour; the limit keeps the check from being used to look people up",
                    reason="too_many_checks",
                )
            unit.audit.append(AuditTag.DUPLICATE_CHECKED, at=now, alias=None, detail={})
            unit.commit()
        return any(self.gallery.may_be_enrolled(item, at=now, fpir_target=_DUPLICATE_FPIR) for item in probes)

    def _store_person(
        self, probes: Sequence[Probe], *, name: str, agreement_id: AgreementId, now: datetime, live: bool
    ) -> Subject:
        subject_id = SubjectId(new_id("s"))
        confirmed = live or self.store.site_kind is SiteKind.TRIAL
        with self.store.begin() as unit:
            unit.agreements.bind(agreement_id, subject_id)
            agreement = unit.agreements.get(agreement_id)
            assert agreement is not None  # bind has just found it
            subject = Subject(
                subject_id=subject_id,
                name=name.strip(),
                kind=TemplateKind.GALLERY,
                agreement=agreement,
                enrolled_at=now,
                n_references=len(probes),
                confirmed=confirmed,
            )
            references = [self._reference(probe, subject_id, agreement, confirmed=confirmed) for probe in probes]
            unit.subjects.add(subject, references)
            detail = {"kind": subject.kind.value, "references": len(probes), "confirmed": confirmed}
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=now, alias=alias, detail=detail)
            unit.commit()
        return subject

    def _reference(self, probe: Probe, subject_id: SubjectId, agreement: Agreement, *, confirmed: bool) -> Reference:
        vector, scheme_id = self.gallery.protect(probe.embedding)
        return Reference(
            reference_id=ReferenceId(new_id("r")),
            subject_id=subject_id,
            vector=vector,
            model_id=probe.model_id,
            scheme_id=scheme_id,
            mask=probe.mask.state if isinstance(probe.mask, MaskSeen) else MaskState.UNSURE,
            quality=probe.quality.unified,
            confirmed=confirmed,
            expires_at=agreement.expires_at,
        )


def _check_bare(probe: Probe, frame: Frame) -> None:
    """A reference is of a bare face: one such serves bare and masked, a masked one serves neither well."""
    if isinstance(probe.mask, MaskSeen) and probe.mask.state in (MaskState.WORN, MaskState.INCORRECT):
        raise RefusedError(
            f"{frame.source}: a mask is worn on it",
            advice="please take it off for a moment, at home or in private; the door will then know you with it, too",
            reason="mask_worn",
        )
