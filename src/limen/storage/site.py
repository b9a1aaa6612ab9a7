"""Opening a data folder, and the one moment in which it is born.

Rules kept: a folder is born trial or live and is that for ever (the kind is authenticated under the site key); nothing
is created unless asked for; birth is one transaction that ends with the first audit record, so that a folder is a site
or is none; a wrong key is found before anything else is read or changed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from limen.core.errors import StorageError
from limen.core.ledger import AuditTag
from limen.core.people import SiteKind, new_id
from limen.core.ports import Clock
from limen.storage import sqlite
from limen.storage.before_upgrade import FIRST, UpgradeBackup, back_up_before
from limen.storage.engine import DATABASE_NAME, Options, database_url, open_engine
from limen.storage.failures import reading, storage_error
from limen.storage.key_ring import KeyRing
from limen.storage.migrate import HEAD, check_known, is_current, revision_of, upgrade
from limen.storage.own_memory import keep_to_itself
from limen.storage.schema import generation, site, utc_text
from limen.storage.scrub import scrub_leftovers
from limen.storage.session import Session
from limen.storage.site_key import KEY_NAME, create_site_key, sync_folder
from limen.storage.store import Rooms, SqlStore
from limen.storage.token_key import TokenKey
from limen.storage.vault import Vault, key_check, site_seal

__all__ = ["open_site"]

_FOLDER_MODE = 0o700


def open_site(
    folder: Path,
    *,
    rooms: Rooms,
    clock: Clock,
    create: SiteKind | None = None,
    options: Options | None = None,
    before_upgrade: UpgradeBackup | None = None,
) -> SqlStore:
    """The store of a data folder.

    Args:
        folder: the data folder.
        rooms: how the rooms above storage make their ports.
        clock: tells when a new site was born.
        create: if there is no site yet, what kind to create; if there is one, what kind it has to be.
        options: see `Options`.
        before_upgrade: where a copy goes before older tables are changed; None makes none.

    Raises:
        StorageError: no site there and none asked for; another kind; unreadable, damaged, locked, made by a newer
            limen; the key is missing, open to others or another site's.
    """
    keep_to_itself()
    options = options or Options()
    path = folder / DATABASE_NAME
    key_path = options.key_file or folder / KEY_NAME
    if create is not None and not path.exists():
        _create_files(folder, key_path=key_path, token=options.token)
    elif not path.is_file():
        raise _no_site(folder, path=path)
    sqlite.protect_file(path)
    engine = open_engine(database_url(folder), options=options)
    try:
        ring = KeyRing(key_path, token=options.token)
        site_key = ring.read()
        revision = _revision(engine)
        if revision is None and create is not None:
            _bear(engine, site_key=site_key, kind=create, rooms=rooms, at=clock.now())
        elif revision is None:
            raise StorageError(
                f"{folder} holds no limen site: its creation was interrupted", advice="make it again: limen site new"
            )
        if before_upgrade is not None and revision not in {None, HEAD}:
            _copy_first(engine, before_upgrade, ring=ring, rooms=rooms, path=path, at=clock.now())
        kind = _enter(engine, ring=ring)
        if create not in {None, kind}:
            raise StorageError(
                f"{folder} is a {kind} folder and can never become a {create} one",
                advice=f"choose another data folder for a {create} site",
            )
        with _view(engine) as connection:
            scrub_leftovers(connection, path=path)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine, ring=ring, rooms=rooms, site_kind=kind, path=path)


def _no_site(folder: Path, *, path: Path) -> StorageError:
    if path.exists():
        return StorageError(f"{path} is not a file", advice="move it away; limen keeps its database there")
    return StorageError(
        f"{folder} holds no limen site",
        advice=f"check the path of the data folder, or make a site: limen site new --data {folder}",
    )


def _create_files(folder: Path, *, key_path: Path, token: TokenKey | None) -> None:
    """The folder, the key and an empty database file, each for the owner alone."""
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        folder.chmod(_FOLDER_MODE)
        if token is None:
            create_site_key(key_path)
        else:
            token.read(create=True)
        sqlite.create_file(folder / DATABASE_NAME)
        sync_folder(folder)
    except OSError as cause:
        raise storage_error(cause, place=folder) from cause


def _revision(engine: Engine) -> str | None:
    with _view(engine) as connection:
        revision = revision_of(connection)
    check_known(revision)
    return revision


def _bear(engine: Engine, *, site_key: bytes, kind: SiteKind, rooms: Rooms, at: datetime) -> None:
    """Make an empty database a site, in one transaction; does nothing if another process was first."""
    with engine.connect() as connection, connection.begin():
        if revision_of(connection) is not None:
            return
        upgrade(connection)
        site_id = new_id("site")
        vault = Vault(site_key, site_id=site_id)
        connection.execute(
            insert(site).values(
                id=1,
                site_id=site_id,
                kind=kind.value,
                created_at=utc_text(at),
                key_check=key_check(site_key),
                seal=site_seal(vault, kind=kind, created_at=utc_text(at)),
            )
        )
        connection.execute(insert(generation).values(id=1, value=0))
        log = rooms.audit(Session(connection=connection, vault=vault))
        log.append(AuditTag.SITE_CREATED, at=at, alias=None, detail={"kind": kind.value})


def _copy_first(engine: Engine, plan: UpgradeBackup, *, ring: KeyRing, rooms: Rooms, path: Path, at: datetime) -> None:
    revision = _revision(engine)
    if revision is not None and revision >= FIRST:
        back_up_before(engine, plan, ring=ring, audit=rooms.audit, path=path, revision=revision, at=at)


def _enter(engine: Engine, *, ring: KeyRing) -> SiteKind:
    """Check the key first, then bring an older store to today's tables, then check what kind of site it is."""
    with _view(engine) as connection:
        current = is_current(connection)
        if current:
            return _check_seal(connection, vault=ring.vault(connection))
        _check_key(connection, site_key=ring.read())
    with engine.connect() as connection, connection.begin():
        upgrade(connection)
    with _view(engine) as connection:
        return _check_seal(connection, vault=ring.vault(connection))


def _check_key(connection: Connection, *, site_key: bytes) -> None:
    """For a store of older tables, which were never rotated."""
    with reading("site"):
        stored = connection.execute(select(site.c.key_check)).scalar_one_or_none()
    if stored is None or not hmac.compare_digest(stored, key_check(site_key)):
        raise StorageError(
            "this key does not open this store",
            advice="give the key file that belongs to this data folder; nothing was changed",
        )


def _check_seal(connection: Connection, *, vault: Vault) -> SiteKind:
    with reading("site"):
        row = connection.execute(select(site)).one()
        kind = SiteKind(row.kind)
        seal = site_seal(vault, kind=kind, created_at=row.created_at)
        if not hmac.compare_digest(row.seal, seal):
            raise StorageError(
                "the store's own description (trial or live) was altered",
                advice="restore the data folder from a backup, and ask who had access to it",
            )
    return kind


@contextmanager
def _view(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(**{sqlite.READ_ONLY_VIEW: True}) as connection:
        yield connection
