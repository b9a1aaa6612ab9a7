"""A credential number as the bits that a card reader sends to an access controller.

| bits | format | facility | number | even parity over | odd parity over |
|---|---|---|---|---|---|
| 26 | H10301 | 8 | 16 | first 12 data bits | last 12 |
| 34 | H10306 | 16 | 16 | first 16 | last 16 |
| 37 | H10304 | 16 | 19 | first 18 | last 18, the middle one in both |

The lines carry the number in the clear and unsigned; see docs/limits.md.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FRAMES", "WiegandFrame", "wiegand_bits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WiegandFrame:
    """A frame's fields.

    Attributes:
        facility_bits: length of the facility code.
        number_bits: length of the number.
        span: how many data bits each parity bit covers, from its own end.
    """

    facility_bits: int
    number_bits: int
    span: int


FRAMES = {
    26: WiegandFrame(facility_bits=8, number_bits=16, span=12),
    34: WiegandFrame(facility_bits=16, number_bits=16, span=16),
    37: WiegandFrame(facility_bits=16, number_bits=19, span=18),
}
"""By length."""


def wiegand_bits(credential: str, *, bits: int) -> str:
    """The frame as zeros and ones, in the order of sending.

    Args:
        credential: ``facility:number``, both decimal.
        bits: length of the frame.

    Raises:
        ValueError: not such a credential, or too large for the frame. The text does not repeat it.
    """
    frame = FRAMES[bits]
    facility, _, number = credential.partition(":")
    data = _binary(facility, frame.facility_bits) + _binary(number, frame.number_bits)
    even = data[: frame.span].count("1") % 2
    odd = 1 - data[-frame.span :].count("1") % 2
    return f"{even}{data}{odd}"


def _binary(text: str, length: int) -> str:
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) >= 1 << length:
        raise ValueError(f"credential: expected facility:number in decimal, below {1 << length}")
    return f"{int(text):0{length}b}"
