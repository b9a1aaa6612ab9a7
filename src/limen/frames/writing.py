"""A file comes into being whole or not at all: written beside its place under another name, then moved there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limen.core.errors import CaptureError

__all__ = ["written_whole"]


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a new, empty file of the same suffix to write to; it takes its place when the block ends without an error.

    Raises:
        CaptureError: the folder cannot be written.
    """
    part = path.with_name(f".{secrets.token_hex(6)}.part{path.suffix}")
    try:
        part.touch(exist_ok=False)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> CaptureError:
    what = os.strerror(error.errno) if error.errno else type(error).__name__
    return CaptureError(f"{path}: cannot be written ({what})", advice="check name, permissions and free space")
