"""The words people agree to."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.ledger import LANGUAGES, agreement_text, own_text
from limen.ledger.texts import VERSIONS

_HASHES = {
    ("2026-11", "en"): "7808c5b113c1f9ec649e32f84b7cf4b500c2a5c20248eb7a911581411d486f78",
    ("2026-11", "fr"): "40e971230010a9bd87b1d61517e81e9e1af25ca07d4a767541898f871c7e74ce",
    ("2026-11-pass", "en"): "c3d5f24a16a1fc08b3f7a9e03040efcf0a874b32a46ab250496c6329d2ebb201",
    ("2026-11-pass", "fr"): "e3095d1934fd646fa292f5f4eb3f88c15ff0157d28337e31c1febac0673b001a",
    ("2026-11-visitor", "en"): "7989635c88743ea2938788d421689ffb8c5d0e01b341f09e4932cc5c44cbe957",
    ("2026-11-visitor", "fr"): "1ddc99528e589fd87efa663c5903c1f2da7a037af533cd61a11c61960cbdfe0f",
    ("2026-12", "en"): "c48d0abade79137a74ccaa9a9fa262a4f387b3defb8f571ef40cae4d9ff18282",
    ("2026-12", "fr"): "c49c1bb0f7287dbec7de479a315a33c71d634d5ebe939ecc0c039318d6a1c5eb",
}


def test_every_text_that_was_ever_used_is_unchanged() -> None:
    """A changed word needs a new version: records carry the hash of what was agreed to."""
    texts = {(v, language): agreement_text(language, version=v).sha256 for v in VERSIONS for language in LANGUAGES}
    assert texts == _HASHES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hash_is_that_of_the_words(language: str) -> None:
    """Anybody can check the hash of a record with the text alone."""
    text = agreement_text(language)
    assert text.sha256 == sha256(text.text.encode("utf-8")).hexdigest()
    assert text.language == language


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            [
                "free to say no",
                "I am an adult",
                "30 days at most",
                "template",
                "not kept",
                "withdraw",
                "another way in",
                "no list of strangers",
            ],
        ),
        (
            "fr",
            [
                "libre de dire non",
                "je suis majeur",
                "30 jours au plus",
                "gabarit",
                "ne sont pas gardées",
                "retirer",
                "autre façon d",
                "inconnus",
            ],
        ),
    ],
)
def test_a_text_tells_what_a_person_must_know(language: str, told: list[str]) -> None:
    """What is stored, that one may refuse, how to withdraw, the other way in, and that strangers are not listed."""
    words = " ".join(agreement_text(language).text.split())
    assert [part for part in told if part not in words] == []


def test_the_languages_say_the_same_in_the_same_order() -> None:
    """Every language has the same sections and the same points."""
    shapes = []
    for language in LANGUAGES:
        lines = agreement_text(language).text.splitlines()
        shapes.append([line[:2] == " -" for line in lines if line and not line.startswith("   ")].count(True))
    assert len(set(shapes)) == 1


@pytest.mark.parametrize(("language", "version"), [("xx", "2026-11"), ("en", "1999-01"), ("../x", "2026-11"), ("", "")])
def test_a_text_that_is_not_there_is_told(language: str, version: str) -> None:
    """Another language, version or a path is an error that lists what there is."""
    with pytest.raises(ConfigError, match="no agreement text") as caught:
        agreement_text(language, version=version)
    assert "en, fr" in caught.value.advice()


def test_a_controllers_own_text_replaces_ours(tmp_path: Path) -> None:
    """A file of one's own becomes an agreement text with its own version and hash."""
    path = tmp_path / "own.txt"
    path.write_text("Wir fragen Sie, ob diese Tür Sie erkennen darf. " * 10, encoding="utf-8")
    text = own_text(path, version="acme-2", language="de")
    assert (text.version, text.language) == ("acme-2", "de")
    assert text.sha256 == sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "too short"),
        (b" \n" * 500, "too short"),
        (b"I agree.", "too short"),
        (b"\xff\xfe" * 300, "not UTF-8"),
        (b"x" * 100_001, "too long"),
        ("é".encode() * 60_000, "too long"),
    ],
)
def test_a_text_nobody_can_read_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """Empty, unreadable or endless: refused with the file's name."""
    path = tmp_path / "own.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"own\.txt.*{told}"):
        own_text(path, version="1", language="de")


def test_a_text_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder or a missing file is told with the system's words."""
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ConfigError, match="cannot be read"):
            own_text(path, version="1", language="de")
