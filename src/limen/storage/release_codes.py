"""One-time codes by which people release their own data: what is stored, and whether a code fits.

Rule kept: the code itself is told once and stored nowhere; its hash is Argon2id with the parameters of RFC 9106 (low
memory), which the hash carries itself. 80 random bits need no lock against guessing.

Source: RFC 9106; Crockford's Base32, which leaves out letters that are taken for digits.
"""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

__all__ = ["code_fits", "hash_of", "new_code", "plain_code"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 4, 4
_TAKEN_FOR = str.maketrans("OIL", "011")
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def new_code() -> str:
    """A code of 80 random bits, such as ``7K2M-QX4T-9BCD-3F6H``."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def hash_of(code: str) -> str:
    """What is stored of a code."""
    return _hasher.hash(plain_code(code))


def code_fits(code: str, stored: str) -> bool:
    """Whether a code is the one that was hashed; small letters, spaces and O for 0 do not matter."""
    try:
        return _hasher.verify(stored, plain_code(code))
    except (VerificationError, InvalidHashError):
        return False


def plain_code(code: str) -> str:
    """A code as it is hashed: capitals alone, without spaces and hyphens."""
    return "".join(code.upper().replace("-", " ").split()).translate(_TAKEN_FOR)
