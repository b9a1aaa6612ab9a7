"""Whatever bytes come in place of a thermal picture, the answer is a frame or one line of error."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from limen.core.errors import LimenError
from limen.core.thermal import LinearScale
from limen.frames.sixteen_bits import MAX_THERMAL_PIXELS
from limen.frames.thermal_pictures import read_thermal
from limen.thermal.radiometry import celsius
from support.clock import NOON
from support.thermal_files import CONSTANTS, as_jpeg, make_fff, ramp, seeds

_SEEDS = seeds()
_MAGIC = [
    b"",
    b"FFF\x00",
    b"AFF\x00",
    b"\xff\xd8\xff\xe1\x00\x40FLIR\x00\x01",
    b"II*\x00",
    b"MM\x00*",
    b"\x89PNG\r\n\x1a\n",
]
_numbers = st.one_of(
    st.floats(width=32), st.sampled_from([0.0, 1.0, -1.0, 1e-30, 1e30, float("nan"), float("inf"), 273.15])
)


def _told_or_read(content: bytes) -> None:
    """Read and turn into temperatures; anything but a sane frame or one line of error fails the test."""
    try:
        raw = read_thermal(content, at=NOON, name="file", scale=LinearScale(kelvin_per_count=0.01))
        temperatures = celsius(raw)
    except LimenError as error:
        text = str(error)
        fine = text.startswith("file: ") and "\n" not in text and bool(error.advice())
    else:
        fine = temperatures.shape == raw.counts.shape and raw.counts.size <= MAX_THERMAL_PIXELS
    assert fine


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A sound file with bytes changed, cut out, put in or moved."""
    content = bytearray(draw(st.sampled_from(sorted(_SEEDS.values()))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        piece = draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"])))
        match draw(st.sampled_from(["change", "cut", "insert", "end"])):
            case "change":
                content[at : at + len(piece)] = piece
            case "cut":
                del content[at : at + draw(st.integers(1, 64))]
            case "insert":
                content[at:at] = piece
            case _:
                del content[max(at, 4) :]
    return bytes(content)


@given(content=_mutated())
def test_a_damaged_file_is_read_or_refused(content: bytes) -> None:
    """A sound file of any kind, damaged anywhere, raises nothing but an error of limen."""
    _told_or_read(content)


@given(magic=st.sampled_from(_MAGIC), rest=st.binary(max_size=2000))
def test_random_bytes_are_read_or_refused(magic: bytes, rest: bytes) -> None:
    """Random bytes, also behind the first bytes of a known format, raise nothing but an error of limen."""
    _told_or_read(magic + rest)


@given(
    numbers=st.dictionaries(st.sampled_from(sorted(set(CONSTANTS) - {"o"})), _numbers),
    o=st.integers(-(2**31), 2**31 - 1),
)
def test_any_constants_give_temperatures_or_an_error(numbers: dict[str, float], o: int) -> None:
    """A sound file with any numbers in its camera record is read or refused, also where formulas have no answer."""
    _told_or_read(make_fff(ramp(8, 12), numbers={**numbers, "o": o}))


@given(
    counts=st.integers(4, 20).flatmap(lambda h: st.integers(4, 20).map(lambda w: (h, w))),
    orders=st.tuples(*[st.sampled_from("<>")] * 3),
    chunk_bytes=st.integers(20, 65_000),
)
def test_what_is_written_is_read(counts: tuple[int, int], orders: tuple[str, str, str], chunk_bytes: int) -> None:
    """Any size of frame, in any byte order and cut into chunks of any size, comes back count by count."""
    table = ramp(*counts)
    for png in (True, False):
        fff = make_fff(table, directory=orders[0], frame=orders[1], camera=orders[2], png=png)
        content = as_jpeg(fff, chunk_bytes=max(chunk_bytes, len(fff) // 200 + 1))
        np.testing.assert_array_equal(table, read_thermal(content, at=NOON).counts)
