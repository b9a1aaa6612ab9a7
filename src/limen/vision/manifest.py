"""The list of models: what each file is, whose, under which licence, and the digest it must have."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from limen.core.errors import ModelError

__all__ = ["ModelCard", "bundled_cards", "read_cards"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One model file.

    Attributes:
        name: unique, lower case.
        role: what it does. There is no other role, and none that tells anything about a person (promise 3).
        title: for people.
        package: the installed package that carries the file, or None when ``path`` is a file of its own.
        path: inside the package, or beside the manifest.
        sha256: of the file, hexadecimal.
        licence: SPDX identifier.
        origin: who made it, from what.
        colour_order: of the three input planes.
        dimensions: length of an embedding; 0 for others.
        mean: subtracted from every pixel before scaling (0 where the graph does it itself).
        scale: multiplied after that.
    """

    name: str
    role: Literal["detector", "embedder", "mask_state"]
    title: str
    package: str | None
    path: str
    sha256: str
    licence: str
    origin: str
    colour_order: Literal["BGR", "RGB"]
    dimensions: int = 0
    mean: float = 0.0
    scale: float = 1.0


def bundled_cards() -> dict[str, ModelCard]:
    """The models limen ships an entry for, by name."""
    return _parse(files("limen.vision").joinpath("models.toml").read_text("utf-8"), "models.toml")


def read_cards(manifest: Path) -> dict[str, ModelCard]:
    """The models of a manifest file written by `limen models add`.

    Raises:
        ModelError: unreadable, not TOML, or an entry with missing or wrong fields; every mistake is listed.
    """
    try:
        text = manifest.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{manifest}: cannot be read ({error})", advice="add the model again") from error
    return _parse(text, str(manifest))


def _parse(text: str, source: str) -> dict[str, ModelCard]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{source}: not a TOML file ({error})", advice="add the model again") from error
    mistakes = [f"{name}: {mistake}" for name, table in tables.items() for mistake in _mistakes(name, table)]
    if mistakes:
        raise ModelError(f"{source}: " + "; ".join(mistakes), advice="correct these fields or add the model again")
    return {name: ModelCard(name=name, **{"package": None, **table}) for name, table in tables.items()}


def _mistakes(name: str, table: Any) -> list[str]:
    if not isinstance(table, dict):
        return ["expected a table"]
    required = {"role", "title", "path", "sha256", "licence", "origin", "colour_order"}
    known = required | {"package", "dimensions", "mean", "scale"}
    found = [f"{field} is missing" for field in sorted(required - table.keys())]
    found += [f"{field} is not known" for field in sorted(table.keys() - known)]
    if not _NAME.fullmatch(name):
        found.append("the name may hold lower-case letters, digits, dot, dash and underscore")
    if table.get("role") not in ("detector", "embedder", "mask_state"):
        found.append("role must be detector, embedder or mask_state")
    if table.get("colour_order") not in ("BGR", "RGB"):
        found.append("colour_order must be BGR or RGB")
    if not _DIGEST.fullmatch(str(table.get("sha256", ""))):
        found.append("sha256 must be 64 hexadecimal digits")
    if table.get("role") == "embedder" and not (isinstance(table.get("dimensions"), int) and table["dimensions"] > 0):
        found.append("dimensions must be a positive whole number")
    return found
