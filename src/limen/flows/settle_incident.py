"""settle_incident: an incident is closed, with the reason; the face opens again, or still needs a second factor.

Where a face was taken for another's, a new capture does not change how alike the two look, so lifting the freeze is a
choice of its own, on record. With several open incidents about one person the freeze stays until the last is settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from limen.core.errors import RefusedError
from limen.core.incidents import Incident, IncidentId
from limen.core.ledger import AuditTag, Detail
from limen.core.ports import Clock, Store
from limen.flows.desk import stated

__all__ = ["SettleIncident"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleIncident:
    """Closes incidents.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def __call__(self, incident_id: IncidentId, *, lift: bool, note: str, by: str) -> Incident:
        """Close one.

        Args:
            incident_id: which.
            lift: whether the person's face alone may open again.
            note: why, a few words.
            by: id of the account.

        Raises:
            RefusedError: there is no such open incident, or no words.
            StorageError: the store cannot be written.
        """
        told, now = stated(note), self.clock.now()
        with self.store.begin() as unit:
            incident = unit.incidents.get(incident_id)
            if incident is None or incident.closed_at is not None:
                raise RefusedError(
                    "there is no such open incident", advice="see the page of incidents", reason="no_incident"
                )
            unit.incidents.close(incident_id, at=now)
            who = incident.subject_id
            still = any(item.subject_id == who and item.closed_at is None for item in unit.incidents.all())
            lifted = lift and who is not None and not still
            if lifted and who is not None:
                unit.rights.put(who, replace(unit.rights.get(who), frozen=False))
            alias = None if who is None else unit.subjects.alias(who)
            detail: Detail = {"incident": incident_id, "lifted": lifted, "reason": told, "by": by}
            unit.audit.append(AuditTag.INCIDENT_CLOSED, at=now, alias=alias, detail=detail)
            unit.commit()
        return replace(incident, closed_at=now)
