"""Credential numbers as frames of 26, 34 and 37 bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.door.actuators.wiegand import FRAMES, wiegand_bits


def test_a_frame_of_26_bits_is_that_of_a_real_card() -> None:
    """Facility 118, number 1603 is 0x2EC0C86, as the tools of card readers print it for H10301."""
    assert wiegand_bits("118:1603", bits=26) == f"{0x2EC0C86:026b}"


@pytest.mark.parametrize(
    ("bits", "frame"),
    [
        (26, "0" + "00000001" + "0000000000000001" + "0"),
        (34, "1" + "0000000000000001" + "0000000000000011" + "1"),
        (37, "1" + "0000000000000001" + "0000000000000000001" + "0"),
        (37, "0" + "0000000000000001" + "0100000000000000000" + "0"),
    ],
)
def test_parity_is_even_over_the_first_and_odd_over_the_last_bits(bits: int, frame: str) -> None:
    """Worked out by hand; in 37 bits the middle data bit counts in both."""
    facility = int(frame[1 : 1 + FRAMES[bits].facility_bits], 2)
    number = int(frame[1 + FRAMES[bits].facility_bits : -1], 2)
    expected = "1" + frame[1:] if bits == 26 else frame
    assert wiegand_bits(f"{facility}:{number}", bits=bits) == expected


@given(st.sampled_from(sorted(FRAMES)), st.data())
def test_a_frame_gives_its_numbers_back(bits: int, data: st.DataObject) -> None:
    """Every number that fits is in its place, with an even and an odd half."""
    frame = FRAMES[bits]
    facility = data.draw(st.integers(0, 2**frame.facility_bits - 1))
    number = data.draw(st.integers(0, 2**frame.number_bits - 1))
    sent = wiegand_bits(f"{facility}:{number}", bits=bits)
    assert len(sent) == bits
    assert int(sent[1 : 1 + frame.facility_bits], 2) == facility
    assert int(sent[1 + frame.facility_bits : -1], 2) == number
    assert sent[: 1 + frame.span].count("1") % 2 == 0
    assert sent[-1 - frame.span :].count("1") % 2 == 1


@pytest.mark.parametrize(
    "credential",
    [
        "",
        ":",
        "1603",
        "118:",
        ":1603",
        "256:1",
        "1:65536",
        "-1:1",
        "1:1:1",
        "1 :1",
        "x:1",
        "\u0661:1",
        "9" * 99 + ":1",
    ],
)
def test_what_does_not_fit_is_refused_and_not_repeated(credential: str) -> None:
    """No facility, no number, too large, or no decimal digits."""
    with pytest.raises(ValueError, match="expected facility:number in decimal") as caught:
        wiegand_bits(credential, bits=26)
    assert "1603" not in str(caught.value)
