"""The badge lock: nothing opens without the badge, and with a PIN not without that either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limen.core.match import UnknownReason
from limen.core.passes import BADGE_FORMAT
from limen.core.people import SubjectId
from limen.gallery.quantised import quantised
from limen.gallery.sealed import PinStretch, SecretLock
from support.passes import SITE_TAG, make_sealed, make_secret
from support.vision import unit

_PEPPER = make_secret(1)


@pytest.fixture
def lock() -> SecretLock:
    """A lock whose PINs cost little."""
    return SecretLock(SITE_TAG, stretch=PinStretch(passes=1, memory_kib=64, lanes=1))


@pytest.mark.parametrize("pin", [None, "1234"])
def test_a_template_opens_with_its_badge(lock: SecretLock, pin: str | None) -> None:
    """What was locked with badge and PIN opens with them, within a degree."""
    badge = lock.new()
    locked = lock.lock(unit(1), badge=badge, pepper=_PEPPER, pin=pin)
    vector = lock.unlock(make_sealed(SubjectId("s"), locked=locked), badge=badge, pepper=_PEPPER, pin=pin)
    assert vector is not None
    assert float(vector @ unit(1)) > np.cos(np.radians(1.0))
    assert quantised(unit(1))[:8] not in locked


def test_nothing_else_opens_it(lock: SecretLock) -> None:
    """Another badge, PIN, pepper or byte: none opens."""
    badge = lock.new()
    locked = lock.lock(unit(1), badge=badge, pepper=_PEPPER, pin="1234")
    sealed = make_sealed(SubjectId("s"), locked=locked)
    changed = replace(sealed, locked=locked[:-1] + bytes([locked[-1] ^ 1]))
    tries = [
        lock.unlock(sealed, badge=lock.new(), pepper=_PEPPER, pin="1234"),
        lock.unlock(sealed, badge=badge, pepper=_PEPPER, pin="1235"),
        lock.unlock(sealed, badge=badge, pepper=_PEPPER, pin=None),
        lock.unlock(sealed, badge=badge, pepper=make_secret(2), pin="1234"),
        lock.unlock(changed, badge=badge, pepper=_PEPPER, pin="1234"),
    ]
    assert tries == [None] * 5


def test_a_badge_has_160_random_bits(lock: SecretLock) -> None:
    """25 bytes, of which 20 are new every time."""
    one, two = lock.new(), lock.new()
    assert (len(one), one[:5], one[0]) == (25, two[:5], BADGE_FORMAT)
    assert sum(a == b for a, b in zip(one[5:], two[5:], strict=True)) < 8


def test_the_locator_is_the_badges_and_the_sites(lock: SecretLock) -> None:
    """The same for the same badge, another for another badge or pepper, and no part of the secret."""
    badge = lock.new()
    locator = lock.locator(badge, pepper=_PEPPER)
    assert isinstance(locator, bytes)
    assert len(locator) == 8
    assert locator == lock.locator(badge, pepper=_PEPPER)
    assert locator not in {lock.locator(badge, pepper=make_secret(2)), lock.locator(lock.new(), pepper=_PEPPER)}
    assert locator not in badge


def test_what_is_no_badge_of_this_site_has_a_reason(lock: SecretLock) -> None:
    """Another length or format is unreadable, another site's tag foreign."""
    badge = lock.new()
    foreign = SecretLock(b"else").new()
    for raw in (b"", badge[:-1], badge + b"x", b"\xa1" + badge[1:]):
        assert lock.locator(raw, pepper=_PEPPER) is UnknownReason.CODE_UNREADABLE
    assert lock.locator(foreign, pepper=_PEPPER) is UnknownReason.CODE_FOREIGN


def test_a_pin_costs_what_the_standard_says() -> None:
    """The second recommended option of RFC 9106, section 4: three passes over 64 MiB in four lanes."""
    assert PinStretch()._cost == (3, 64 * 1024, 4)
