"""New files for their owner alone: there whole and synced, or not at all; and files taken away with their bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["destroy_file", "write_new"]

_OWNER_ONLY = 0o600


def write_new(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of mode 0600 that was not there before.

    Raises:
        OSError: there is one already, or it cannot be written; then nothing is left of it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def destroy_file(path: Path) -> None:
    """Overwrite a small file with zeros, sync, and remove it; what a disk keeps below the file is out of reach.

    Raises:
        OSError: it cannot be removed.
    """
    with suppress(OSError), path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
