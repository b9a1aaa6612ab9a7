"""What is handed over: pictures of codes, and a card that says in words what it is and how to stop."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest

from limen.cards.card import _LAYOUTS, Card, CardSize, _paragraphs, card_pdf
from limen.cards.codes import code_modules, code_png, code_svg
from limen.cards.words import WORDS, CardKind
from limen.core.base45 import encode
from limen.frames.codes import read_codes
from support.vision import make_frame

_PASS = bytes(range(244))
_BADGE = b"\xb1" + bytes(range(24))


def _card(kind: CardKind = CardKind.FACE_PASS, *, language: str = "en", host: str = "") -> Card:
    return Card(
        code=_PASS,
        kind=kind,
        holder="0123456789abcdef",
        valid_until=datetime(2027, 11, 22, 12, 0, tzinfo=UTC),
        host=host,
        language=language,
    )


def test_a_pass_is_a_symbol_of_61_modules() -> None:
    """244 bytes as Base45 fit version 11 at level M, as large as with the raw bytes; a badge is smaller."""
    assert (len(code_modules(_PASS)), len(code_modules(_BADGE))) == (61, 25)


@pytest.mark.parametrize("code", [_PASS, _BADGE])
def test_the_picture_is_read_back(code: bytes) -> None:
    """What a camera reads in the PNG is the text of the code."""
    pixels = cv2.imdecode(np.frombuffer(code_png(code), np.uint8), cv2.IMREAD_COLOR)
    frame = make_frame(np.asarray(pixels, dtype=np.uint8))
    assert read_codes(frame) == (encode(code).encode(),)


def test_the_svg_is_one() -> None:
    """It parses, and is as large as the PNG in modules: symbol and quiet zone."""
    root = ET.fromstring(code_svg(_PASS))  # noqa: S314  our own bytes
    assert root.tag.endswith("svg")
    assert (root.get("width"), root.get("height")) == ("69", "69")


@pytest.mark.parametrize("size", list(CardSize))
@pytest.mark.parametrize("language", list(WORDS))
@pytest.mark.parametrize("kind", list(CardKind))
def test_every_card_fits_its_page(kind: CardKind, language: str, size: CardSize) -> None:
    """One page of PDF, and the text ends above the lower edge."""
    card = _card(kind, language=language, host="Grace Brewster Murray Hopper-Lovelace")
    pdf = card_pdf(card, size=size)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    layout = _LAYOUTS[size]
    heights = [item.wrap(layout.text_width, layout.page[1])[1] for item in _paragraphs(card, layout.size)]
    assert sum(heights) + len(heights) * layout.size * 0.5 < layout.text_top


@pytest.mark.parametrize("language", list(WORDS))
def test_every_card_says_what_it_has_to(language: str) -> None:
    """What it is, and how to stop or what happens when it is lost, in every language and of every kind."""
    for kind, words in WORDS[language].items():
        assert words.title
        assert words.until
        assert len(words.text.splitlines()) == 4, kind
    assert set(WORDS[language]) == set(CardKind)
    assert bool(WORDS[language][CardKind.VISITOR].host)


def test_the_same_card_is_the_same_file() -> None:
    """The file does not tell when or on what machine it was made."""
    assert card_pdf(_card()) == card_pdf(_card())


def test_a_host_that_the_font_lacks_is_left_to_be_written() -> None:
    """A blank line instead of boxes."""
    card_pdf(_card(CardKind.VISITOR))  # registers the fonts
    texts = [item.getPlainText() for item in _paragraphs(_card(CardKind.VISITOR, host="王"), 7.0)]
    assert "You visit ______________" in texts
    named = [item.getPlainText() for item in _paragraphs(_card(CardKind.VISITOR, host="Łukasz <b>"), 7.0)]
    assert "You visit Łukasz <b>" in named
