"""The site's keys in a running process: they follow a rotation by another process, at the next transaction.

Rule kept: each transaction looks which key the store is under before anything is opened with one; under another than
this process holds, the key is read anew, and if it does not fit nothing is read or written.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from sqlalchemy import Connection, select

from limen.core.errors import StorageError
from limen.storage.failures import reading
from limen.storage.past_keys import open_vault
from limen.storage.schema import site
from limen.storage.site_key import current_site_key, read_site_key
from limen.storage.token_key import TokenKey
from limen.storage.vault import Vault, key_check

__all__ = ["KeyRing"]


class KeyRing:
    """What opens a store, now.

    Args:
        path: of the site key's file.
        token: what makes the key in place of the file.
    """

    def __init__(self, path: Path, *, token: TokenKey | None = None) -> None:
        self._path = path
        self._token = token
        self._check = b""
        self._vault: Vault | None = None

    def file(self) -> Path:
        """The site key's file.

        Raises:
            StorageError: a token makes it.
        """
        if self._token is not None:
            raise StorageError(
                "a site key from a token is not rotated by limen", advice="make a new site with another token"
            )
        return self._path

    def read(self) -> bytes:
        """The site key as it lies there, whether or not it fits.

        Raises:
            StorageError: it cannot be read.
        """
        return read_site_key(self._path) if self._token is None else self._token.read()

    @property
    def latest(self) -> Vault:
        """As of the last transaction."""
        if self._vault is None:
            raise RuntimeError("no transaction has begun yet")
        return self._vault

    def vault(self, connection: Connection) -> Vault:
        """The vault for the present transaction.

        Raises:
            StorageError: the store is under a key that this process cannot read.
        """
        with reading("site"):
            row = connection.execute(select(site.c.site_id, site.c.key_check)).one_or_none()
        if row is None:
            raise StorageError("the store has lost its own description", advice="restore it from a backup")
        if self._vault is None or not hmac.compare_digest(row.key_check, self._check):
            self._vault = self._renewed(connection, stored=row.key_check, site_id=row.site_id)
            self._check = row.key_check
        return self._vault

    def _renewed(self, connection: Connection, *, stored: bytes, site_id: str) -> Vault:
        def fits(key: bytes) -> bool:
            return hmac.compare_digest(stored, key_check(key))

        key = self.read() if self._token is not None else current_site_key(self._path, fits=fits)
        if not fits(key):
            raise StorageError(
                "this key does not open this store",
                advice="give the key file that belongs to this data folder; nothing was changed",
            )
        return open_vault(connection, key, site_id=site_id)
