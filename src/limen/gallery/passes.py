"""The face pass: a template that its holder carries, signed by the site and readable only at the site's doors.

    format 1 | key number 1 | site tag 4 | nonce 12 | AES-256-GCM( what it says 18 | template d ) + tag 16 | Ed25519 64

    what it says: alias 8 | valid from 4 (seconds since 1970) | hours 2 | model tag 4        d = 128: 244 bytes

Rules kept: nothing is decrypted before the signature holds, nothing is believed before it is authenticated; what
stands in clear tells no more than whose doors it is for; encryption and signature have keys of their own, so that a
box that only reads passes cannot make any. The alias is random and another on every pass.

Source: NIST SP 800-38D, RFC 8032, RFC 5869; docs/adr/0017.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from numpy.typing import NDArray

from limen.core.errors import RefusedError
from limen.core.match import UnknownReason
from limen.core.passes import (
    MAX_CODE_BYTES,
    PASS_FORMAT,
    SITE_TAG_BYTES,
    FacePass,
    PassHeader,
    PassId,
    PassTerms,
    SiteSecret,
)
from limen.core.probe import ModelId
from limen.gallery.quantised import dequantised, quantised

__all__ = ["SCHEME", "SealedCodec", "model_tag"]

SCHEME = "pass-1"
"""The id of this layout: bytes, keys, and one signed byte a component."""

_HEAD = struct.Struct(f">BB{SITE_TAG_BYTES}s")
_SAYS = struct.Struct(">8sIH4s")
_NONCE, _TAG, _SIGNATURE = 12, 16, 64
_AROUND = _HEAD.size + _NONCE + _SAYS.size + _TAG + _SIGNATURE
_KEY_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def model_tag(model_id: ModelId) -> bytes:
    """4 bytes for a model together with this layout; a tag that happens to be another model's opens no door."""
    return sha256(f"limen/1/model {SCHEME} {model_id}".encode()).digest()[:4]


class SealedCodec:
    """Implements `limen.core.pass_ports.PassCodec`.

    Args:
        site_tag: `limen.core.ports.Store.site_tag`.
        models: whose templates can be compared here.
    """

    def __init__(self, site_tag: bytes, *, models: Sequence[ModelId]) -> None:
        self._site_tag = site_tag
        self._models = {model_tag(model_id): model_id for model_id in models}

    def seal(self, vector: NDArray[np.float32], *, terms: PassTerms, key: SiteSecret) -> bytes:
        """A pass; see the port."""
        if _AROUND + len(vector) > MAX_CODE_BYTES:
            raise RefusedError(
                f"templates of this model have {len(vector)} components: too many for a pass of {MAX_CODE_BYTES} bytes",
                advice=f"use `--kind sealed`, or a model of at most {MAX_CODE_BYTES - _AROUND} components",
                reason="pass_too_long",
            )
        hours, rest = divmod(terms.valid_until - terms.valid_from, timedelta(hours=1))
        if rest or terms.key_number != key.number:
            raise ValueError("terms: expected whole hours, and the number of the key")
        since = (terms.valid_from - _EPOCH) // timedelta(seconds=1)
        says = _SAYS.pack(bytes.fromhex(terms.pass_id), since, hours, model_tag(terms.model_id))
        head = _HEAD.pack(PASS_FORMAT, key.number, self._site_tag)
        nonce = secrets.token_bytes(_NONCE)
        signed = head + nonce + _cipher(key).encrypt(nonce, says + quantised(vector), head)
        return signed + _signer(key).sign(signed)

    def open(self, raw: bytes, *, keys: Sequence[SiteSecret]) -> FacePass | UnknownReason:
        """A pass of this site, or why it is none.

        (1) It is laid out like a pass of a known format. (2) It is for this site's doors. (3) Its key is one of
        ``keys``. (4) Its signature holds. (5) It decrypts. (6) Its model is one of this site's.
        """
        header = self.header(raw)  # (1)
        if isinstance(header, UnknownReason):
            return header
        if header.site_tag != self._site_tag.hex():  # (2)
            return UnknownReason.CODE_FOREIGN
        key = next((item for item in keys if item.number == header.key_number), None)
        if key is None:  # (3)
            return UnknownReason.PASS_KEY_UNKNOWN
        plain = _opened(raw, key)
        if plain is None:  # (4), (5)
            return UnknownReason.PASS_ALTERED
        alias, since, hours, tag = _SAYS.unpack_from(plain)
        model_id, vector = self._models.get(tag), dequantised(plain[_SAYS.size :])
        if model_id is None or vector is None:  # (6)
            return UnknownReason.CODE_OTHER_MODEL
        valid_from = _EPOCH + timedelta(seconds=since)
        terms = PassTerms(
            pass_id=PassId(alias.hex()),
            valid_from=valid_from,
            valid_until=valid_from + timedelta(hours=hours),
            model_id=model_id,
            key_number=key.number,
        )
        return FacePass(terms=terms, vector=vector)

    def header(self, raw: bytes) -> PassHeader | UnknownReason:
        """What stands on a pass in clear; nothing of it is believed."""
        if len(raw) > MAX_CODE_BYTES:
            return UnknownReason.CODE_OVERSIZED
        if len(raw) <= _AROUND or raw[0] != PASS_FORMAT:
            return UnknownReason.CODE_UNREADABLE
        _, number, site_tag = _HEAD.unpack_from(raw)
        return PassHeader(site_tag=site_tag.hex(), key_number=number, n_bytes=len(raw))


def _opened(raw: bytes, key: SiteSecret) -> bytes | None:
    signed, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
    head, rest = signed[: _HEAD.size], signed[_HEAD.size :]
    try:
        _signer(key).public_key().verify(signature, signed)
        return _cipher(key).decrypt(rest[:_NONCE], rest[_NONCE:], head)
    except (InvalidSignature, InvalidTag):
        return None


def _cipher(key: SiteSecret) -> AESGCM:
    return AESGCM(_expand(key, b"limen/1/pass/encrypt"))


def _signer(key: SiteSecret) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_expand(key, b"limen/1/pass/sign"))


def _expand(key: SiteSecret, purpose: bytes) -> bytes:
    return HKDFExpand(algorithm=hashes.SHA256(), length=_KEY_BYTES, info=purpose).derive(key.secret)
