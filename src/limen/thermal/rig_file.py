"""Rig <-> JSON: a small file that a person can read, made by ``limen thermal calibrate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from limen.core.errors import ConfigError
from limen.thermal.registration import Rig

__all__ = ["FORMAT", "read_rig", "write_rig"]

FORMAT = 1
_ADVICE = "make it again with `limen thermal calibrate`"
_ARRAYS = ("visible_matrix", "thermal_matrix", "rotation", "translation_m")
_SIZES = ("visible_size_px", "thermal_size_px")


def read_rig(path: Path) -> Rig:
    """Read a rig file.

    Raises:
        ConfigError: it is missing, of another format, or no rig.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise ConfigError(f"{path}: format {document['format']!r} is not the one known here", advice=_ADVICE)
        arrays = {name: np.array(document[name], dtype=np.float64) for name in _ARRAYS}
        sizes = {name: (int(document[name][0]), int(document[name][1])) for name in _SIZES}
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("a number is not finite")
        return Rig(**arrays, **sizes)  # type: ignore[arg-type]  # by name, checked by the class
    except (OSError, UnicodeDecodeError, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ConfigError(f"{path}: not a rig file ({error})", advice=_ADVICE) from error


def write_rig(rig: Rig, path: Path) -> None:
    """Write a rig file, whole or not at all.

    Raises:
        ConfigError: it cannot be written.
    """
    document: dict[str, Any] = {"format": FORMAT}
    document |= {name: getattr(rig, name).tolist() for name in _ARRAYS}
    document |= {name: list(getattr(rig, name)) for name in _SIZES}
    temporary = path.with_suffix(".new")
    try:
        temporary.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="check folder and space") from error
