"""What a door says in public and to the desk, for rooms that do not know the door's own words."""

from __future__ import annotations

from limen.core.decision import Decision
from limen.door.words import instruction_of, languages, words

__all__ = ["instruction", "said_in_public", "said_to_desk"]


def instruction(decision: Decision) -> str:
    """What somebody is asked to do, as one word for programs: ``go``, ``wait``, ``other_way``, …; never why."""
    return instruction_of(decision).value


def said_in_public(decision: Decision) -> dict[str, str]:
    """What is said to whoever stands at the door, by language."""
    return {language: words(decision, language=language, audience="public") for language in languages()}


def said_to_desk(decision: Decision, *, language: str) -> str:
    """Every reason, for those who may know."""
    return words(decision, language=language, audience="desk")
