"""Labels of an evaluation set: a CSV file with the columns file and label; further columns are ignored."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from limen.core.errors import ConfigError
from limen.evaluation.pictures import picture_name

__all__ = ["read_labels"]

Label = TypeVar("Label")


def read_labels(path: Path, *, meaning: Callable[[str], Label | None], advice: str) -> dict[str, Label]:
    """Read labels: picture name -> what its label means.

    Args:
        path: of the file.
        meaning: of a label; None for one that there is not.
        advice: what to do about a file that cannot be read.

    Raises:
        ConfigError: the file cannot be read as described above; says which line and why.
    """
    labels: dict[str, Label] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            missing = {"file", "label"} - set(rows.fieldnames or ())
            if missing:
                raise ConfigError(f"{path}: line 1: no column {', '.join(sorted(missing))}", advice=advice)
            for row in rows:
                name, label = (row["file"] or "").strip(), (row["label"] or "").strip()
                told = meaning(label)
                if not name or told is None:
                    raise ConfigError(f"{path}: line {rows.line_num}: unknown label {label!r}", advice=advice)
                if labels.setdefault(picture_name(name), told) != told:
                    raise ConfigError(f"{path}: line {rows.line_num}: this picture has two labels", advice=advice)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=advice) from error
    if not labels:
        raise ConfigError(f"{path}: no labels", advice=advice)
    return labels
