"""What every section of the settings has in common: frozen, no unknown keys; and the names that sites give."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from limen.door.words import languages

__all__ = ["Groups", "Language", "Name", "Section", "is_name"]

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")


class Section(BaseModel):
    """A table of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def is_name(text: str) -> bool:
    """Whether a door, a schedule or a group may be called that."""
    return _NAME.fullmatch(text) is not None


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError(
            f"a name has small letters, digits and hyphens, begins with a letter and has 32 at most; got {text!r}"
        )
    return text


def _language(text: str) -> str:
    if text not in languages():
        raise ValueError(f"there are sentences in {', '.join(languages())}; got {text!r}")
    return text


Name = Annotated[str, AfterValidator(_name)]
"""Name of a door, a schedule or a group; it becomes part of file names and topics."""

Language = Annotated[str, AfterValidator(_language)]
"""A language that there are sentences in."""

Groups = tuple[Name, ...]
"""Names of access groups."""
