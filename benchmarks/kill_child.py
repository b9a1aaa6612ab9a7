"""The victim: enrols and withdraws random people in a loop, and says so line by line, until it is killed.

Each line is one JSON document. ``doing`` comes before an act begins, ``done`` after its commit has returned: whoever
reads ``done`` may rely on it. ``enrol`` also tells the sealed bytes as they lie in the file and the key and templates
in the clear, so that all of them can be searched for later; ``withdraw`` tells the receipt. Several desks work at once,
each in a thread of its own; with ``--door`` the process is a door that only reads, as fast as it can.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import event, select

from limen.bootstrap import ROOMS
from limen.core.errors import StorageError
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
from limen.core.probe import MaskState, ModelId
from limen.flows.withdraw import Withdraw
from limen.storage import Session, SqlStore, open_site
from limen.storage.schema import data_keys, subject_references, subjects

__all__ = ["BIRTHDAY", "ROOMS", "StoppedClock"]

BIRTHDAY = datetime(2026, 11, 22, tzinfo=UTC)
_FEW = 5
_MANY = 40


class StoppedClock:
    """Time does not matter here."""

    def now(self) -> datetime:
        """Always the same moment."""
        return BIRTHDAY


def main() -> None:
    """Run until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--desks", type=int, default=1)
    parser.add_argument("--door", action="store_true")
    parser.add_argument("--without-secure-delete", action="store_true")
    arguments = parser.parse_args()
    store = open_site(arguments.folder, rooms=ROOMS, clock=StoppedClock(), create=SiteKind.LIVE)
    if arguments.door:
        _be_a_door(store)
    careless = arguments.without_secure_delete
    if careless:
        _be_careless(store)
    with store.read() as unit:
        people = unit.subjects.all()
    _say(act="ready")
    for desk in range(arguments.desks):
        rng = np.random.default_rng([arguments.seed, desk])
        mine = list(people[desk :: arguments.desks])
        threading.Thread(target=_work, args=(store, mine, rng), kwargs={"desk": desk, "careless": careless}).start()


def _work(store: SqlStore, people: list[Subject], rng: np.random.Generator, *, desk: int, careless: bool) -> None:
    while True:
        if len(people) < _FEW or (len(people) < _MANY and rng.random() < 0.5):
            try:
                people.append(_enrol(store, rng, desk=desk))
            except StorageError:  # somebody else wrote for too long; nothing was changed
                _say(desk=desk, act="failed")
        else:
            subject = people.pop(int(rng.integers(len(people))))
            _withdraw(store, subject, desk=desk, careless=careless)


def _be_a_door(store: SqlStore) -> None:
    """Read every reference again and again, until the pipe that started this process is closed."""
    threading.Thread(target=_end_with_the_pipe, args=(store,)).start()
    while True:
        with store.read() as unit:
            unit.subjects.references(known=frozenset())


def _end_with_the_pipe(store: SqlStore) -> None:
    sys.stdin.read()
    store.close()
    os._exit(0)


def _be_careless(store: SqlStore) -> None:
    """The control: what other software does that deletes rows and leaves it at that."""
    store.close()

    @event.listens_for(store._engine, "connect")  # noqa: SLF001  limen itself offers no way to be careless
    def forget_nothing(raw: sqlite3.Connection, _record: object) -> None:
        raw.execute("PRAGMA secure_delete=OFF")


def _enrol(store: SqlStore, rng: np.random.Generator, *, desk: int) -> Subject:
    subject, references = _somebody(rng)
    _say(desk=desk, act="doing", what="enrol", subject=subject.subject_id)
    with store.begin() as unit:
        unit.agreements.add(subject.agreement)
        unit.subjects.add(subject, references)
        alias = unit.subjects.alias(subject.subject_id)
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=BIRTHDAY, alias=alias, detail={})
        unit.commit()
    key, sealed = _as_it_lies(store, subject.subject_id)
    plain = [_in_the_clear(store, subject.subject_id), *(reference.vector.tobytes() for reference in references)]
    told = {"key": key.hex(), "sealed": [item.hex() for item in sealed], "plain": [item.hex() for item in plain]}
    _say(desk=desk, act="done", what="enrol", subject=subject.subject_id, **told)
    return subject


def _withdraw(store: SqlStore, subject: Subject, *, desk: int, careless: bool) -> None:
    _say(desk=desk, act="doing", what="withdraw", subject=subject.subject_id)
    if careless:
        with store.begin() as unit:
            unit.subjects.destroy(subject.subject_id)
            unit.agreements.destroy(subject.agreement.agreement_id)
            unit.commit(scrub=False)
        receipt = None
    else:
        try:
            receipt = Withdraw(store=store, clock=StoppedClock())(subject.subject_id).statement
        except StorageError:
            _say(desk=desk, act="unscrubbed", what="withdraw", subject=subject.subject_id)
            return
    _say(desk=desk, act="done", what="withdraw", subject=subject.subject_id, receipt=receipt)


def _in_the_clear(store: SqlStore, subject_id: SubjectId) -> bytes:
    """The key of a person; it is in memory only, and this is how to know what to search for."""
    with store._engine.connect() as connection:  # noqa: SLF001  to search for it in the files
        session = Session(connection=connection, vault=store._ring.latest)  # noqa: SLF001
        return session.key(subject_id)._secret  # noqa: SLF001


def _as_it_lies(store: SqlStore, subject_id: SubjectId) -> tuple[bytes, list[bytes]]:
    """The wrapped key of a person, and the sealed name and templates."""
    with store._engine.connect() as connection:  # noqa: SLF001  to search for it in the files
        key = connection.execute(select(data_keys.c.wrapped).where(data_keys.c.subject_id == subject_id)).scalar_one()
        queries = (
            select(subjects.c.name_sealed).where(subjects.c.subject_id == subject_id),
            select(subject_references.c.template_sealed).where(subject_references.c.subject_id == subject_id),
        )
        return key, [value for query in queries for value in connection.execute(query).scalars()]


def _somebody(rng: np.random.Generator) -> tuple[Subject, list[Reference]]:
    subject_id = SubjectId(new_id("s"))
    agreement = Agreement(
        agreement_id=AgreementId(new_id("a")),
        text_version="2026-11",
        text_sha256="00" * 32,
        language="en",
        how=GivenHow.IN_PERSON_SCREEN,
        given_at=BIRTHDAY,
        expires_at=BIRTHDAY + timedelta(days=365),
        subject_id=subject_id,
    )
    vectors = rng.standard_normal((int(rng.integers(1, 6)), 128)).astype(np.float32)
    references = [
        Reference(
            reference_id=ReferenceId(new_id("r")),
            subject_id=subject_id,
            vector=vector / np.linalg.norm(vector),
            model_id=ModelId("random-unit-vectors"),
            scheme_id="none",
            mask=MaskState.NONE,
            quality=50,
            confirmed=True,
            expires_at=agreement.expires_at,
        )
        for vector in vectors
    ]
    subject = Subject(
        subject_id=subject_id,
        name="Somebody Random",
        kind=TemplateKind.GALLERY,
        agreement=agreement,
        enrolled_at=BIRTHDAY,
        n_references=len(references),
        confirmed=True,
    )
    return subject, references


_line = threading.Lock()


def _say(**told: object) -> None:
    with _line:
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
