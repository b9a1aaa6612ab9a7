"""Doors in the store: how they stand, who is inside, totals by the hour, requests of the desk.

Rules kept: nothing here says when anybody came or went; who is inside is a row without a time, gone when the person
comes out or withdraws; whatever could open a door (a request, an alarm switched off) is authenticated under the site's
key, so that writing to the database does not open one.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select, update

from limen.core.door import Counted, Direction, DoorId, DoorRequest, HourCount, RequestKind, Standing
from limen.core.errors import LedgerError
from limen.core.people import SubjectId
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.schema import door_counts, door_leaves, door_requests, doors, occupancy, presence, utc_text
from limen.storage.vault import Vault, associated

__all__ = ["SqlDoors", "reseal_doors"]


class SqlDoors:
    """Implements `limen.core.door_ports.DoorStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._vault = session.vault
        self._connection = session.connection

    def standing(self, door: DoorId) -> Standing:
        """How a door stands.

        Raises:
            LedgerError: the row was altered.
        """
        with reading("doors"):
            row = self._connection.execute(select(doors).where(doors.c.door == door)).one_or_none()
            if row is None:
                return Standing()
            standing = Standing(locked_down=bool(row.locked_down), alarm_set=bool(row.alarm_set))
            self._check(row.seal, self._standing_seal(door, standing), row="doors")
        return standing

    def set_standing(self, door: DoorId, standing: Standing) -> None:
        """Let a door stand otherwise."""
        values = {"locked_down": standing.locked_down, "alarm_set": standing.alarm_set}
        self._connection.execute(delete(doors).where(doors.c.door == door))
        seal = self._standing_seal(door, standing)
        self._connection.execute(insert(doors).values(door=door, seal=seal, **values))

    def set_leaf(self, door: DoorId, *, is_open: bool, at: datetime) -> None:
        """Whether a door stands open."""
        self._connection.execute(delete(door_leaves).where(door_leaves.c.door == door))
        self._connection.execute(insert(door_leaves).values(door=door, is_open=is_open, at=utc_text(at)))

    def is_shut(self, door: DoorId, *, since: datetime) -> bool:
        """Whether a door was told to be shut, and not before a moment."""
        row = self._connection.execute(select(door_leaves).where(door_leaves.c.door == door)).one_or_none()
        return row is not None and not row.is_open and row.at >= utc_text(since)

    def inside(self, subject_id: SubjectId) -> bool:
        """Whether a person went in and has not come out."""
        query = select(func.count()).select_from(presence).where(presence.c.subject_id == subject_id)
        return bool(self._connection.execute(query).scalar_one())

    def occupancy(self) -> int:
        """People inside."""
        found = self._connection.execute(select(occupancy.c.people)).scalar_one_or_none()
        return 0 if found is None else int(found)

    def passed(self, direction: Direction, *, subject_id: SubjectId | None) -> None:
        """Somebody went through."""
        step = 1 if direction is Direction.IN else -1
        self._set_occupancy(max(0, self.occupancy() + step))
        if subject_id is None:
            return
        self._connection.execute(delete(presence).where(presence.c.subject_id == subject_id))
        if direction is Direction.IN:
            self._connection.execute(insert(presence).values(subject_id=subject_id))

    def empty(self) -> None:
        """Nobody is inside."""
        self._connection.execute(delete(presence))
        self._set_occupancy(0)

    def count(self, door: DoorId, what: Counted, *, at: datetime) -> None:
        """One more in this hour."""
        key = {"door": door, "hour": _hour(at), "what": what.value}
        here = (door_counts.c.door == door) & (door_counts.c.hour == key["hour"]) & (door_counts.c.what == what.value)
        changed = self._connection.execute(
            update(door_counts).where(here).values(number=door_counts.c.number + 1)
        ).rowcount
        if not changed:
            self._connection.execute(insert(door_counts).values(number=1, **key))

    def counts(self, door: DoorId, *, since: datetime) -> tuple[HourCount, ...]:
        """Totals by the hour."""
        query = select(door_counts).where((door_counts.c.door == door) & (door_counts.c.hour >= _hour(since)))
        with reading("door_counts"):
            return tuple(
                HourCount(hour=datetime.fromisoformat(row.hour), what=Counted(row.what), count=int(row.number))
                for row in self._connection.execute(query.order_by(door_counts.c.hour, door_counts.c.what))
            )

    def prune(self, *, before: datetime) -> int:
        """Delete old counts and late requests."""
        counted = self._connection.execute(delete(door_counts).where(door_counts.c.hour < _hour(before))).rowcount
        late = door_requests.c.not_after <= utc_text(before)
        return int(counted + self._connection.execute(delete(door_requests).where(late)).rowcount)

    def ask(self, request: DoorRequest) -> None:
        """Leave a request for a running door."""
        values = _columns(request)
        seal = self._vault.record_mac(associated("door-request", *values.values()))
        self._connection.execute(insert(door_requests).values(seal=seal, **values))

    def asked(self, door: DoorId) -> bool:
        """Whether there is any request for a door."""
        query = select(func.count()).select_from(door_requests).where(door_requests.c.door == door)
        return bool(self._connection.execute(query).scalar_one())

    def take(self, door: DoorId, *, at: datetime) -> tuple[DoorRequest, ...]:
        """Requests for a door that are not late; all are deleted.

        Raises:
            LedgerError: a request was not made by limen.
        """
        here = door_requests.c.door == door
        rows = self._connection.execute(select(door_requests).where(here).order_by(door_requests.c.row_id)).all()
        if not rows:
            return ()
        self._connection.execute(delete(door_requests).where(here))
        found = []
        with reading("door_requests"):
            for row in rows:
                request = DoorRequest(
                    request_id=row.request_id,
                    door=DoorId(row.door),
                    kind=RequestKind(row.kind),
                    about=row.about,
                    not_after=datetime.fromisoformat(row.not_after),
                )
                expected = self._vault.record_mac(associated("door-request", *_columns(request).values()))
                self._check(row.seal, expected, row=f"door_requests row {row.row_id}")
                found.append(request)
        return _in_time(found, at)

    def _set_occupancy(self, people: int) -> None:
        changed = self._connection.execute(update(occupancy).values(people=people)).rowcount
        if not changed:
            self._connection.execute(insert(occupancy).values(id=1, people=people))

    def _standing_seal(self, door: DoorId, standing: Standing) -> bytes:
        return self._vault.record_mac(associated("door", door, int(standing.locked_down), int(standing.alarm_set)))

    @staticmethod
    def _check(found: bytes, expected: bytes, *, row: str) -> None:
        if not hmac.compare_digest(found, expected):
            raise LedgerError(
                f"{row} was not written by limen",
                advice="no door follows it; ask who had access to the data folder",
            )


def _columns(request: DoorRequest) -> dict[str, str]:
    return {
        "request_id": request.request_id,
        "door": request.door,
        "kind": request.kind.value,
        "about": request.about,
        "not_after": utc_text(request.not_after),
    }


def _in_time(requests: Sequence[DoorRequest], at: datetime) -> tuple[DoorRequest, ...]:
    return tuple(request for request in requests if at < request.not_after)


def _hour(at: datetime) -> str:
    return utc_text(at.astimezone(UTC).replace(minute=0, second=0, microsecond=0))


def reseal_doors(session: Session, before: Vault) -> None:
    """Authenticate anew what was authenticated under another site key (`limen.storage.rotate`).

    Raises:
        LedgerError: a row was not written by limen.
    """
    old, new = SqlDoors(Session(connection=session.connection, vault=before)), SqlDoors(session)
    for door in session.connection.execute(select(doors.c.door)).scalars().all():
        new.set_standing(DoorId(door), old.standing(DoorId(door)))
    for door in session.connection.execute(select(door_requests.c.door).distinct()).scalars().all():
        for request in old.take(DoorId(door), at=datetime.min.replace(tzinfo=UTC)):  # late ones too
            new.ask(request)
