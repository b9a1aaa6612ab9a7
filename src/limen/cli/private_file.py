"""Files that a command writes where its caller says: new, whole or not at all, for their owner alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from limen.core.errors import ConfigError
from limen.storage.private_files import write_new

__all__ = ["as_json", "write_private"]


def as_json(document: Mapping[str, object]) -> str:
    """A document as people and programs read it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write_private(path: Path, content: str | bytes) -> None:
    """Write a new file of mode 0600.

    Raises:
        ConfigError: there is one already, or it cannot be written; then nothing is left of it.
    """
    try:
        write_new(path, [content.encode() if isinstance(content, str) else content])
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="choose a new file") from error
