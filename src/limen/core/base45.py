"""Base45: bytes as the 45 characters that a QR code packs tightest and every scanner types.

Rule kept: one text stands for one run of bytes; whatever is not exactly what `encode` would have written is refused.

Source: RFC 9285.
"""

from __future__ import annotations

__all__ = ["ALPHABET", "decode", "encode"]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE = 45
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(raw: bytes) -> str:
    """Three characters for every two bytes, two for a last odd one."""
    groups = (raw[place : place + 2] for place in range(0, len(raw), 2))
    return "".join(_group(int.from_bytes(group, "big"), characters=len(group) + 1) for group in groups)


def decode(text: str) -> bytes:
    """The bytes that ``text`` stands for.

    Raises:
        ValueError: a character outside the alphabet, or a group that stands for no bytes.
    """
    raw = bytearray()
    for place in range(0, len(text), 3):
        group = text[place : place + 3]
        if len(group) == 1 or any(character not in _VALUES for character in group):
            raise ValueError(f"base45: no group of the alphabet at character {place}")
        number = sum(_VALUES[character] * _BASE**power for power, character in enumerate(group))
        if number >= 256 ** (len(group) - 1):
            raise ValueError(f"base45: the group at character {place} stands for no bytes")
        raw += number.to_bytes(len(group) - 1, "big")
    return bytes(raw)


def _group(number: int, *, characters: int) -> str:
    return "".join(ALPHABET[number // _BASE**power % _BASE] for power in range(characters))
