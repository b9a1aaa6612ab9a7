"""report_incident: "this was not me", at the desk or on the person's own page; or something else happened at a door.

1. "This was not me" freezes the person's face at once: from the next decision on it opens nothing without a second
   factor. The person asked for it, so nobody has to prove anything first.
2. The incident holds what the door had written down of the event: when, where, rates, quality. There is no picture, and
   nobody who might have been meant: a twin is never named.
3. Whether the event was about this person at all is not told. Otherwise the desk could try person after person until it
   knew whom an event was about; for that there is `open_event`, with a second role.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from limen.core.errors import RefusedError
from limen.core.incidents import Incident, IncidentId, IncidentKind
from limen.core.ledger import AuditRecord, AuditTag, Detail
from limen.core.people import SubjectId, new_id
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.desk import stated
from limen.flows.somebody import somebody

__all__ = ["ReportIncident", "find_event"]

_FACTS = ("outcome", "reasons", "condition", "fpir_below", "fpir_asked", "quality", "policy")
_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIncident:
    """Opens incidents.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def not_me(self, subject_id: SubjectId, *, event: str, note: str, by: str) -> Incident:
        """Somebody says: this was not me.

        Args:
            subject_id: who says so.
            event: id of the door's event; empty if it cannot be told.
            note: a few words, no names.
            by: id of the account, or ``self``.

        Raises:
            RefusedError: there is no such person, no such event, or no words.
            StorageError: the store cannot be written.
        """
        told, now = stated(note), self.clock.now()
        with self.store.begin() as unit:
            somebody(unit, subject_id)
            incident = replace(self._incident(unit, IncidentKind.NOT_ME, event), subject_id=subject_id)
            incident = replace(incident, note=told, opened_by=by, opened_at=now)
            unit.incidents.add(incident)
            unit.rights.put(subject_id, replace(unit.rights.get(subject_id), frozen=True))
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.INCIDENT_OPENED, at=now, alias=alias, detail=_detail(incident))
            unit.commit()
        return incident

    def something_happened(self, *, event: str, note: str, by: str) -> Incident:
        """Something else happened at a door; it is about nobody.

        Raises:
            RefusedError: there is no such event, or no words.
            StorageError: the store cannot be written.
        """
        told, now = stated(note), self.clock.now()
        with self.store.begin() as unit:
            incident = self._incident(unit, IncidentKind.SOMETHING_HAPPENED, event)
            incident = replace(incident, note=told, opened_by=by, opened_at=now)
            unit.incidents.add(incident)
            unit.audit.append(AuditTag.INCIDENT_OPENED, at=now, alias=None, detail=_detail(incident))
            unit.commit()
        return incident

    def _incident(self, unit: UnitOfWork, kind: IncidentKind, event: str) -> Incident:
        bare = Incident(incident_id=IncidentId(new_id("n")), kind=kind, opened_at=self.clock.now())
        if not event.strip():
            return bare
        record = find_event(unit, event.strip())
        facts = tuple((name, str(record.detail[name])) for name in _FACTS if record.detail.get(name) not in {None, ""})
        return replace(bare, event=event.strip(), door=str(record.detail["door"]), happened_at=record.at, facts=facts)


def find_event(unit: UnitOfWork, event: str) -> AuditRecord:
    """The record of a door's decision.

    Raises:
        RefusedError: there is none of that id among the newest 100,000.
    """
    before: int | None = None
    for _ in range(_MOST // 1000):
        page = unit.audit.latest(frozenset({AuditTag.DOOR_DECIDED}), most=1000, before=before)
        found = next((record for record in page if record.detail.get("event") == event), None)
        if found is not None:
            return found
        if not page:
            break
        before = page[-1].sequence
    raise RefusedError("there is no such event", advice="choose one from the list of events", reason="no_event")


def _detail(incident: Incident) -> Detail:
    return {
        "incident": incident.incident_id,
        "kind": incident.kind.value,
        "event": incident.event,
        "door": incident.door,
        "by": incident.opened_by,
    }
