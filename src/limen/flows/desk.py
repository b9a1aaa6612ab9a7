"""desk: what a person may do about a door, each written down with its reason before it has an effect.

A running door follows requests from the store, in time or not at all; they are authenticated, so that writing to the
database opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from limen.core.door import OPEN_WITHIN, DoorId, DoorRequest, HourCount, RequestKind, Standing
from limen.core.errors import RefusedError
from limen.core.ledger import AuditRecord, AuditTag, Detail
from limen.core.people import SiteKind, new_id
from limen.core.ports import Clock, Store

__all__ = ["EVENTS", "HIDDEN_BELOW", "Desk", "stated"]

HIDDEN_BELOW = 10
"""Totals of fewer are not shown: they might tell of somebody."""

EVENTS = frozenset(
    {
        AuditTag.DOOR_DECIDED,
        AuditTag.DOOR_FORCED,
        AuditTag.DOOR_HELD,
        AuditTag.DOOR_TAMPERED,
        AuditTag.DOOR_OPENED,
        AuditTag.DOOR_CLEARED,
        AuditTag.DOOR_STANDING,
        AuditTag.DOOR_EMPTIED,
        AuditTag.BADGE_PIN_LOCKED,
    }
)
"""What the chain says of doors."""

_CLEARED_WITHIN = timedelta(seconds=30)
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A person's hand on one door."""

    store: Store
    clock: Clock
    door: DoorId

    def open(self, *, reason: str) -> DoorRequest:
        """Ask the running door to open once, now; a trial folder opens nothing.

        Raises:
            RefusedError: no reason is given, or the folder is a trial one.
        """
        if self.store.site_kind is SiteKind.TRIAL:
            raise RefusedError(
                "a trial folder opens no door",
                advice="open it by hand, or make a live folder: limen site new --kind live",
                reason="trial_opens_nothing",
            )
        told = stated(reason)
        return self._ask(RequestKind.OPEN, about="", within=OPEN_WITHIN, tag=AuditTag.DOOR_OPENED, reason=told)

    def clear(self, evidence_id: str, *, reason: str) -> DoorRequest:
        """Tell the running door that a person has looked at a referred visitor and is content.

        Raises:
            RefusedError: no reason is given.
        """
        told = stated(reason)
        return self._ask(
            RequestKind.CLEAR, about=evidence_id, within=_CLEARED_WITHIN, tag=AuditTag.DOOR_CLEARED, reason=told
        )

    def stand(self, *, locked_down: bool | None = None, alarm_set: bool | None = None) -> Standing:
        """Lock the door down or release it, say that the alarm is set or not; how it stands now."""
        with self.store.begin() as unit:
            before = unit.doors.standing(self.door)
            after = replace(
                before,
                locked_down=before.locked_down if locked_down is None else locked_down,
                alarm_set=before.alarm_set if alarm_set is None else alarm_set,
            )
            if after != before:
                unit.doors.set_standing(self.door, after)
                detail: Detail = {"door": self.door, "locked_down": after.locked_down, "alarm_set": after.alarm_set}
                unit.audit.append(AuditTag.DOOR_STANDING, at=self.clock.now(), alias=None, detail=detail)
                unit.commit()
        return after

    def empty(self) -> None:
        """Nobody is inside, whatever was counted: anti-passback and the number of people begin anew."""
        with self.store.begin() as unit:
            unit.doors.empty()
            unit.audit.append(AuditTag.DOOR_EMPTIED, at=self.clock.now(), alias=None, detail={"door": self.door})
            unit.commit()

    def occupancy(self) -> int:
        """People inside, as passages were counted."""
        with self.store.read() as unit:
            return unit.doors.occupancy()

    def events(self, *, most: int) -> tuple[AuditRecord, ...]:
        """The newest events of the door, oldest first, without whom they were about."""
        with self.store.read() as unit:
            here = [
                replace(record, alias=None)
                for record in unit.audit.records()
                if record.tag in EVENTS and record.detail.get("door") == self.door
            ]
        return tuple(here[-most:])

    def counts(self, *, since: datetime) -> tuple[HourCount, ...]:
        """Totals by the hour; those of fewer than ten are told as zero."""
        with self.store.read() as unit:
            found = unit.doors.counts(self.door, since=since)
        return tuple(item if item.count >= HIDDEN_BELOW else replace(item, count=0) for item in found)

    def _ask(self, kind: RequestKind, *, about: str, within: timedelta, tag: AuditTag, reason: str) -> DoorRequest:
        now = self.clock.now()
        request = DoorRequest(request_id=new_id("q"), door=self.door, kind=kind, about=about, not_after=now + within)
        detail = {"door": self.door, "request": request.request_id, "about": about, "reason": reason}
        with self.store.begin() as unit:
            unit.doors.ask(request)
            unit.audit.append(tag, at=now, alias=None, detail=detail)
            unit.commit()
        return request


def stated(text: str) -> str:
    """A reason in a few words, spaces tidied.

    Raises:
        RefusedError: there is none, or it is too long.
    """
    told = " ".join(text.split())
    if not told or len(told) > _LONGEST_REASON:
        raise RefusedError(
            "a reason is needed, of up to 200 characters",
            advice="say in a few words why; no names",
            reason="reason_missing",
        )
    return told
