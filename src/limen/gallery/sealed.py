"""The badge lock: a template in the store that opens only with a secret on its owner's badge or phone.

    badge: format 1 | site tag 4 | secret 20 (160 random bits)                25 bytes, 38 characters of Base45

    locator = HKDF(secret, pepper, "find"), 8 bytes
    key     = HKDF(secret, pepper, "lock" | Argon2id(PIN))

Rules kept: the site keeps no copy of the secret; whoever has store and site key but no badge has nothing, whoever has
the badge but no store neither; a PIN may be asked besides and never instead. The locator finds the row without trying
all of them, and tells nothing that helps to guess 160 random bits.

Source: RFC 5869 (HKDF), RFC 9106 (Argon2id, second recommended option); docs/adr/0018.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

import numpy as np
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from limen.core.match import UnknownReason
from limen.core.passes import BADGE_FORMAT, SITE_TAG_BYTES, SealedTemplate, SiteSecret
from limen.gallery.quantised import dequantised, quantised

__all__ = ["PinStretch", "SecretLock"]

_SECRET_BYTES = 20
_LOCATOR_BYTES = 8
_KEY_BYTES = 32
_NONCE = 12
_SALT = 16


class PinStretch:
    """Argon2id's cost: how dear each guess of a PIN is to somebody who has badge, store and site key.

    Args:
        passes: over the memory.
        memory_kib: 64 MiB, as RFC 9106 recommends where 2 GiB are too much.
        lanes: threads.
    """

    def __init__(self, *, passes: int = 3, memory_kib: int = 64 * 1024, lanes: int = 4) -> None:
        self._cost = (passes, memory_kib, lanes)

    def __call__(self, pin: str, *, salt: bytes) -> bytes:
        """32 bytes that only this PIN with this salt gives."""
        passes, memory_kib, lanes = self._cost
        return hash_secret_raw(
            pin.encode(),
            salt,
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=lanes,
            hash_len=_KEY_BYTES,
            type=Type.ID,
        )


class SecretLock:
    """Implements `limen.core.pass_ports.BadgeLock`.

    Args:
        site_tag: `limen.core.ports.Store.site_tag`.
        stretch: of PINs.
    """

    def __init__(self, site_tag: bytes, *, stretch: PinStretch | None = None) -> None:
        self._head = bytes([BADGE_FORMAT]) + site_tag
        self._stretch = stretch or PinStretch()

    def new(self) -> bytes:
        """A new badge: its bytes, with 160 random bits in them."""
        return self._head + secrets.token_bytes(_SECRET_BYTES)

    def locator(self, badge: bytes, *, pepper: SiteSecret) -> bytes | UnknownReason:
        """By what the store finds a badge's template, or why the bytes are no badge of this site."""
        if len(badge) != len(self._head) + _SECRET_BYTES or badge[0] != BADGE_FORMAT:
            return UnknownReason.CODE_UNREADABLE
        if badge[: 1 + SITE_TAG_BYTES] != self._head:
            return UnknownReason.CODE_FOREIGN
        return _derive(badge, pepper, info=b"limen/1/badge/find", length=_LOCATOR_BYTES)

    def lock(self, vector: NDArray[np.float32], *, badge: bytes, pepper: SiteSecret, pin: str | None) -> bytes:
        """A template that opens with this badge and PIN alone."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher(badge, pepper, pin).encrypt(nonce, quantised(vector), self._head)

    def unlock(
        self, sealed: SealedTemplate, *, badge: bytes, pepper: SiteSecret, pin: str | None
    ) -> NDArray[np.float32] | None:
        """The template, or None: another PIN."""
        nonce, rest = sealed.locked[:_NONCE], sealed.locked[_NONCE:]
        try:
            return dequantised(self._cipher(badge, pepper, pin).decrypt(nonce, rest, self._head))
        except InvalidTag:
            return None

    def _cipher(self, badge: bytes, pepper: SiteSecret, pin: str | None) -> AESGCM:
        salt = sha256(b"limen/1/badge/pin" + pepper.secret + badge).digest()[:_SALT]
        stretched = b"" if pin is None else self._stretch(pin, salt=salt)
        return AESGCM(_derive(badge, pepper, info=b"limen/1/badge/lock" + stretched, length=_KEY_BYTES))


def _derive(badge: bytes, pepper: SiteSecret, *, info: bytes, length: int) -> bytes:
    secret = badge[1 + SITE_TAG_BYTES :]
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=pepper.secret, info=info).derive(secret)
