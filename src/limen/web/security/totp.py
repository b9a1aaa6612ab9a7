"""The second step of signing in: a code of the owner's authenticator, or one of ten codes on paper.

Rule kept: a code is taken once; codes one step before and after are taken too, because clocks differ. Recovery codes
have 80 random bits and are stored as hashes.

Source: RFC 6238.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp

__all__ = ["accepted_step", "address_of", "is_secret", "new_recovery_codes", "new_secret", "recovery_hash"]

_STEP_S = 30
_AROUND = (-1, 0, 1)
_N_RECOVERY = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TAKEN_FOR = str.maketrans("OIL", "011")
_SECRET = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """160 random bits in Base32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether a text is a secret as `new_secret` makes them."""
    return _SECRET.fullmatch(text) is not None


def address_of(secret: str, *, login: str, site: str) -> str:
    """What an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"limen {site}")


def accepted_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The time step of a code, or None if it is none of now, or of a step that was used already.

    Args:
        secret: of the authenticator.
        code: as typed.
        at: now.
        after: the last step that was used.
    """
    now, typed = int(at.timestamp()) // _STEP_S, "".join(code.split())
    totp = pyotp.TOTP(secret)
    fitting = [now + shift for shift in _AROUND if secrets.compare_digest(totp.generate_otp(now + shift), typed)]
    return next((step for step in fitting if step > after), None)


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes such as ``7K2M-QX4T-9BCD-3F6H``."""
    return tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(_N_RECOVERY)
    )


def recovery_hash(code: str) -> str:
    """What is stored of a recovery code; small letters, spaces and O for 0 do not matter."""
    plain = "".join(code.upper().replace("-", " ").split()).translate(_TAKEN_FOR)
    return sha256(b"limen/1/recovery " + plain.encode()).hexdigest()
