"""Identifiers say nothing and cannot be guessed."""

from __future__ import annotations

import re

from limen.core.people import new_id


def test_an_id_is_a_prefix_and_eighty_random_bits() -> None:
    """The form is fixed: prefix, dash, twenty hexadecimal digits."""
    assert re.fullmatch(r"s-[0-9a-f]{20}", new_id("s"))


def test_ids_do_not_repeat_nor_count_up() -> None:
    """A thousand ids are a thousand different ones, out of order, with every digit in every place."""
    ids = [new_id("r") for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids != sorted(ids)
    assert all(len({id_[place] for id_ in ids}) == 16 for place in range(2, 22))
