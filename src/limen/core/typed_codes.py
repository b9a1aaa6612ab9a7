"""Codes that people read, type and print: random, in groups, of letters and digits that are not taken for one another.

Source: Crockford's Base32, which leaves out I, L, O and U.
"""

from __future__ import annotations

import secrets

__all__ = ["new_code", "plain_code"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 4, 4
_TAKEN_FOR = str.maketrans("OIL", "011")


def new_code(*, groups: int = _GROUPS) -> str:
    """A code of 20 random bits a group, such as ``7K2M-QX4T-9BCD-3F6H``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(groups))


def plain_code(code: str) -> str:
    """A code as it is hashed: capitals, no spaces or hyphens, and what is taken for a digit as that digit."""
    return "".join(code.upper().replace("-", " ").split()).translate(_TAKEN_FOR)
