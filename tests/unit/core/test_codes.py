"""Base45, and the bytes of a code as readers hand it over."""

from __future__ import annotations

import pytest

from limen.core.base45 import decode, encode
from limen.core.match import UnknownReason
from limen.core.passes import MAX_CODE_BYTES, code_bytes


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"\x00", "00"),
        (b"\xff\xff", "FGW"),
    ],
)
def test_the_examples_of_the_standard(raw: bytes, text: str) -> None:
    """RFC 9285, sections 4.3 and 4.4, and the ends of the range."""
    assert encode(raw) == text
    assert decode(text) == raw


@pytest.mark.parametrize("text", ["A", "ABCD", "GGW", ":::", "::", "ab", "AB\n", "ÄB", "AB8\x00"])
def test_what_stands_for_no_bytes_is_refused(text: str) -> None:
    """A single character, a number that is too large, and characters outside the alphabet (RFC 9285, section 6)."""
    with pytest.raises(ValueError, match="base45"):
        decode(text)


@pytest.mark.parametrize("ending", ["", "\r\n", "\n", "\t"])
def test_a_text_may_come_in_any_dress(ending: str) -> None:
    """Text, its ASCII bytes, and what a scanner types behind it stand for the same bytes; raw bytes for themselves."""
    raw = b"\xa1" + bytes(range(200))
    text = encode(raw) + ending
    assert code_bytes(text) == code_bytes(text.encode()) == code_bytes(raw) == raw


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"\xa1" * (MAX_CODE_BYTES + 1), UnknownReason.CODE_OVERSIZED),
        ("0" * 700, UnknownReason.CODE_OVERSIZED),
        (b"0" * 700, UnknownReason.CODE_OVERSIZED),
        ("hello", UnknownReason.CODE_UNREADABLE),
        (b"A\xff", UnknownReason.CODE_UNREADABLE),
        ("\ud800", UnknownReason.CODE_UNREADABLE),
    ],
)
def test_what_is_no_code_has_a_reason(code: bytes | str, reason: UnknownReason) -> None:
    """Too long, or not Base45: a reason, never an exception."""
    assert code_bytes(code) is reason


def test_nothing_is_an_empty_code() -> None:
    """Empty input is empty bytes; who opens them says that they are unreadable."""
    assert code_bytes("") == code_bytes(b"") == code_bytes("\r\n") == b""
