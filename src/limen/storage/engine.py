"""From an address to an engine that keeps limen's rules; the seam where another database would be named.

A site's default address is the file ``limen.db`` in its data folder. Whoever adds PostgreSQL adds a branch here and a
sibling of `limen.storage.sqlite`; tables, vault and rooms stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine

from limen.core.errors import StorageError
from limen.storage import sqlite
from limen.storage.failures import watch
from limen.storage.token_key import TokenKey

__all__ = ["DATABASE_NAME", "Options", "database_url", "open_engine"]

DATABASE_NAME = "limen.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an administrator may choose about the store.

    Attributes:
        busy_timeout_ms: how long to wait for another process that is writing, in milliseconds.
        key_file: the site key, if it is not ``site.key`` in the data folder.
        token: the PKCS#11 token that makes the site key, in place of a file.
    """

    busy_timeout_ms: int = 5000
    key_file: Path | None = None
    token: TokenKey | None = None

    def __post_init__(self) -> None:
        if self.busy_timeout_ms < 0:
            raise ValueError(f"busy_timeout_ms: expected 0 or more, got {self.busy_timeout_ms}")


def database_url(folder: Path) -> URL:
    """The address of a folder's own database."""
    return URL.create("sqlite+pysqlite", database=str(folder / DATABASE_NAME))


def open_engine(url: URL, *, options: Options) -> Engine:
    """An engine for ``url`` whose driver errors are StorageErrors. Nothing is opened yet.

    Raises:
        StorageError: a kind of database that limen does not know.
    """
    if url.get_backend_name() != "sqlite" or not url.database:
        raise StorageError(
            f"{url.get_backend_name()} is not a kind of store that limen knows",
            advice="leave the store's address unset: limen then keeps a file in the data folder",
        )
    engine = create_engine(url, hide_parameters=True, pool_timeout=options.busy_timeout_ms / 1000)
    watch(engine, place=Path(url.database))
    sqlite.configure(engine, busy_timeout_ms=options.busy_timeout_ms)
    return engine
