"""The words a person agrees to: short, plain, complete, and provable by their hash.

Rules kept: a text that has been in use is never edited, only followed by a new version (a test pins the hashes), so
that a record of an agreement can always be shown with its words; a controller may give a text of their own instead.

Source: GDPR articles 7 and 13; DESIGN promises 1, 2, 3 and 5.
"""

from __future__ import annotations

from hashlib import sha256
from importlib import resources
from pathlib import Path

from limen.core.errors import ConfigError
from limen.core.people import AgreementText

__all__ = ["CURRENT", "LANGUAGES", "PASS", "VERSIONS", "VISITOR", "agreement_text", "own_text"]

CURRENT = "2026-12"
"""The version of the bundled texts that new agreements are asked with."""

PASS = "2026-11-pass"  # noqa: S105  a face pass, not a password
"""The text for people who carry their template; the site keeps none."""

VISITOR = "2026-11-visitor"
"""The text for visitors: a pass for a day."""

VERSIONS = ("2026-11", CURRENT, PASS, VISITOR)
"""All versions that were ever bundled."""

LANGUAGES = ("en", "fr")
"""BCP 47 tags of the bundled languages."""

_MAX_BYTES = 100_000
_SHORTEST = 200


def agreement_text(language: str, *, version: str = CURRENT) -> AgreementText:
    """A bundled text.

    Args:
        language: one of ``LANGUAGES``.
        version: ``CURRENT``, or that of an older record.

    Raises:
        ConfigError: there is none in that language and version.
    """
    if language not in LANGUAGES or version not in VERSIONS:
        raise ConfigError(
            f"there is no agreement text {version} in {language!r}",
            advice=f"choose one of {', '.join(LANGUAGES)}, or give a text of your own",
        )
    file = resources.files("limen.ledger") / "texts" / f"{version}.{language}.txt"
    return _text(file.read_text(encoding="utf-8"), version=version, language=language)


def own_text(path: Path, *, version: str, language: str) -> AgreementText:
    """A controller's own text. Keep the file: records of agreements carry its hash, not its words.

    Args:
        path: a text file in UTF-8, at most 100 kB.
        version: the controller's name for it, for instance ``acme-2``.
        language: BCP 47.

    Raises:
        ConfigError: unreadable, not UTF-8, too long, or too short to tell a person anything.
    """
    text = _read(path)
    if len(text.strip()) < _SHORTEST:
        raise ConfigError(
            f"the agreement text {path} is too short to tell anybody what they agree to",
            advice="say what is stored, where, for how long, the other way in and how to withdraw",
        )
    return _text(text, version=version, language=language)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as cause:
        raise ConfigError(
            f"the agreement text {path} cannot be read: {cause.strerror}",
            advice="give the path of a readable text file",
        ) from cause
    if len(raw) > _MAX_BYTES:
        raise ConfigError(f"the agreement text {path} is too long", advice="shorten it: people read a page or two")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise ConfigError(f"the agreement text {path} is not UTF-8", advice="save it again as UTF-8 text") from cause


def _text(text: str, *, version: str, language: str) -> AgreementText:
    return AgreementText(version=version, language=language, text=text, sha256=sha256(text.encode()).hexdigest())
