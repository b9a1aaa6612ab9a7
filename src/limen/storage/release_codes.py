"""One-time codes by which people release their own data: what is stored, and whether a code fits.

Rule kept: the code itself is told once and stored nowhere; its hash is Argon2id with the parameters of RFC 9106 (low
memory), which the hash carries itself. 80 random bits need no lock against guessing.

Source: RFC 9106.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from limen.core.typed_codes import new_code, plain_code

__all__ = ["code_fits", "hash_of", "new_code", "plain_code"]

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_of(code: str) -> str:
    """What is stored of a code."""
    return _hasher.hash(plain_code(code))


def code_fits(code: str, stored: str) -> bool:
    """Whether a code is the one that was hashed; small letters, spaces and O for 0 do not matter."""
    try:
        return _hasher.verify(stored, plain_code(code))
    except (VerificationError, InvalidHashError):
        return False
