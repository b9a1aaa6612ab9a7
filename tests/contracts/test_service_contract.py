"""What the service keeps: found by its key, ended by its holder or its time, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from limen.core.accounts import Account, AccountId, ApiToken, GivenAnswer, OneTimeLink, Role, SessionRecord, TokenId
from limen.core.ports import Store, UnitOfWork
from support.clock import NOON

_ACCOUNT = Account(
    account_id=AccountId("u-1"), login="ada", roles=frozenset({Role.GUARD}), made_at=NOON, recovery_hashes=("a", "b")
)
_SESSION = SessionRecord(
    session_hash="ab" * 32,
    holder="u-1",
    roles=frozenset(),
    began_at=NOON,
    seen_at=NOON,
    ends_at=NOON + timedelta(hours=12),
)


def _all_kept(unit: UnitOfWork) -> None:
    end = NOON + timedelta(hours=1)
    unit.service.accounts.put(_ACCOUNT)
    unit.service.sessions.put(_SESSION)
    unit.service.tokens.put(
        ApiToken(
            token_hash="cd" * 32,
            token_id=TokenId("k-1"),
            name="lift",
            roles=frozenset({Role.GUARD}),
            holder="u-1",
            made_at=NOON,
            ends_at=end,
        )
    )
    unit.service.links.put(
        OneTimeLink(link_hash="ef" * 32, roles=frozenset({Role.ADMINISTRATOR}), holder="", ends_at=end)
    )
    unit.service.answers.put(GivenAnswer(key="01" * 32, asked="23" * 32, status=201, holder="s-1", ends_at=end))


def test_what_is_put_is_found_again(store: Store) -> None:
    """An item is found by its key as it was put, and the next with its key takes its place."""
    with store.begin() as unit:
        _all_kept(unit)
        unit.service.accounts.put(replace(_ACCOUNT, failures=2))
        unit.commit()
    with store.read() as unit:
        assert unit.service.accounts.get("u-1") == replace(_ACCOUNT, failures=2)
        assert unit.service.accounts.all() == (replace(_ACCOUNT, failures=2),)
        assert unit.service.sessions.get("ab" * 32) == _SESSION
        assert [token.name for token in unit.service.tokens.all()] == ["lift"]
        assert len(unit.service.links.all()) == len(unit.service.answers.all()) == 1
        assert unit.service.accounts.get("u-2") is None


def test_what_is_removed_is_gone(store: Store) -> None:
    """An item is removed once; what is somebody's goes with that holder and nobody else's."""
    with store.begin() as unit:
        _all_kept(unit)
        assert (unit.service.accounts.remove("u-1"), unit.service.accounts.remove("u-1")) == (True, False)
        assert (unit.service.sessions.remove_of("u-1"), unit.service.sessions.remove_of("u-1")) == (1, 0)
        assert unit.service.answers.remove_of("s-2") == 0
        assert unit.service.sessions.all() == ()


def test_what_has_ended_is_pruned(store: Store) -> None:
    """Whatever has an end is forgotten at that moment, not before; an account has none."""
    with store.begin() as unit:
        _all_kept(unit)
        end = NOON + timedelta(hours=1)
        assert unit.service.tokens.prune(at=end - timedelta(seconds=1)) == 0
        assert (unit.service.tokens.prune(at=end), unit.service.sessions.prune(at=end)) == (1, 0)
        assert unit.service.accounts.prune(at=end + timedelta(days=9999)) == 0
