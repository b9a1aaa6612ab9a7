"""The face pass: 244 bytes that only this site makes and reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from limen.core.errors import RefusedError
from limen.core.match import UnknownReason
from limen.core.passes import MAX_CODE_BYTES, PASS_FORMAT, FacePass, PassHeader
from limen.core.probe import ModelId
from limen.gallery.passes import SealedCodec, model_tag
from limen.gallery.quantised import dequantised, quantised
from support.passes import SITE_TAG, make_codec, make_secret, make_terms
from support.vision import TEST_MODEL, unit

_OTHER = ModelId("another-model@1")


def test_a_pass_has_244_bytes_and_comes_back() -> None:
    """What the pass says is what was said, and its template lies within a degree of the embedding."""
    codec, vector = make_codec(), unit(1)
    code = codec.seal(vector, terms=make_terms(), key=make_secret())
    assert len(code) == 244
    opened = codec.open(code, keys=[make_secret()])
    assert isinstance(opened, FacePass)
    assert opened.terms == make_terms()
    assert float(opened.vector @ vector) > np.cos(np.radians(1.0))


def test_two_passes_of_one_template_have_nothing_in_common_but_the_head() -> None:
    """Encryption is under a fresh nonce: the same template twice gives unlike bytes."""
    codec = make_codec()
    one, two = (codec.seal(unit(1), terms=make_terms(), key=make_secret()) for _ in range(2))
    assert one[:6] == two[:6]
    assert sum(a == b for a, b in zip(one[6:], two[6:], strict=True)) < 20


def test_nothing_in_clear_tells_of_the_holder() -> None:
    """Neither alias nor template nor dates stand on a pass in clear; site, key number and length do."""
    codec, terms = make_codec(), make_terms()
    code = codec.seal(unit(1), terms=terms, key=make_secret())
    assert bytes.fromhex(terms.pass_id) not in code
    assert quantised(unit(1))[:8] not in code
    assert codec.header(code) == PassHeader(site_tag=SITE_TAG.hex(), key_number=1, n_bytes=244)


@pytest.mark.parametrize("place", range(244))
def test_any_changed_byte_is_found(place: int) -> None:
    """Format, key, site and everything else: each byte has its reason, and none opens."""
    code = bytearray(make_codec().seal(unit(1), terms=make_terms(), key=make_secret()))
    code[place] ^= 0x40
    expected = {
        0: UnknownReason.CODE_UNREADABLE,
        1: UnknownReason.PASS_KEY_UNKNOWN,
        **dict.fromkeys(range(2, 6), UnknownReason.CODE_FOREIGN),
    }
    found = make_codec().open(bytes(code), keys=[make_secret()])
    assert found is expected.get(place, UnknownReason.PASS_ALTERED)


@pytest.mark.parametrize("length", [0, 1, 6, 116, 117, 180, 243])
def test_a_cut_off_pass_does_not_open(length: int) -> None:
    """Too short to be a pass is unreadable; a pass that lacks its end is altered."""
    code = make_codec().seal(unit(1), terms=make_terms(), key=make_secret())[:length]
    expected = UnknownReason.PASS_ALTERED if length > 116 else UnknownReason.CODE_UNREADABLE
    assert make_codec().open(code, keys=[make_secret()]) is expected


def test_another_key_of_the_same_number_opens_nothing() -> None:
    """The number only finds the key; the signature has to hold under it."""
    code = make_codec().seal(unit(1), terms=make_terms(), key=replace(make_secret(), secret=b"?" * 32))
    assert make_codec().open(code, keys=[make_secret()]) is UnknownReason.PASS_ALTERED


def test_without_the_key_a_pass_does_not_open() -> None:
    """A key that is no longer accepted, or was destroyed, opens none of its passes."""
    code = make_codec().seal(unit(1), terms=make_terms(), key=make_secret())
    assert make_codec().open(code, keys=[]) is UnknownReason.PASS_KEY_UNKNOWN
    assert make_codec().open(code, keys=[make_secret(2)]) is UnknownReason.PASS_KEY_UNKNOWN


def test_a_pass_of_another_model_is_told() -> None:
    """A genuine pass whose model is not in use here has a reason of its own, and opens where it is in use."""
    terms = replace(make_terms(), model_id=_OTHER)
    code = SealedCodec(SITE_TAG, models=[_OTHER]).seal(unit(1), terms=terms, key=make_secret())
    assert make_codec().open(code, keys=[make_secret()]) is UnknownReason.CODE_OTHER_MODEL
    both = SealedCodec(SITE_TAG, models=[TEST_MODEL, _OTHER]).open(code, keys=[make_secret()])
    assert isinstance(both, FacePass)
    assert both.terms.model_id == _OTHER
    assert model_tag(_OTHER) != model_tag(TEST_MODEL)


@pytest.mark.parametrize(("dimensions", "fits"), [(128, True), (284, True), (285, False), (512, False)])
def test_long_templates_do_not_fit(dimensions: int, *, fits: bool) -> None:
    """400 bytes are the end: 284 components fit, more are refused with what to do instead."""
    vector = unit(1, dimensions=dimensions)
    if fits:
        assert len(make_codec().seal(vector, terms=make_terms(), key=make_secret())) <= MAX_CODE_BYTES
        return
    with pytest.raises(RefusedError) as caught:
        make_codec().seal(vector, terms=make_terms(), key=make_secret())
    assert (caught.value.reason, "sealed" in caught.value.advice()) == ("pass_too_long", True)


def test_terms_that_cannot_be_written_are_misuse() -> None:
    """Whole hours, and the number of the key that is used."""
    half = replace(make_terms(), valid_until=make_terms().valid_until + timedelta(minutes=30))
    for terms in (half, make_terms(key_number=2)):
        with pytest.raises(ValueError, match="whole hours"):
            make_codec().seal(unit(1), terms=terms, key=make_secret())


def test_a_template_of_zeros_is_none() -> None:
    """What no vector gives is not taken for one, even under a genuine signature."""
    assert dequantised(bytes(128)) is None


def test_nothing_of_a_pass_is_shown() -> None:
    """Printed, an opened pass and a key tell neither template nor secret."""
    codec = make_codec()
    opened = codec.open(codec.seal(unit(1), terms=make_terms(), key=make_secret()), keys=[make_secret()])
    assert isinstance(opened, FacePass)
    assert "array" not in repr(opened)
    assert repr(make_secret().secret) not in repr(make_secret())
    opened.wipe()
    assert not opened.vector.any()


def test_the_format_is_no_character() -> None:
    """Raw bytes cannot be taken for a text, nor a text for raw bytes."""
    assert PASS_FORMAT > 127
