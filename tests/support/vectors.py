"""Expected results kept as data in tests/vectors: JSON with ``origin``, ``tolerance`` and ``cases``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["load_vectors"]

_FOLDER = Path(__file__).parent.parent / "vectors"


def load_vectors(name: str) -> dict[str, Any]:
    """The document ``tests/vectors/<name>.json``."""
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    missing = {"origin", "tolerance", "cases"} - document.keys()
    if missing:
        raise ValueError(f"{name}: expected {sorted(missing)} too")
    return document
