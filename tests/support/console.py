"""A site with a door, people and events, for pages of the console; nobody in it exists.

How to use: ``with staffed(tmp_path, Role.GUARD) as desk: desk.browser.get("/console")``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from fastapi.testclient import TestClient

from limen.bootstrap import Site
from limen.bootstrap.rules import Rules
from limen.core.ledger import AuditTag
from limen.core.people import Rights, SubjectId
from limen.web.security.roles import Role
from limen.web.service import Service
from support.clock import NOON
from support.people import enrol, make_person
from support.service import served, signed_in

__all__ = ["DOOR", "NAMES", "Desk", "populate", "staffed"]

DOOR = files("limen.settings").joinpath("door_example.toml").read_text("utf-8").replace("NAME", "front")
"""One door, as `limen door new` writes it."""

NAMES = ("Ada Lovelace", "Blaise Pascal", "Chien-Shiung Wu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A browser before a console.

    Attributes:
        service: that is asked.
        browser: signed in.
        people: enrolled, in the order of ``NAMES``.
    """

    service: Service
    browser: TestClient
    people: tuple[SubjectId, ...]

    def sign_in(self, *roles: Role, account: str) -> None:
        """Somebody else sits down."""
        signed_in(self.service, self.browser, *roles, account=account)


@contextmanager
def staffed(folder: Path, *roles: Role, settings: str = DOOR, populated: bool = True) -> Iterator[Desk]:
    """The console of a trial site with three people and some events, for somebody of these roles."""
    with served(folder, settings=settings) as (service, browser):
        people = populate(service.site) if populated else ()
        browser.headers["Accept"] = "text/html"
        signed_in(service, browser, *roles)
        yield Desk(service=service, browser=browser, people=people)


def populate(site: Site, *, decisions: int = 12) -> tuple[SubjectId, ...]:
    """Enrol three people, and let the door decide about the first of them."""
    version = Rules(site=site, door="front").read().version
    ids = []
    with site.store.begin() as unit:
        for number, name in enumerate(NAMES):
            subject, references = make_person(name, seed=number)
            enrol(unit, subject, references)
            unit.rights.put(subject.subject_id, Rights(groups=frozenset({"staff"}), badge=f"004{number}"))
            ids.append(subject.subject_id)
        alias = unit.subjects.alias(ids[0])
        for number in range(decisions):
            detail: dict[str, str | int | float] = {
                "door": "front",
                "event": f"e-{number:020x}",
                "outcome": "grant",
                "reasons": "recognised",
                "policy": version,
                "condition": "bare/bare",
                "fpir_below": "1e-7",
                "fpir_asked": 0.001,
                "quality": 70,
                "ms": 36.0,
            }
            at = NOON - timedelta(minutes=decisions - number)
            unit.audit.append(AuditTag.DOOR_DECIDED, at=at, alias=alias, detail=detail)
        unit.audit.append(AuditTag.DOOR_HELD, at=NOON, alias=None, detail={"door": "front"})
        unit.commit()
    return tuple(ids)
