"""What a person carries (a face pass, or the secret of a badge) and what the site keeps about it.

A code is what a reader hands over: raw bytes, or their Base45 text. Its first byte says what it is. A face pass holds
the person's template and the site keeps none; a badge holds a secret and the site keeps a template that only this
secret opens (docs/adr/0017, 0018).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import unit_vector, wipe
from limen.core.base45 import decode
from limen.core.match import UnknownReason
from limen.core.people import SubjectId
from limen.core.probe import ModelId

__all__ = [
    "BADGE_FORMAT",
    "MAX_CODE_BYTES",
    "MOST_WRONG_PINS",
    "PASS_FORMAT",
    "SITE_TAG_BYTES",
    "FacePass",
    "PassHeader",
    "PassId",
    "PassRecord",
    "PassTerms",
    "SealedTemplate",
    "SiteSecret",
    "code_bytes",
    "is_pin",
    "own_code",
]

PassId = NewType("PassId", str)
"""16 random hexadecimal digits: the alias under which a pass speaks of its holder."""

PASS_FORMAT = 0xA1
"""First byte of a face pass of format 1; not a character, so that raw bytes and text cannot be confused."""

BADGE_FORMAT = 0xB1
"""First byte of a badge secret of format 1."""

SITE_TAG_BYTES = 4
MAX_CODE_BYTES = 400

MOST_WRONG_PINS = 5
"""So many typed PINs in a row that did not open a badge lock it, until the desk unlocks it."""

_PIN = re.compile(r"[0-9]{4,12}")
_MAX_TEXT = MAX_CODE_BYTES // 2 * 3
_OURS = (bytes([PASS_FORMAT]), bytes([BADGE_FORMAT]))
_FIRST_NO_CHARACTER = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class PassTerms:
    """What a pass says besides the template.

    Attributes:
        pass_id: the alias of its holder; another on every pass.
        valid_from, valid_until: UTC, whole hours apart.
        model_id: the model that made the template.
        key_number: which of the site's pass keys it was made with, 1 to 255.
    """

    pass_id: PassId
    valid_from: datetime
    valid_until: datetime
    model_id: ModelId
    key_number: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacePass:
    """A pass, opened with the site's key: in memory for one attempt.

    Attributes:
        terms: what it says.
        vector: float32 (d,), unit norm, as the embedding of a bare face; never written, logged or shown.
    """

    terms: PassTerms
    vector: NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", unit_vector("vector", self.vector))

    def wipe(self) -> None:
        """Overwrite the template with zeros."""
        wipe(self.vector)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassHeader:
    """What stands on a pass in clear.

    Attributes:
        site_tag: 8 hexadecimal digits that tell this site's passes from others'.
        key_number: which of the site's pass keys it was made with.
        n_bytes: its length.
    """

    site_tag: str
    key_number: int
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRecord:
    """What the site keeps of a pass: no template.

    Attributes:
        terms: what the pass says.
        subject_id: whose it is.
        host: whom a visitor sees, stored encrypted under the visitor's own key; empty for others.
        revoked_at: since when it is refused, or None.
    """

    terms: PassTerms
    subject_id: SubjectId
    host: str = field(repr=False)
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSecret:
    """A secret of the site that is not made from the site key, so that it outlives a change of that key.

    Attributes:
        number: 1, 2, 3, …; a number is never used again.
        secret: 32 random bytes.
        made_at: UTC.
        accepted_until: UTC; from then on what was made with it is refused. None while it is the newest.
    """

    number: int
    secret: bytes = field(repr=False)
    made_at: datetime
    accepted_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTemplate:
    """What the site keeps of a badge-locked template: useless without the secret on the badge.

    Attributes:
        locator: 8 bytes by which a badge finds it; tells nothing of the secret.
        subject_id: whose.
        model_id: the model that made the template.
        with_pin: whether a PIN is asked besides.
        locked: the template, encrypted under the badge's secret and the site's pepper.
        wrong_pins: typed PINs since the last one that opened, together with the holder's face.
    """

    locator: bytes
    subject_id: SubjectId
    model_id: ModelId
    with_pin: bool
    locked: bytes = field(repr=False)
    wrong_pins: int = 0

    @property
    def is_locked_out(self) -> bool:
        """Whether no PIN opens it any more."""
        return self.wrong_pins >= MOST_WRONG_PINS


def code_bytes(code: bytes | str) -> bytes | UnknownReason:
    """The bytes of a code as any reader hands it over: raw, or Base45 as text or as its ASCII bytes.

    Spaces and line ends that a scanner adds behind a text are taken off. Not checked here: what the bytes mean.
    """
    if isinstance(code, bytes) and code and code[0] >= _FIRST_NO_CHARACTER:
        return code if len(code) <= MAX_CODE_BYTES else UnknownReason.CODE_OVERSIZED
    if len(code) > _MAX_TEXT + 2:  # a line end may follow
        return UnknownReason.CODE_OVERSIZED
    try:
        text = code.decode("ascii") if isinstance(code, bytes) else code
        return decode(text.strip("\r\n\t"))
    except ValueError:  # among them UnicodeDecodeError
        return UnknownReason.CODE_UNREADABLE


def own_code(code: bytes | str) -> bytes | None:
    """The bytes of a code that says it is a face pass or a badge, or None: some other text or code."""
    raw = code_bytes(code)
    return None if isinstance(raw, UnknownReason) or raw[:1] not in _OURS else raw


def is_pin(text: str) -> bool:
    """Whether a text is what a keypad can give as a PIN: 4 to 12 digits."""
    return _PIN.fullmatch(text) is not None
