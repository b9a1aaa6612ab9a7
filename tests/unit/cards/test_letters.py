"""Letters: a page each, the code a phone can read, no code where none is to be, names of any script."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from limen.cards.letter import Letter, LetterKind, letters_pdf

_LETTER = Letter(
    name="Ada Lovelace",
    link="https://limen.example/join#abcdefghijklmnopqrstuv",
    until=datetime(2026, 12, 24, tzinfo=UTC),
    purpose="the front door",
    controller="ACME <Ltd>",
    contact="dpo@acme.example",
    other_way="the badge",
)


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("language", ["en", "fr", "xx"])
def test_each_letter_is_a_page(kind: LetterKind, language: str) -> None:
    """Of every kind, in every language; another one is English; the same letters give the same bytes."""
    made = letters_pdf([_LETTER] * 3, language=language, kind=kind)
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") == 3
    assert made == letters_pdf([_LETTER] * 3, language=language, kind=kind)


def test_a_name_that_the_font_lacks_is_left_blank() -> None:
    """It is written by hand; nothing is printed as boxes."""
    assert letters_pdf([replace(_LETTER, name="吳健雄")], language="en") == letters_pdf(
        [replace(_LETTER, name="李政道")], language="en"
    )


def test_letters_without_words_of_the_controller_hold() -> None:
    """What is not stated is left out."""
    bare = replace(_LETTER, purpose="", controller="", contact="", other_way="")
    assert letters_pdf([bare], language="fr").startswith(b"%PDF")
