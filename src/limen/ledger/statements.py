"""What a site says and signs, so that it can be checked later and elsewhere: checkpoints, digests, receipts.

Rule kept: the signature (Ed25519, under a key made from the site key) covers every value of the statement, the site's
id among them, as canonical JSON; a statement that was changed in any way, or that another site signed, is refused
before anything in it is believed.

Source: RFC 8032 (Ed25519).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from limen.core.errors import ConfigError, LedgerError
from limen.core.ledger import Statement
from limen.storage.vault import Vault

__all__ = ["check_signed", "read_statement", "signed"]

_PREFIX = b"limen/1/statement\n"
_MAX_BYTES = 16 << 20


def signed(statement: Statement, *, vault: Vault) -> Statement:
    """The statement with ``site``, ``key`` (64 hexadecimal digits) and ``signature`` (128)."""
    told = {**statement, "site": vault.site_id, "key": vault.public_key}
    return {**told, "signature": vault.sign(_bytes_of(told))}


def check_signed(statement: Statement, *, site_id: str, keys: Sequence[str]) -> None:
    """Check a statement of ``site_id`` that one of ``keys`` has signed.

    Raises:
        LedgerError: another site's, by a key that the site never had, or altered.
    """
    if statement.get("site") != site_id:
        raise LedgerError("the statement is another site's", advice="give one that was made in this data folder")
    told = {name: value for name, value in statement.items() if name != "signature"}
    signature = statement.get("signature")
    try:
        key = next(key for key in keys if key == statement.get("key"))
        raw = bytes.fromhex(signature if isinstance(signature, str) else "")
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(raw, _bytes_of(told))
    except (StopIteration, InvalidSignature, ValueError) as cause:
        raise LedgerError(
            "the statement was altered, or this site did not sign it", advice="find the file as it was given out"
        ) from cause


def read_statement(path: Path) -> Statement:
    """A statement from a file; read, not yet believed.

    Raises:
        ConfigError: unreadable, too long, or not a JSON object.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        document = json.loads(raw.decode("utf-8")) if len(raw) <= _MAX_BYTES else None
    except OSError as cause:
        raise ConfigError(f"{path}: cannot be read ({cause.strerror})", advice="give a readable file") from cause
    except (UnicodeDecodeError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: is no signed statement", advice="give a file that limen wrote, unchanged")
    return document


def _bytes_of(told: Statement) -> bytes:
    return _PREFIX + json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")
