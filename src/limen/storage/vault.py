"""Keys and seals: how what tells of a person is locked, and how one key destroyed makes it unreadable for good.

    site key --HKDF--> wrapping key --AES-256-GCM--> one random key per person --HKDF--> sealing key, alias
             --HKDF--> audit key, record key, rotation seed, key check, signing key (Ed25519)

Rules kept: no key serves two purposes; a key of one site means nothing in another (the site's id is the salt); every
seal binds the scheme, the person, the row and what stands beside it in clear, so that no sealed value can be moved to
another row, another person or another meaning. What does not authenticate is an error that names the row, never the
person.

Source: NIST SP 800-38D (AES-GCM), RFC 5869 (HKDF), ISO/IEC 24745 (renewable, revocable templates).
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from limen.core.errors import StorageError
from limen.core.people import SiteKind

__all__ = ["KEY_VERSION", "PastKeys", "PersonKey", "Vault", "associated", "key_check", "site_seal"]

KEY_VERSION = 1
"""How a person's key is wrapped today; stored beside it, so that a later way can tell them apart."""

_SCHEME = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_ALIAS_BYTES = 16
_CANONICAL = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def associated(*parts: str | int | None) -> bytes:
    """What a seal binds, as bytes in which no two lists of parts are alike (canonical JSON, scheme first)."""
    return _CANONICAL.encode(["limen", _SCHEME[0], *parts]).encode("ascii")


def key_check(site_key: bytes) -> bytes:
    """A value by which a store knows its key; it tells nothing else about the key."""
    return _derive(site_key, salt=None, purpose="key-check")


class PersonKey:
    """One person's key, in the clear only inside this process.

    Args:
        secret: the 32 random bytes that the store keeps wrapped.
    """

    __slots__ = ("_cipher", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _KEY_BYTES:
            raise ValueError(f"secret: expected {_KEY_BYTES} bytes, got {len(secret)}")
        self._secret = secret
        self._cipher = AESGCM(_expand(secret, b"limen/1/person/seal"))

    @classmethod
    def new(cls) -> PersonKey:
        """A fresh random key."""
        return cls(secrets.token_bytes(_KEY_BYTES))

    def seal(self, plain: bytes, *, bound: bytes) -> bytes:
        """Scheme, nonce, ciphertext and tag of ``plain``, tied to ``bound`` (see `associated`)."""
        return _seal(self._cipher, plain, bound)

    def open(self, sealed: bytes, *, bound: bytes, row: str) -> bytes:
        """What was sealed.

        Args:
            sealed: as `seal` gave it.
            bound: what it was tied to, said anew from the row as it is now.
            row: how to name the row in the error.

        Raises:
            StorageError: the row was altered, or belongs to another person.
        """
        return _open(self._cipher, sealed, bound=bound, row=row)

    def alias(self) -> str:
        """32 hexadecimal digits for the person in the audit chain; without this key nobody can tell whose they are."""
        return _expand(self._secret, b"limen/1/person/alias")[:_ALIAS_BYTES].hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastKeys:
    """What outlives a site key that was rotated: to check what it authenticated, and to keep templates comparable.

    Attributes:
        until: sequence number of the last audit record under it.
        audit_key: 32 bytes.
        rotation_seed: 32 bytes.
        public_key: of its signatures, hexadecimal.
    """

    until: int
    audit_key: bytes = field(repr=False)
    rotation_seed: bytes = field(repr=False)
    public_key: str


class Vault:
    """What the site key opens.

    Args:
        site_key: 32 bytes.
        site_id: the site's id; two sites that share a key file still share no key.
        past: keys before this one, oldest first.
    """

    __slots__ = (
        "_audit_key",
        "_past",
        "_record_key",
        "_rotation_seed",
        "_sealing",
        "_signing",
        "_site_id",
        "_wrapping",
    )

    def __init__(self, site_key: bytes, *, site_id: str, past: Sequence[PastKeys] = ()) -> None:
        salt = site_id.encode()
        self._past = tuple(past)
        self._site_id = site_id
        self._signing = Ed25519PrivateKey.from_private_bytes(_derive(site_key, salt=salt, purpose="sign"))
        self._wrapping = AESGCM(_derive(site_key, salt=salt, purpose="wrap"))
        self._sealing = AESGCM(_derive(site_key, salt=salt, purpose="seal"))
        self._audit_key = _derive(site_key, salt=salt, purpose="audit")
        self._record_key = _derive(site_key, salt=salt, purpose="record")
        self._rotation_seed = _derive(site_key, salt=salt, purpose="rotation")

    @property
    def site_id(self) -> str:
        """The site's id."""
        return self._site_id

    @property
    def public_key(self) -> str:
        """By which others check what this site signed: Ed25519, 64 hexadecimal digits."""
        return self._signing.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Ed25519 signature, 128 hexadecimal digits (RFC 8032)."""
        return self._signing.sign(message).hex()

    def rotation_seed(self) -> bytes:
        """32 bytes from which the gallery makes its secret rotation; the same for ever, also under a new site key."""
        return self._past[0].rotation_seed if self._past else self._rotation_seed

    @property
    def public_keys(self) -> tuple[str, ...]:
        """By which this site ever signed, the present one first."""
        return (self.public_key, *(keys.public_key for keys in self._past))

    @property
    def rotated_after(self) -> frozenset[int]:
        """After which records the site key was rotated."""
        return frozenset(keys.until for keys in self._past)

    def retire(self, *, until: int) -> tuple[PastKeys, ...]:
        """What the vault of the next site key needs to know of this one and those before it."""
        mine = PastKeys(
            until=until, audit_key=self._audit_key, rotation_seed=self.rotation_seed(), public_key=self.public_key
        )
        return (*self._past, mine)

    def wrap(self, key: PersonKey, *, subject_id: str) -> bytes:
        """A person's key as the store keeps it, tied to the person and to ``KEY_VERSION``."""
        return _seal(self._wrapping, key._secret, associated("key", subject_id, KEY_VERSION))  # noqa: SLF001  one module

    def unwrap(self, wrapped: bytes, *, subject_id: str, version: int, row: str) -> PersonKey:
        """A person's key.

        Raises:
            StorageError: the row was altered, or is another person's or another site's.
        """
        return PersonKey(_open(self._wrapping, wrapped, bound=associated("key", subject_id, version), row=row))

    def seal(self, plain: bytes, *, bound: bytes) -> bytes:
        """Seal what belongs to no enrolled person yet, under a key made from the site key; see `PersonKey.seal`."""
        return _seal(self._sealing, plain, bound)

    def open(self, sealed: bytes, *, bound: bytes, row: str) -> bytes:
        """What `seal` sealed.

        Raises:
            StorageError: the row was altered, or is another site's.
        """
        return _open(self._sealing, sealed, bound=bound, row=row)

    def audit_mac(self, message: bytes, *, sequence: int | None = None) -> str:
        """HMAC-SHA-256 under the audit key, hexadecimal.

        Args:
            message: what to authenticate.
            sequence: number of the record it belongs to, for the key of its time; None for the present key.
        """
        past = self._past if sequence is not None else ()
        key = next((keys.audit_key for keys in past if sequence is not None and sequence <= keys.until), None)
        return hmac.digest(key or self._audit_key, message, sha256).hex()

    def record_mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256 under the key that authenticates rows kept in clear (site, agreements), 32 bytes."""
        return hmac.digest(self._record_key, message, sha256)


def site_seal(vault: Vault, *, kind: SiteKind, created_at: str) -> bytes:
    """What authenticates the site's own description."""
    return vault.record_mac(associated("site", vault.site_id, kind.value, created_at))


def _seal(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _SCHEME + nonce + cipher.encrypt(nonce, plain, bound)


def _open(cipher: AESGCM, sealed: bytes, *, bound: bytes, row: str) -> bytes:
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if sealed[:1] != _SCHEME or len(nonce) != _NONCE_BYTES:
            raise InvalidTag
        return cipher.decrypt(nonce, rest, bound)
    except InvalidTag as cause:
        raise StorageError(
            f"{row} does not open with its key: it was altered or moved",
            advice="restore the data folder from a backup, and ask who had access to it",
        ) from cause


def _derive(site_key: bytes, *, salt: bytes | None, purpose: str) -> bytes:
    kdf = HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=salt, info=f"limen/1/{purpose}".encode("ascii"))
    return kdf.derive(site_key)


def _expand(secret: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(algorithm=hashes.SHA256(), length=_KEY_BYTES, info=purpose).derive(secret)
