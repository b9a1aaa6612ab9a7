"""Letters that invite people or remind them, as one PDF to print: what it is about, that no is an answer, how to go on.

The name stands on the letter so that it can be handed out; the code is known to the letter alone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
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

__all__ = ["Letter", "LetterKind", "letters_pdf"]

_FONT, _BOLD = "Vera", "VeraBd"  # come with reportlab and are embedded in the file
_LEFT, _TOP, _WIDTH = 25 * mm, 262 * mm, 160 * mm
_CODE = 60 * mm
_QUIET = 4
_SIZE = 11


class LetterKind(StrEnum):
    """What a letter is for."""

    INVITATION = "invitation"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter.

    Attributes:
        name: of the person; left blank to be written by hand if the font lacks a character.
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
_ENGLISH_REMINDER = replace(
    _ENGLISH,
    title="Shall doors go on recognising you?",
    lines=(
        "You agreed that doors here may recognise your face. Your agreement ends soon. If you do nothing, everything "
        "is deleted on that day, and you use the other way in.\n"
        "To go on, agree once more: on your own page, or in a minute at the desk. No new picture is needed."
    ),
    below=(
        "Point your phone at the code and enter the code of your own page. Have you lost it? Ask the desk.\n"
        "Your agreement ends on {until}. You can stop at any time before, at once."
    ),
)
_FRENCH_REMINDER = replace(
    _FRENCH,
    title="Les portes doivent-elles continuer à vous reconnaître ?",
    lines=(
        "Vous avez accepté que les portes d'ici reconnaissent votre visage. Votre accord se termine bientôt. Si vous "
        "ne faites rien, tout est effacé ce jour-là, et vous utilisez l'autre façon d'entrer.\n"
        "Pour continuer, acceptez encore une fois : sur votre page, ou en une minute à l'accueil. Aucune nouvelle "
        "photo n'est nécessaire."
    ),
    below=(
        "Visez le code avec votre téléphone et entrez le code de votre page. Perdu ? Demandez à l'accueil.\n"
        "Votre accord se termine le {until}. Vous pouvez arrêter avant, à tout moment, aussitôt."
    ),
)
_WORDS: Mapping[LetterKind, Mapping[str, _Words]] = MappingProxyType(
    {
        LetterKind.INVITATION: {"en": _ENGLISH, "fr": _FRENCH},
        LetterKind.REMINDER: {"en": _ENGLISH_REMINDER, "fr": _FRENCH_REMINDER},
    }
)


def letters_pdf(letters: Sequence[Letter], *, language: str, kind: LetterKind = LetterKind.INVITATION) -> bytes:
    """One page of A4 for each letter.

    Args:
        letters: one or more.
        language: ``en`` or ``fr``; another is English.
        kind: what they are for.
    """
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    words = _WORDS[kind].get(language, _WORDS[kind]["en"])
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
    known = pdfmetrics.getFont(_FONT).face.charToGlyph
    name = letter.name if all(ord(character) in known for character in letter.name) else "_" * 30
    top = _paragraphs(canvas, [(name, plain), (words.title, title)], top=_TOP)
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
