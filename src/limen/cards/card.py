"""A card to print, as PDF: the code, what it is, whose alias, until when, how to stop; nothing biometric in clear.

The holder's name is not on it: whoever finds a pass learns neither whose it is nor which site it opens. The file says
nothing about when and on what it was made.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from limen.cards.codes import QUIET_MODULES, code_modules
from limen.cards.words import WORDS, CardKind

__all__ = ["Card", "CardSize", "card_pdf"]

_FONT, _BOLD = "Vera", "VeraBd"  # come with reportlab and are embedded in the file
_LINE = 1.25


class CardSize(StrEnum):
    """How large a card is printed."""

    A6 = "a6"
    ID_1 = "id-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What goes on a card.

    Attributes:
        code: the pass or badge.
        kind: what it is.
        holder: the alias of the holder; never a name.
        valid_until: UTC.
        host: whom a visitor sees; empty for others. Left blank to be written by hand if the font lacks a character.
        language: of the words.
    """

    code: bytes = field(repr=False)
    kind: CardKind
    holder: str
    valid_until: datetime
    host: str = field(default="", repr=False)
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    page: tuple[float, float]
    code_side: float
    code_at: tuple[float, float]
    text_left: float
    text_top: float
    text_width: float
    size: float


_LAYOUTS = {
    CardSize.A6: _Layout(
        page=A6,
        code_side=70 * mm,
        code_at=(17.5 * mm, 72 * mm),
        text_left=9 * mm,
        text_top=72 * mm,
        text_width=87 * mm,
        size=7.5,
    ),
    CardSize.ID_1: _Layout(
        page=(85.6 * mm, 53.98 * mm),
        code_side=47 * mm,
        code_at=(1.5 * mm, 3.5 * mm),
        text_left=49 * mm,
        text_top=51 * mm,
        text_width=34 * mm,
        size=4.4,
    ),
}


def card_pdf(card: Card, *, size: CardSize = CardSize.A6) -> bytes:
    """One page of PDF."""
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    layout = _LAYOUTS[size]
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=layout.page, invariant=True)
    canvas.setTitle(WORDS[card.language][card.kind].title)
    _draw_code(canvas, card.code, layout)
    top = layout.text_top
    for paragraph in _paragraphs(card, layout.size):
        _, height = paragraph.wrap(layout.text_width, layout.page[1])
        top -= height
        paragraph.drawOn(canvas, layout.text_left, top)
        top -= layout.size * 0.5
    canvas.save()
    return file.getvalue()


def _draw_code(canvas: Canvas, code: bytes, layout: _Layout) -> None:
    modules = code_modules(code)
    side = layout.code_side / (len(modules) + 2 * QUIET_MODULES)
    left, bottom = layout.code_at
    path = canvas.beginPath()
    for row, line in enumerate(reversed(modules)):
        for column, dark in enumerate(line):
            if dark:
                path.rect(left + (column + QUIET_MODULES) * side, bottom + (row + QUIET_MODULES) * side, side, side)
    canvas.drawPath(path, stroke=0, fill=1)


def _paragraphs(card: Card, size: float) -> Sequence[Paragraph]:
    words = WORDS[card.language][card.kind]
    plain = ParagraphStyle("plain", fontName=_FONT, fontSize=size, leading=size * _LINE)
    title = ParagraphStyle("title", fontName=_BOLD, fontSize=size * 1.6, leading=size * 1.6 * _LINE)
    strong = ParagraphStyle("strong", parent=plain, fontName=_BOLD)
    facts = [f"{words.until} {card.valid_until:%Y-%m-%d %H:%M} UTC", f"{words.holder} {card.holder}"]
    if card.kind is CardKind.VISITOR:
        facts.append(f"{words.host} {card.host if _printable(card.host) else '______________'}")
    return (
        Paragraph(escape(words.title), title),
        *(Paragraph(escape(fact), strong) for fact in facts),
        *(Paragraph(escape(line), plain) for line in words.text.splitlines()),
    )


def _printable(text: str) -> bool:
    known = pdfmetrics.getFont(_BOLD).face.charToGlyph
    return all(ord(character) in known for character in text)
