"""One-time codes: how they look, what is stored of them."""

from __future__ import annotations

import re

import pytest

from limen.storage.release_codes import code_fits, hash_of, new_code


def test_a_code_is_random_and_can_be_read_aloud() -> None:
    """Four groups of four signs of which none is taken for another; no two codes are alike."""
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)


def test_a_code_fits_however_it_is_written() -> None:
    """Small letters, no dashes, and O, I and L for 0 and 1 do not matter."""
    stored = hash_of("10AB-CDEF-GHJK-MNPQ")
    assert stored.startswith("$argon2id$")
    for written in ("10AB-CDEF-GHJK-MNPQ", " ioab cdef ghjk mnpq ", "LOABCDEFGHJKMNPQ"):
        assert code_fits(written, stored)


@pytest.mark.parametrize("stored", ["", "$argon2id$nonsense", "plain"])
def test_a_damaged_hash_fits_nothing(stored: str) -> None:
    """What was edited in the database releases nothing."""
    assert not code_fits("10AB-CDEF-GHJK-MNPQ", stored)
