"""Passwords: argon2id, and how long one has to be.

Rule kept: a password has 12 characters or more and is not the login; nothing else is asked of it; it never runs out.
An unknown login takes as long as a wrong password, so that time tells nothing. Two hashes at most are at work at once:
each takes 64 MiB.

Source: RFC 9106 (low memory); NIST SP 800-63B, section 5.1.1.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from limen.web.problems import ProblemError

__all__ = ["LONGEST", "SHORTEST", "check_password", "fits", "hash_of"]

SHORTEST, LONGEST = 12, 256
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_at_work = BoundedSemaphore(2)


def check_password(password: str, *, login: str) -> None:
    """Whether a new password may be used.

    Raises:
        ProblemError: 422.
    """
    if not SHORTEST <= len(password) <= LONGEST or password.casefold() == login.casefold():
        raise ProblemError(
            422,
            "weak_password",
            title=f"A password has {SHORTEST} to {LONGEST} characters and is not the login",
            advice="four words that have nothing to do with each other are easy to keep",
        )


def hash_of(password: str) -> str:
    """What is stored of a password."""
    with _at_work:
        return _hasher.hash(password)


def fits(password: str, stored: str) -> bool:
    """Whether a password is the one that was hashed; as slow for no hash at all."""
    if not stored:
        hash_of(password[:LONGEST])
        return False
    with _at_work:
        try:
            return _hasher.verify(stored, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
