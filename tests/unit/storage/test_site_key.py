"""The file that opens everything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from limen.core.errors import StorageError
from limen.storage.site_key import create_site_key, read_site_key


def _file(folder: Path, content: bytes, *, mode: int = 0o600) -> Path:
    path = folder / "site.key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_key_is_created_for_its_owner_alone(tmp_path: Path) -> None:
    """32 bytes, mode 0600, and nothing else is left in the folder."""
    path = tmp_path / "site.key"
    key = create_site_key(path)
    assert (len(key), stat.S_IMODE(path.stat().st_mode)) == (32, 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_key_is_never_replaced(tmp_path: Path) -> None:
    """Creating where a key is gives that key."""
    path = _file(tmp_path, bytes(range(32)))
    assert create_site_key(path) == bytes(range(32))


def test_two_keys_are_never_alike(tmp_path: Path) -> None:
    """Every site has a random key of its own."""
    assert create_site_key(tmp_path / "one.key") != create_site_key(tmp_path / "two.key")


def test_what_an_interrupted_creation_left_is_removed(tmp_path: Path) -> None:
    """A half-written or second copy beside the key disappears when the key is read."""
    path = _file(tmp_path, bytes(32))
    leftover = tmp_path / "site.key.0123abcd.new"
    leftover.write_bytes(b"half")
    read_site_key(path)
    assert not leftover.exists()


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), b"x" * 4096])
def test_a_key_of_another_length_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut off or too long: one line that names the file."""
    with pytest.raises(StorageError, match=r"site\.key is not 32 bytes"):
        read_site_key(_file(tmp_path, content))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666])
def test_a_key_that_others_could_read_is_refused(tmp_path: Path, mode: int) -> None:
    """An open key is not repaired in silence: somebody may have read it."""
    path = _file(tmp_path, bytes(32), mode=mode)
    with pytest.raises(StorageError, match="other users") as caught:
        read_site_key(path)
    assert "chmod 600" in caught.value.advice()
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_missing_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    """Reading never creates; the advice is the backup."""
    with pytest.raises(StorageError, match="missing") as caught:
        read_site_key(tmp_path / "site.key")
    assert "backup" in caught.value.advice()
    assert not (tmp_path / "site.key").exists()


def test_a_directory_is_no_key(tmp_path: Path) -> None:
    """A folder in place of the key file is told as such."""
    (tmp_path / "site.key").mkdir(mode=0o700)
    with pytest.raises(StorageError, match="not a file"):
        read_site_key(tmp_path / "site.key")


def test_a_key_cannot_be_created_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The error of the operating system arrives as a StorageError with its cause."""
    with pytest.raises(StorageError, match="No such file") as caught:
        create_site_key(tmp_path / "missing" / "site.key")
    assert isinstance(caught.value.__cause__, OSError)


def test_a_path_through_a_file_is_told(tmp_path: Path) -> None:
    """A path that leads through a file is an error with a cause, not a missing key."""
    path = _file(tmp_path, bytes(32))
    with pytest.raises(StorageError, match="Not a directory"):
        read_site_key(path / "site.key")
