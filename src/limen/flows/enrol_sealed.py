"""enrol_sealed: a person who agreed gets a badge; the site keeps a template that opens with that badge alone.

What must hold, in this order:
 (1) a live folder has the written reason for this kind, and was given a live capture;
 (2) what every enrolment asks (`limen.flows.enrolling`);
 (3) a PIN, if there is one, has 4 to 12 digits, as a keypad at a door has no more.
Then the person, the locked template and the audit record become durable in one transaction. The badge's secret is in
the hands of the caller alone, and in no file, record or log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.match import UnknownReason
from limen.core.pass_ports import BadgeLock
from limen.core.passes import SealedTemplate, is_pin
from limen.core.people import AgreementId, Subject, TemplateKind
from limen.core.ports import Clock, Comparer, Store, Vision
from limen.flows.enrolling import captured, carrier, check_agreement, check_live, check_request, mean_template
from limen.flows.written import NOTHING_WRITTEN, WrittenReasons, check_written

__all__ = ["EnrolSealed", "Sealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A badge for its holder.

    Attributes:
        subject: the holder.
        badge: the badge itself, to be handed over and forgotten.
        with_pin: whether a PIN is asked besides.
        qualities: unified quality of each picture.
    """

    subject: Subject
    badge: bytes = field(repr=False)
    with_pin: bool
    qualities: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSealed:
    """Enrols people by a badge-locked template; see the module for the order of checks."""

    store: Store
    vision: Vision
    comparer: Comparer
    lock: BadgeLock
    clock: Clock
    reasons: WrittenReasons = NOTHING_WRITTEN

    def __call__(
        self, frames: Sequence[Frame], *, name: str, agreement_id: AgreementId, pin: str | None = None
    ) -> Sealed:
        """Enrol one person and make the badge.

        Raises:
            RefusedError: one of the checks says no; nothing was written.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        check_request(frames, name)
        check_written(self.reasons, TemplateKind.SEALED, site_kind=self.store.site_kind)
        check_live(self.store, frames)
        check_agreement(self.store, agreement_id, now=now)
        _check_pin(pin)
        badge = self.lock.new()
        with captured(frames, vision=self.vision, comparer=self.comparer) as probes, self.store.begin() as unit:
            pepper = unit.sealed.make_pepper(at=now)
            locator = self.lock.locator(badge, pepper=pepper)
            assert not isinstance(locator, UnknownReason)  # it was made here a moment ago
            subject = carrier(unit, name=name, kind=TemplateKind.SEALED, agreement_id=agreement_id, now=now)
            unit.sealed.add(
                SealedTemplate(
                    locator=locator,
                    subject_id=subject.subject_id,
                    model_id=self.vision.model_id,
                    with_pin=pin is not None,
                    locked=self.lock.lock(mean_template(probes), badge=badge, pepper=pepper, pin=pin),
                )
            )
            detail = {"kind": subject.kind.value, "references": 1, "confirmed": True}
            alias = unit.subjects.alias(subject.subject_id)
            unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=now, alias=alias, detail=detail)
            unit.commit()
        qualities = tuple(probe.quality.unified for probe in probes)
        return Sealed(subject=subject, badge=badge, with_pin=pin is not None, qualities=qualities)


def _check_pin(pin: str | None) -> None:
    if pin is not None and not is_pin(pin):
        raise RefusedError(
            "a PIN has 4 to 12 digits",
            advice="choose another; it is asked besides the badge, never instead",
            reason="pin",
        )
