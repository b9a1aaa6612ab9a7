"""An agreement text as parts of a page: the same words in the same order, with its headings and lists told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Block", "blocks_of"]

_ITEM = " - "


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a text.

    Attributes:
        heading: over a list; empty for a paragraph.
        paragraph: empty for a list.
        items: of a list.
    """

    heading: str = ""
    paragraph: str = ""
    items: Sequence[str] = ()


def blocks_of(text: str) -> tuple[Block, ...]:
    """The parts of a text, divided by its blank lines; its first line is left to be the title."""
    _, _, rest = text.strip().partition("\n")
    return tuple(_block(part) for part in rest.strip().split("\n\n") if part.strip())


def _block(part: str) -> Block:
    head, *items = ("\n" + part).replace("\n" + _ITEM, "\0").split("\0")
    if not items:
        return Block(paragraph=_one_line(head))
    return Block(heading=_one_line(head), items=tuple(map(_one_line, items)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
