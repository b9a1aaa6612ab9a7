"""Letters that invite people, as one PDF to print: what it is about, that no is an answer, and the code to go on.

The name stands on the letter so that it can be handed out; the code is known to the letter alone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from xml.sax.saxutils import escape

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

__all__ = ["Letter", "letters_pdf"]

_FONT, _BOLD = "Vera", "VeraBd"  # come with reportlab and are embedded in the file
_LEFT, _TOP, _WIDTH = 25 * mm, 262 * mm, 160 * mm
_CODE = 60 * mm
_QUIET = 4
_SIZE = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter.

    Attributes:
        name: of the person.
        link: with the person's own code.
        until: until when it holds, UTC.
        purpose, controller, contact, other_way: as the controller states them; empty ones are left out.
    """

    name: str = field(repr=False)
    link: str = field(repr=False)
    until: datetime
    purpose: str = ""
    controller: str = ""
    contact: str = ""
    other_way: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    title: str
    lines: str
    purpose: str
    other_way: str
    below: str
    contact: str


_ENGLISH = _Words(
    title="Would you like doors to recognise you?",
    lines=(
        "We ask whether doors here may recognise your face, so that you need not take out a badge. You decide, and no "
        "is an answer: nothing changes for you, and nobody keeps that you said it.\n"
        "Nothing about your face is known yet."
    ),
    purpose="What it is for: {}",
    other_way="The other way in, always: {}",
    below=(
        "Point your phone at the code, or hold this letter before the kiosk. You read what it is about, agree or not, "
        "and take a picture yourself. It takes about two minutes.\n"
        "The code is yours alone and holds until {until}. Then it is forgotten. You can stop at any time."
    ),
    contact="Questions: {}",
)
_FRENCH = _Words(
    title="Voulez-vous que les portes vous reconnaissent ?",
    lines=(
        "Nous demandons si les portes d'ici peuvent reconnaître votre visage, pour que vous n'ayez pas à sortir de "
        "badge. Vous décidez, et non est une réponse : rien ne change pour vous, et personne ne garde que vous l'avez "
        "dit.\n"
        "Rien n'est encore connu de votre visage."
    ),
    purpose="À quoi cela sert : {}",
    other_way="L'autre façon d'entrer, toujours : {}",
    below=(
        "Visez le code avec votre téléphone, ou tenez cette lettre devant la borne. Vous lisez de quoi il s'agit, "
        "acceptez ou non, et prenez vous-même une photo. Cela prend environ deux minutes.\n"
        "Le code n'est qu'à vous et vaut jusqu'au {until}. Ensuite il est oublié. Vous pouvez arrêter à tout moment."
    ),
    contact="Questions : {}",
)
_WORDS: Mapping[str, _Words] = MappingProxyType({"en": _ENGLISH, "fr": _FRENCH})


def letters_pdf(letters: Sequence[Letter], *, language: str) -> bytes:
    """One page of A4 for each letter.

    Args:
        letters: one or more.
        language: ``en`` or ``fr``; another is English.
    """
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    words = _WORDS.get(language, _WORDS["en"])
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.setTitle(words.title)
    for letter in letters:
        _draw(canvas, letter, words)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw(canvas: Canvas, letter: Letter, words: _Words) -> None:
    plain = ParagraphStyle("plain", fontName=_FONT, fontSize=_SIZE, leading=_SIZE * 1.4, spaceAfter=7)
    title = ParagraphStyle("title", fontName=_BOLD, fontSize=17, leading=22, spaceAfter=10)
    stated = ((words.purpose, letter.purpose), (words.other_way, letter.other_way))
    facts = [form.format(text) for form, text in stated if text]
    top = _paragraphs(canvas, [(letter.name, plain), (words.title, title)], top=_TOP)
    top = _paragraphs(canvas, [(line, plain) for line in (*words.lines.splitlines(), *facts)], top=top)
    top -= _CODE + 4 * mm
    _code(canvas, letter.link, bottom=top)
    below = [line.format(until=f"{letter.until:%Y-%m-%d}") for line in words.below.splitlines()]
    asked = " · ".join(filter(None, (letter.controller, letter.contact)))
    below += [words.contact.format(asked)] if asked else []
    _paragraphs(canvas, [(line, plain) for line in below], top=top - 4 * mm)


def _paragraphs(canvas: Canvas, lines: Sequence[tuple[str, ParagraphStyle]], *, top: float) -> float:
    """Where the next one begins."""
    for line, style in lines:
        paragraph = Paragraph(escape(line), style)
        _, height = paragraph.wrap(_WIDTH, A4[1])
        top -= height
        paragraph.drawOn(canvas, _LEFT, top)
        top -= style.spaceAfter
    return top


def _code(canvas: Canvas, link: str, *, bottom: float) -> None:
    rows = [list(row) for row in segno.make_qr(link, error="m").matrix]
    side = _CODE / (len(rows) + 2 * _QUIET)
    path = canvas.beginPath()
    for row, line in enumerate(reversed(rows)):
        for column, dark in enumerate(line):
            if dark:
                path.rect(_LEFT + (column + _QUIET) * side, bottom + (row + _QUIET) * side, side, side)
    canvas.drawPath(path, stroke=0, fill=1)
