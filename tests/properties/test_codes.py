"""Codes of every kind: text and bytes stand for each other, and no code raises an error or opens for another face."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from limen.core.base45 import ALPHABET, decode, encode
from limen.core.match import Unknown, UnknownReason
from limen.core.passes import MAX_CODE_BYTES, code_bytes
from limen.gallery.quantised import dequantised, quantised
from support.flowsite import FlowSite
from support.vision import make_probe, unit

_FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def site() -> tuple[FlowSite, bytes, bytes]:
    """A site, a genuine pass and a genuine badge of it."""
    made = FlowSite()
    code = made.issued(made.vision.shows(unit(1))).code
    sealed = made.enrol_sealed()([made.vision.shows(unit(2))], name="Max", agreement_id=made.agreed())
    return made, code, sealed.badge


@given(st.binary(max_size=500))
def test_text_and_bytes_stand_for_each_other(raw: bytes) -> None:
    """Whatever is encoded is decoded, in characters of the alphabet, three for two bytes."""
    text = encode(raw)
    assert decode(text) == raw
    assert set(text) <= set(ALPHABET)
    assert len(text) == len(raw) // 2 * 3 + len(raw) % 2 * 2


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_one_text_stands_for_one_run_of_bytes(text: str) -> None:
    """A text is refused, or is exactly what encoding its bytes gives."""
    try:
        raw = decode(text)
    except ValueError:
        return
    assert encode(raw) == text


@given(arrays.arrays(np.float32, 128, elements=st.floats(-1, 1, width=32)).filter(lambda a: np.linalg.norm(a) > 0.1))
def test_a_quantised_vector_keeps_its_direction(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    """One signed byte a component moves no vector by more than a few degrees, and most by less than one."""
    whole = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
    again = dequantised(quantised(whole))
    assert again is not None
    assert float(again.astype(np.float64) @ whole.astype(np.float64)) > np.cos(np.radians(3.0))


@given(st.one_of(st.binary(max_size=700), st.text(max_size=700)))
@_FEW
def test_no_input_raises(site: tuple[FlowSite, bytes, bytes], code: bytes | str) -> None:
    """Any bytes and any text are answered, with a reason, and open nothing."""
    made, _, _ = site
    match = made.present()(code, [make_probe(unit(1))], at=made.clock.now())
    assert isinstance(match, Unknown)
    raw = code_bytes(code)
    if len(code) > MAX_CODE_BYTES * 3 // 2 + 2:
        assert match.reason is raw is UnknownReason.CODE_OVERSIZED


@given(st.data())
@_FEW
def test_a_changed_code_opens_nothing(site: tuple[FlowSite, bytes, bytes], data: st.DataObject) -> None:
    """However a genuine pass or badge is changed, cut or lengthened, it is refused; unchanged it opens."""
    made, *codes = site
    number = data.draw(st.integers(0, 1))
    code = codes[number]
    place = data.draw(st.integers(0, len(code)))
    put, taken = data.draw(st.binary(max_size=40)), data.draw(st.integers(0, 40))
    changed = code[:place] + put + code[place + taken :]
    match = made.present()(changed, [make_probe(unit(number + 1))], at=made.clock.now())
    assert isinstance(match, Unknown) is (changed != code)
