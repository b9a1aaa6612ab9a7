"""Secrets of the site that are not made from its key: pass keys and the pepper of badge locks.

Rules kept: each is 32 random bytes, stored wrapped under the site key together with its purpose, number and dates, so
that a change of the site key wraps them anew and changes none of them; numbers rise and are never used again; a secret
that is destroyed takes everything made with it along.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from limen.core.passes import SiteSecret
from limen.storage.failures import reading
from limen.storage.schema import site_secrets, utc_text
from limen.storage.session import Session
from limen.storage.vault import Vault, associated

__all__ = ["destroy_secret", "new_secret", "reseal_secrets", "retire_secret", "secrets_of"]

_SECRET_BYTES = 32


def secrets_of(session: Session, purpose: str) -> tuple[SiteSecret, ...]:
    """All secrets of a purpose, the newest last.

    Raises:
        StorageError: a row was altered.
    """
    query = select(site_secrets).where(site_secrets.c.purpose == purpose).order_by(site_secrets.c.number)
    found = []
    with reading("site_secrets"):
        for row in session.connection.execute(query):
            until = row.accepted_until
            blank = SiteSecret(
                number=row.number,
                secret=b"",
                made_at=datetime.fromisoformat(row.made_at),
                accepted_until=None if until is None else datetime.fromisoformat(until),
            )
            name = f"site_secrets row {row.row_id}"
            secret = session.vault.open(row.wrapped, bound=_bound(purpose, blank), row=name)
            found.append(replace(blank, secret=secret))
    return tuple(found)


def new_secret(session: Session, purpose: str, *, number: int, at: datetime) -> SiteSecret:
    """A new secret under a number that was never used.

    Raises:
        StorageError: the store cannot be written.
    """
    made = SiteSecret(number=number, secret=secrets.token_bytes(_SECRET_BYTES), made_at=at, accepted_until=None)
    session.connection.execute(insert(site_secrets).values(purpose=purpose, **_values(session, purpose, made)))
    return made


def retire_secret(session: Session, purpose: str, secret: SiteSecret, *, accept_until: datetime) -> None:
    """Accept what was made with a secret until a moment and no longer."""
    values = _values(session, purpose, replace(secret, accepted_until=accept_until))
    session.connection.execute(update(site_secrets).where(_same(purpose, secret)).values(values))


def destroy_secret(session: Session, purpose: str, secret: SiteSecret) -> None:
    """Delete a secret; nothing made with it opens again."""
    wrapped = select(site_secrets.c.wrapped).where(_same(purpose, secret))
    session.forget(session.connection.execute(wrapped).scalars().all())
    session.connection.execute(delete(site_secrets).where(_same(purpose, secret)))


def reseal_secrets(session: Session, before: Vault) -> None:
    """Wrap under a new site key what was wrapped under another (`limen.storage.rotate`).

    Raises:
        StorageError: a row was altered.
    """
    old = Session(connection=session.connection, vault=before)
    for purpose in session.connection.execute(select(site_secrets.c.purpose).distinct()).scalars().all():
        wrapped = select(site_secrets.c.wrapped).where(site_secrets.c.purpose == purpose)
        session.forget(session.connection.execute(wrapped).scalars().all())
        for secret in secrets_of(old, purpose):
            values = _values(session, purpose, secret)
            session.connection.execute(update(site_secrets).where(_same(purpose, secret)).values(values))


def _same(purpose: str, secret: SiteSecret) -> ColumnElement[bool]:
    return and_(site_secrets.c.purpose == purpose, site_secrets.c.number == secret.number)


def _values(session: Session, purpose: str, secret: SiteSecret) -> dict[str, str | int | bytes | None]:
    until = secret.accepted_until
    return {
        "number": secret.number,
        "made_at": utc_text(secret.made_at),
        "accepted_until": None if until is None else utc_text(until),
        "wrapped": session.vault.seal(secret.secret, bound=_bound(purpose, secret)),
    }


def _bound(purpose: str, secret: SiteSecret) -> bytes:
    until = "" if secret.accepted_until is None else utc_text(secret.accepted_until)
    return associated("site secret", purpose, secret.number, utc_text(secret.made_at), until)
