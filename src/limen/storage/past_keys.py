"""Keys before the present site key, as rows: sealed under the present one, opened when the site is.

Rule kept: a row that is missing or altered fails closed: the chain does not hold, and nobody is recognised.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, insert, select

from limen.storage.failures import reading
from limen.storage.schema import past_keys
from limen.storage.vault import PastKeys, Vault, associated

__all__ = ["open_vault", "write_past"]


def open_vault(connection: Connection, site_key: bytes, *, site_id: str) -> Vault:
    """The vault of a site, with what it needs to know of keys before this one.

    Raises:
        StorageError: a row was altered.
    """
    bare = Vault(site_key, site_id=site_id)
    rows = connection.execute(select(past_keys).order_by(past_keys.c.until)).all()
    with reading("past_keys"):
        past = [_opened(bare, row.until, row.sealed) for row in rows]
    return Vault(site_key, site_id=site_id, past=past) if past else bare


def write_past(connection: Connection, past: tuple[PastKeys, ...], *, vault: Vault) -> list[bytes]:
    """Put ``past`` in place of what is stored, sealed under the key of ``vault``; the sealed bytes that went."""
    before = list(connection.execute(select(past_keys.c.sealed)).scalars())
    connection.execute(delete(past_keys))
    for keys in past:
        told = {"audit": keys.audit_key.hex(), "rotation": keys.rotation_seed.hex(), "public": keys.public_key}
        sealed = vault.seal(json.dumps(told).encode("ascii"), bound=associated("past", keys.until))
        connection.execute(insert(past_keys).values(until=keys.until, sealed=sealed))
    return before


def _opened(vault: Vault, until: int, sealed: bytes) -> PastKeys:
    told = json.loads(vault.open(sealed, bound=associated("past", until), row=f"past_keys row {until}"))
    return PastKeys(
        until=until,
        audit_key=bytes.fromhex(told["audit"]),
        rotation_seed=bytes.fromhex(told["rotation"]),
        public_key=told["public"],
    )
