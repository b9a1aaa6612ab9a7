"""A fresh site key for a store in use: everything under the old one is turned to the new one, in one transaction.

    (1) the new key is written beside the old one
    (2) in one transaction: the keys of people are wrapped anew, agreements and the site's own description are
        authenticated anew, proofs are sealed anew, what has to outlive the old key (to check older records and
        signatures, and the rotation of templates) is sealed under the new one, the chain records it
    (3) the new file takes the place of the old, whose bytes are overwritten
    (4) what was wrapped under the old key is scrubbed from the files of the store

Killed before the commit of (2), the store is under the old key and the new file is replaced by the next try. Killed
after it, whoever opens the store next finds that the file beside fits, and does (3); the scrub is owed like any other.
Other processes notice at their next transaction (`KeyRing`).

Source: docs/adr/0020.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Table, select, update

from limen.core.ledger import AuditTag
from limen.core.people import SiteKind
from limen.core.ports import AuditLog
from limen.storage.agreement_rows import AGREEMENT_COLUMNS, agreement_of, agreement_values, proof_bound
from limen.storage.key_ring import KeyRing
from limen.storage.past_keys import write_past
from limen.storage.schema import agreements, audit_head, data_keys, invitations, site
from limen.storage.scrub import owe_scrub, scrub_committed
from limen.storage.session import Session
from limen.storage.site_key import create_next_key, take_next_key
from limen.storage.vault import KEY_VERSION, Vault, key_check, site_seal

__all__ = ["rotate"]


def rotate(
    connection: Connection,
    *,
    ring: KeyRing,
    audit: Callable[[Session], AuditLog],
    reseal: Sequence[Callable[[Session, Vault], None]],
    at: datetime,
    path: Path,
) -> None:
    """Turn a store to a fresh site key.

    Args:
        connection: that may write, outside a transaction.
        ring: of this process; follows by itself.
        audit: makes the chain of a session.
        reseal: authenticate rows of other rooms anew.
        at: now.
        path: the database file.

    Raises:
        StorageError: the store is under the key it was, unless the text says that only the scrub is missing.
    """
    key_file = ring.file()
    with connection.begin():
        old = ring.vault(connection)
        site_key = create_next_key(key_file)  # within the writer's lock: one rotation at a time
        until: int = connection.execute(select(audit_head.c.n_records)).scalar_one()
        past = old.retire(until=until)
        new = Vault(site_key, site_id=old.site_id, past=past)
        session = Session(connection=connection, vault=new)
        _wrap(data_keys, data_keys.c.subject_id, old=old, session=session)
        _wrap(invitations, invitations.c.invitation_id, old=old, session=session)
        _seal_agreements(connection, old=old, session=session)
        _seal_site(connection, site_key=site_key, vault=new)
        for step in reseal:
            step(session, old)
        session.forget(write_past(connection, past, vault=new))
        audit(session).append(AuditTag.SITE_KEY_ROTATED, at=at, alias=None, detail={})
        own = owe_scrub(connection)
    take_next_key(key_file)
    scrub_committed(connection, path=path, forgotten=tuple(session.forgotten), own=own)


def _wrap(table: Table, whose: Column[str], *, old: Vault, session: Session) -> None:
    """Wrap the keys of a table anew."""
    query = select(table.c.row_id, whose.label("whose"), table.c.version, table.c.wrapped)
    for row in session.connection.execute(query).all():
        key = old.unwrap(row.wrapped, subject_id=row.whose, version=row.version, row=f"{table.name} row {row.row_id}")
        values = {"wrapped": session.vault.wrap(key, subject_id=row.whose), "version": KEY_VERSION}
        session.connection.execute(update(table).where(table.c.row_id == row.row_id).values(values))
        session.forget([row.wrapped])


def _seal_agreements(connection: Connection, *, old: Vault, session: Session) -> None:
    for row in connection.execute(select(*AGREEMENT_COLUMNS, agreements.c.proof_sealed)).all():
        agreement = agreement_of(row, vault=old)
        values = agreement_values(agreement, vault=session.vault)
        if row.proof_sealed is not None:
            bound = proof_bound(agreement.agreement_id)
            plain = old.open(row.proof_sealed, bound=bound, row=f"agreements row {row.agreement_row}")
            values["proof_sealed"] = session.vault.seal(plain, bound=bound)
            session.forget([row.proof_sealed])
        connection.execute(update(agreements).where(agreements.c.row_id == row.agreement_row).values(values))


def _seal_site(connection: Connection, *, site_key: bytes, vault: Vault) -> None:
    row = connection.execute(select(site)).one()
    seal = site_seal(vault, kind=SiteKind(row.kind), created_at=row.created_at)
    connection.execute(update(site).values(key_check=key_check(site_key), seal=seal))
