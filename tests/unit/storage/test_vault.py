"""Keys and seals."""

from __future__ import annotations

import pytest

from limen.core.errors import StorageError
from limen.storage.vault import KEY_VERSION, PersonKey, Vault, associated, key_check

_SITE_KEY = bytes(range(32))
_BOUND = associated("template", "s-ada", "r-1")


def _vault(site_key: bytes = _SITE_KEY, site_id: str = "site-1") -> Vault:
    return Vault(site_key, site_id=site_id)


def test_what_is_sealed_opens_again() -> None:
    """The person's key opens what it sealed."""
    key = PersonKey.new()
    assert key.open(key.seal(b"plain", bound=_BOUND), bound=_BOUND, row="row 1") == b"plain"


def test_the_same_plaintext_is_never_sealed_alike() -> None:
    """Two seals of one value differ, and neither shows it."""
    key = PersonKey.new()
    first, second = (key.seal(b"a template", bound=_BOUND) for _ in range(2))
    assert first != second
    assert b"a template" not in first + second


def test_a_seal_opens_for_nobody_else_and_nowhere_else() -> None:
    """Another person's key, another row or another meaning do not open it; the error names the row alone."""
    key = PersonKey.new()
    sealed = key.seal(b"plain", bound=_BOUND)
    attempts = [(PersonKey.new(), _BOUND), (key, associated("template", "s-max", "r-1")), (key, associated("name"))]
    for other, bound in attempts:
        with pytest.raises(StorageError, match="row 7 does not open") as caught:
            other.open(sealed, bound=bound, row="row 7")
        assert "s-ada" not in str(caught.value)
        assert caught.value.advice()


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"n" * 12, b"\x02" + bytes(40)])
def test_what_was_never_a_seal_does_not_open(sealed: bytes) -> None:
    """Empty, cut off, or of an unknown scheme: an error, never a crash."""
    with pytest.raises(StorageError):
        PersonKey.new().open(sealed, bound=_BOUND, row="row 1")


def test_no_two_lists_of_parts_are_bound_alike() -> None:
    """Moving a character from one part to the next, or a number to a text, changes what is bound."""
    lists: list[tuple[str | int | None, ...]] = [("ab", "c"), ("a", "bc"), ("abc",), ("1",), (1,), (None,), ("",), ()]
    assert len({associated(*parts) for parts in lists}) == len(lists)


def test_a_wrapped_key_opens_for_its_person_on_its_site_only() -> None:
    """Another person, version, site or site key does not unwrap it."""
    key = PersonKey.new()
    wrapped = _vault().wrap(key, subject_id="s-ada")
    again = _vault().unwrap(wrapped, subject_id="s-ada", version=KEY_VERSION, row="data_keys row 1")
    assert again.alias() == key.alias()
    for vault, subject_id, version in [
        (_vault(), "s-max", KEY_VERSION),
        (_vault(), "s-ada", KEY_VERSION + 1),
        (_vault(site_id="site-2"), "s-ada", KEY_VERSION),
        (_vault(bytes(32)), "s-ada", KEY_VERSION),
    ]:
        with pytest.raises(StorageError, match="data_keys row 1"):
            vault.unwrap(wrapped, subject_id=subject_id, version=version, row="data_keys row 1")


def test_no_key_serves_two_purposes() -> None:
    """Rotation seed, key check, audit and record keys are all different, and none is the site key."""
    vault = _vault()
    derived = [
        vault.rotation_seed(),
        key_check(_SITE_KEY),
        bytes.fromhex(vault.audit_mac(b"x")),
        vault.record_mac(b"x"),
        _SITE_KEY,
    ]
    assert len(set(derived)) == len(derived)
    assert {len(value) for value in derived} == {32}


def test_two_sites_with_one_key_file_share_no_key() -> None:
    """The site's id separates what is derived, so templates of two sites do not compare."""
    assert _vault(site_id="site-1").rotation_seed() != _vault(site_id="site-2").rotation_seed()


def test_the_same_site_derives_the_same_keys() -> None:
    """Derivation is stable: these values are what stores in use rely on."""
    assert _vault().rotation_seed().hex() == "84d29ec975f7d69dd9622084f7332a18827ae0eed7cc1fdf2fef1928bbe79bb3"
    assert key_check(_SITE_KEY).hex() == "df45c62233bb2d082b966c677a787aee3eee826a31279d61e3cb7e6382848b82"
    assert PersonKey(bytes(range(32))).alias() == "f6b527ed7f647b74251723353f24272a"


def test_a_key_of_another_length_is_misuse() -> None:
    """Nobody makes a person's key of anything but 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        PersonKey(b"short")


def test_keys_do_not_show_themselves() -> None:
    """Printing a key or a vault shows no secret."""
    key = PersonKey(_SITE_KEY)
    assert _SITE_KEY.hex() not in repr(key) + repr(_vault())
    assert repr(_SITE_KEY)[2:-1] not in repr(key)
