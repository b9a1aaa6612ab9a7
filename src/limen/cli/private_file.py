"""Files that a command writes where its caller says: new, whole or not at all, for their owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from limen.core.errors import ConfigError

__all__ = ["as_json", "write_private"]

_OWNER_ONLY = 0o600


def as_json(document: Mapping[str, object]) -> str:
    """A document as people and programs read it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write_private(path: Path, content: str | bytes) -> None:
    """Write a new file of mode 0600.

    Raises:
        ConfigError: there is one already, or it cannot be written; then nothing is left of it.
    """
    raw = content.encode() if isinstance(content, str) else content
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="choose a new file") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="choose another place") from error
