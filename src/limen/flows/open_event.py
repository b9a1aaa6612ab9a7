"""open_event: whom an event was about is told for an open incident, with a reason, when a second role agrees.

1. One asks, with the incident and the reason; somebody of another role and another account approves.
2. For a day whoever asked may look. Every look is written into the chain under the person's alias before it is told, so
   the person sees who looked, as what, when and why.
3. Nothing here lists several events of one person, and an answer says one name for one event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from limen.core.errors import RefusedError
from limen.core.incidents import EventOpening, IncidentId, OpeningId
from limen.core.ledger import AuditTag, Detail
from limen.core.people import Subject, new_id
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.desk import stated
from limen.flows.report_incident import find_event

__all__ = ["SHOWN_FOR", "OpenEvent"]

SHOWN_FOR = timedelta(days=1)
"""How long an approved event may be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEvent:
    """Asks, approves, tells.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def ask(self, event: str, *, incident_id: IncidentId, reason: str, by: str, role: str) -> EventOpening:
        """Ask for one event.

        Args:
            event: id of the door's event.
            incident_id: an open incident.
            reason: why, a few words.
            by: account of whoever asks.
            role: theirs.

        Raises:
            RefusedError: no open incident, no such event, no reason.
            StorageError: the store cannot be written.
        """
        told, now = stated(reason), self.clock.now()
        with self.store.begin() as unit:
            self._check_open(unit, incident_id)
            find_event(unit, event)
            opening = EventOpening(
                opening_id=OpeningId(new_id("v")),
                incident_id=incident_id,
                event=event,
                reason=told,
                asked_by=by,
                asked_role=role,
                asked_at=now,
            )
            unit.incidents.put_opening(opening)
            unit.audit.append(AuditTag.EVENT_ASKED, at=now, alias=None, detail=_detail(opening))
            unit.commit()
        return opening

    def approve(self, opening_id: OpeningId, *, by: str, role: str) -> EventOpening:
        """Agree, as somebody else of another role.

        Raises:
            RefusedError: nothing to approve, the incident is settled, or one's own account or role asked.
            StorageError: the store cannot be written.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            opening = _find(unit, opening_id)
            if opening.approved_by:
                raise RefusedError("this was approved already", advice="nothing is left to do", reason="no_opening")
            self._check_open(unit, opening.incident_id)
            if by == opening.asked_by or role == opening.asked_role:
                raise RefusedError(
                    "an event is opened by two people of two roles",
                    advice="let somebody of another role approve",
                    reason="second_role",
                )
            opening = replace(opening, approved_by=by, approved_role=role, until=now + SHOWN_FOR)
            unit.incidents.put_opening(opening)
            detail = {**_detail(opening), "approved_by": by, "approved_role": role}
            unit.audit.append(AuditTag.EVENT_APPROVED, at=now, alias=None, detail=detail)
            unit.commit()
        return opening

    def look(self, opening_id: OpeningId, *, by: str) -> Subject | None:
        """Whom the event was about; None if that person has withdrawn since, and nobody can tell any more.

        Args:
            opening_id: which.
            by: account of whoever asked; nobody else may look.

        Raises:
            RefusedError: not approved, not one's own, the day is over, or the incident is settled.
            StorageError: the look cannot be recorded; then nothing is told.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            opening = _find(unit, opening_id)
            self._check_open(unit, opening.incident_id)
            if opening.until is None or now >= opening.until or by != opening.asked_by:
                raise RefusedError(
                    "this event is not open to you",
                    advice="ask for it with an incident and a reason, and let a second role approve",
                    reason="event_not_open",
                )
            alias = find_event(unit, opening.event).alias
            found = [item for item in unit.subjects.all() if unit.subjects.alias(item.subject_id) == alias]
            unit.audit.append(AuditTag.EVENT_OPENED, at=now, alias=alias, detail=_detail(opening))
            unit.commit()
        return found[0] if found else None

    @staticmethod
    def _check_open(unit: UnitOfWork, incident_id: IncidentId) -> None:
        incident = unit.incidents.get(incident_id)
        if incident is None or incident.closed_at is not None:
            raise RefusedError(
                "there is no such open incident", advice="see the page of incidents", reason="no_incident"
            )


def _find(unit: UnitOfWork, opening_id: OpeningId) -> EventOpening:
    found = [opening for opening in unit.incidents.openings() if opening.opening_id == opening_id]
    if not found:
        raise RefusedError("nobody asked for this", advice="see the page of incidents", reason="no_opening")
    return found[0]


def _detail(opening: EventOpening) -> Detail:
    return {
        "opening": opening.opening_id,
        "incident": opening.incident_id,
        "event": opening.event,
        "reason": opening.reason,
        "by": opening.asked_by,
        "role": opening.asked_role,
        "approved_role": opening.approved_role,
    }
