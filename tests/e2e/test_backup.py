"""Backup and restore through the command line: what comes back, who does not, and what the backup holds of whom."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import LedgerError, RefusedError, StorageError
from limen.flows.back_up import Replay
from limen.storage.backup import read_backup, read_header
from limen.storage.backup_keys import BackupKeys
from support.cli import limen
from support.clock import NOON, FakeClock
from support.people import enrol, make_person
from support.sites import born, reopened


def _enrolled(folder: Path, *names: str) -> list[str]:
    """A site with these people."""
    store = born(folder)
    ids = []
    with store.begin() as unit:
        for seed, name in enumerate(names):
            subject, references = make_person(name, seed=seed)
            enrol(unit, subject, references)
            ids.append(str(subject.subject_id))
        unit.commit()
    store.close()
    return ids


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, list[str]]:
    """A data folder with Ada and Bob, and its backup ``backup`` beside it."""
    folder = tmp_path / "office"
    ids = _enrolled(folder, "Ada", "Bob")
    assert limen("site", "backup", tmp_path / "backup", data=folder).code == 0
    return folder, ids


def _new_folder(office: Path) -> Path:
    """A new machine: the site key and the keys of backups, and nothing else."""
    folder = office.with_name("new")
    folder.mkdir()
    shutil.copy(office / "site.key", folder / "site.key")
    shutil.copytree(office / "backup-keys", folder / "backup-keys")
    return folder


def test_a_backup_comes_back_without_who_withdrew(office: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Ada withdraws after the backup; restored with the digest, only Bob is there, and Ada's receipt still holds."""
    folder, (ada, bob) = office
    assert limen("people", "withdraw", ada, "--out", tmp_path / "receipt.json", data=folder).code == 0
    assert limen("audit", "digest", "--out", tmp_path / "digest.json", data=folder).code == 0
    new = _new_folder(folder)
    answer = limen("site", "restore", tmp_path / "backup", "--erasures", tmp_path / "digest.json", data=new)
    assert (answer.code, answer.document.get("erased")) == (0, 1), answer.out
    people = limen("people", "list", data=new).document["people"]
    assert [person["subject_id"] for person in people] == [bob]
    checked = limen("audit", "verify", "--receipt", tmp_path / "receipt.json", data=new)
    assert (checked.code, checked.document["receipt"]["holds"]) == (0, True)
    assert sorted(path.name for path in new.iterdir()) == ["backup-keys", "limen.db", "site.key"]


def test_without_erasures_nothing_is_restored(office: tuple[Path, list[str]], tmp_path: Path) -> None:
    """The operator has to give a digest, or say in so many words that there is none; then the receipt tells."""
    folder, (ada, _) = office
    limen("people", "withdraw", ada, "--out", tmp_path / "receipt.json", data=folder)
    new = _new_folder(folder)
    assert limen("site", "restore", tmp_path / "backup", data=new).code == 2
    assert not (new / "limen.db").exists()
    assert limen("site", "restore", tmp_path / "backup", "--unsafe-without-erasures", data=new).code == 0
    checked = limen("audit", "verify", "--receipt", tmp_path / "receipt.json", data=new)
    assert (checked.code, checked.document["receipt"]["holds"]) == (1, False)


def test_a_digest_older_than_the_backup_is_refused(tmp_path: Path) -> None:
    """It cannot know who withdrew since, so nothing is restored."""
    folder = tmp_path / "office"
    _enrolled(folder, "Ada")
    limen("audit", "digest", "--out", tmp_path / "digest.json", data=folder)
    store = reopened(folder)
    with store.read() as unit:
        old = dict(unit.audit.sign({"statement": "limen-digest-1", "at": NOON.isoformat(), "erasures": []}))
    replay = Replay(store=store, clock=FakeClock())
    with pytest.raises(RefusedError) as caught:
        replay([old], backup_id="b-1", made_at=NOON + timedelta(seconds=1))
    assert caught.value.reason == "digest_too_old"
    with pytest.raises(LedgerError):
        replay([{**old, "erasures": [{}]}], backup_id="b-1", made_at=NOON)
    store.close()


def test_a_backup_needs_the_site_key_and_its_own(office: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Without either of them nothing is restored and nothing is left lying about."""
    folder, _ = office
    for missing in ("site.key", "backup-keys"):
        new = tmp_path / missing
        new.mkdir()
        for name in {"site.key", "backup-keys"} - {missing}:
            copy = shutil.copytree if (folder / name).is_dir() else shutil.copy
            copy(folder / name, new / name)
        answer = limen("site", "restore", tmp_path / "backup", "--unsafe-without-erasures", data=new)
        assert answer.code in {1, 2}
        assert [path.name for path in new.iterdir()] == [
            name for name in ("site.key", "backup-keys") if name != missing
        ]


def test_nothing_is_restored_over_a_site(office: tuple[Path, list[str]], tmp_path: Path) -> None:
    """A folder that has a database keeps it."""
    folder, _ = office
    before = (folder / "limen.db").read_bytes()
    assert limen("site", "restore", tmp_path / "backup", "--unsafe-without-erasures", data=folder).code == 2
    assert (folder / "limen.db").read_bytes() == before


def test_a_backup_of_another_site_does_not_open_here(office: tuple[Path, list[str]], tmp_path: Path) -> None:
    """With the backup's key but another site's site key, it is a wrong key."""
    folder, _ = office
    other = tmp_path / "other"
    _enrolled(other, "Eve")
    new = _new_folder(folder)
    shutil.copy(other / "site.key", new / "site.key")
    answer = limen("site", "restore", tmp_path / "backup", "--unsafe-without-erasures", data=new)
    assert answer.document["error"]["code"] == "storage"
    assert not (new / "limen.db").exists()


def test_a_backup_made_after_a_withdrawal_holds_nothing_of_the_person(
    office: tuple[Path, list[str]], tmp_path: Path
) -> None:
    """Decrypted, it has neither the wrapped key nor a sealed byte of who withdrew before; the older one had."""
    folder, (ada, _) = office
    with closing(sqlite3.connect(folder / "limen.db")) as raw:
        (key,) = raw.execute("SELECT wrapped FROM data_keys WHERE subject_id = ?", (ada,)).fetchone()
        rows = raw.execute("SELECT template_sealed FROM subject_references WHERE subject_id = ?", (ada,)).fetchall()
    limen("people", "withdraw", ada, data=folder)
    assert limen("site", "backup", tmp_path / "newer", data=folder).code == 0
    keys = BackupKeys(folder / "backup-keys")
    held = {}
    for name in ("backup", "newer"):
        copy = read_backup(tmp_path / name, key=keys.get(read_header(tmp_path / name).backup_id, at=NOON))
        held[name] = [value in copy for value in (key, *(value for (value,) in rows))]
        assert not any(value in (tmp_path / name).read_bytes() for value in (key, *(value for (value,) in rows)))
    assert held == {"backup": [True] * 3, "newer": [False] * 3}


def test_a_receipt_tells_when_the_backup_dies(office: tuple[Path, list[str]]) -> None:
    """Who withdraws learns that one backup knows them still, and until when."""
    folder, (ada, _) = office
    stays = limen("people", "withdraw", ada, data=folder).document["stays"]
    assert [item["count"] for item in stays if "backups" in item["what"]] == [1]


def test_a_key_whose_time_is_up_is_gone_at_the_next_opening(office: tuple[Path, list[str]]) -> None:
    """Opening a site destroys it, whatever was opened for."""
    folder, _ = office
    (path,) = (folder / "backup-keys").iterdir()
    path.write_text(path.read_text("ascii").replace('"expires_at": "20', '"expires_at": "19'), "ascii")
    assert limen("people", "list", data=folder).code == 0
    assert list((folder / "backup-keys").iterdir()) == []


def test_a_backup_that_cannot_be_written_says_so(office: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Over an existing file, or into a folder that is not there, nothing is made."""
    folder, _ = office
    assert limen("site", "backup", tmp_path / "backup", data=folder).document["error"]["code"] == "storage"
    answer = limen("site", "backup", tmp_path / "nowhere" / "backup", data=folder)
    assert answer.document["error"]["code"] == "storage"


def test_an_unreadable_backup_is_told(tmp_path: Path) -> None:
    """There is no file."""
    with pytest.raises(StorageError, match="cannot be used"):
        read_header(tmp_path / "nothing")
