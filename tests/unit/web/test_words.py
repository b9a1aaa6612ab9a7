"""The words of pages: every language has every word, with the same places to fill."""

from __future__ import annotations

import tomllib
from pathlib import Path
from string import Formatter

import pytest

import limen.web.pages
from limen.web.pages.render import LANGUAGES

_PAGES = Path(limen.web.pages.__file__).parent
_PARTS = sorted(path.parent.name for path in _PAGES.glob("*/words.fr.toml"))


def _words(part: str, language: str) -> dict[str, str]:
    return tomllib.loads((_PAGES / part / f"words.{language}.toml").read_text("utf-8"))


@pytest.mark.parametrize("part", _PARTS)
def test_every_language_has_every_word(part: str) -> None:
    """Nobody meets an empty place or a word of another language for want of a translation."""
    english = _words(part, "en")
    for language in LANGUAGES:
        other = _words(part, language)
        assert set(other) == set(english)
        for key, words in english.items():
            places = [{name for _, name, _, _ in Formatter().parse(text)} - {None} for text in (words, other[key])]
            assert places[0] == places[1], key


def test_the_parts_that_visitors_read_are_translated() -> None:
    """Signing in and the pages around it are there in both languages."""
    assert {"account", "base"} <= set(_PARTS)
