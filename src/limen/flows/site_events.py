"""site_events: what doors have written down, newest first, without whom it was about: for lists and for a CSV file.

Nothing here can be asked for one person, and no alias leaves: it would tie one person's events together.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from limen.core.ledger import AuditRecord, AuditTag
from limen.core.ports import Store
from limen.flows.desk import EVENTS

__all__ = ["SiteEvent", "SiteEvents", "events_csv"]

_COLUMNS = ("at", "door", "what", "outcome", "reasons", "event", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEvent:
    """One event of a door.

    Attributes:
        sequence: its number in the chain; ask for those before it.
        at: UTC.
        door: which.
        tag: what.
        outcome: of a decision: grant, deny or refer; else empty.
        reasons: of a decision, as names; else empty.
        event: id of a decision; else empty.
        note: the words of whoever did something by hand.
    """

    sequence: int
    at: datetime
    door: str
    tag: AuditTag
    outcome: str
    reasons: tuple[str, ...]
    event: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEvents:
    """Reads the chain."""

    store: Store

    def __call__(self, *, most: int, before: int | None = None, door: str = "") -> tuple[SiteEvent, ...]:
        """The newest events, newest first.

        Args:
            most: how many at most.
            before: only those before this number in the chain.
            door: of one door; empty for all.
        """
        found: list[SiteEvent] = []
        with self.store.read() as unit:
            while len(found) < most:
                page = unit.audit.latest(EVENTS, most=max(most, 200), before=before)
                if not page:
                    break
                found += [_event(record) for record in page if not door or record.detail.get("door") == door]
                before = page[-1].sequence
        return tuple(found[:most])


def events_csv(events: Iterable[SiteEvent]) -> str:
    """The same as CSV (RFC 4180); a cell that a spreadsheet would calculate is quoted with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for item in events:
        cells = (
            item.at.isoformat(timespec="seconds"),
            item.door,
            item.tag.value,
            item.outcome,
            " ".join(item.reasons),
            item.event,
            item.note,
        )
        writer.writerow([_plain(cell) for cell in cells])
    return file.getvalue()


def _event(record: AuditRecord) -> SiteEvent:
    detail = record.detail
    return SiteEvent(
        sequence=record.sequence,
        at=record.at,
        door=str(detail.get("door", "")),
        tag=record.tag,
        outcome=str(detail.get("outcome", "")),
        reasons=tuple(name for name in str(detail.get("reasons", "")).split(",") if name),
        event=str(detail.get("event", "")),
        note=str(detail.get("reason", "")),
    )


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell
