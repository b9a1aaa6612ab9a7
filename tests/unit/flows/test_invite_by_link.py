"""Inviting from a list: all or nobody, every mistake at once, and the link's secret in the store as a hash alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.errors import ConfigError
from limen.core.ledger import AuditTag
from limen.core.people import Rights
from limen.flows.expire import Expire
from limen.flows.invite_by_link import MOST, InviteByLink, guests_of, invitation_of
from support.flowsite import FlowSite


def _invite(site: FlowSite) -> InviteByLink:
    return InviteByLink(store=site.store, clock=site.clock, keep=timedelta(days=30))


@pytest.mark.parametrize(
    "text",
    [
        "name,group,badge\nAda L.,staff night,0042\nBob,,\n",
        "\ufeffname;group;badge\r\nAda  L.;night staff;0042\r\n\r\nBob;;\r\n",
        "badge\tname\tgroup\n0042\tAda L.\tstaff night\n\tBob\t\n",
    ],
)
def test_a_list_is_read_as_offices_write_it(text: str) -> None:
    """Comma, semicolon or tab; any order of columns; empty lines; a byte order mark."""
    ada, bob = guests_of(text)
    assert (ada.name, ada.rights) == ("Ada L.", Rights(groups=frozenset({"staff", "night"}), badge="0042"))
    assert (bob.name, bob.rights) == ("Bob", Rights())


def test_every_mistake_of_a_list_is_told_with_its_line() -> None:
    """Name, group, badge, a cell too many and a badge given twice, all at once."""
    text = "name,group,badge\n,staff,1\nAda,Not A Group,2\nBob,,$\nEve,,2\nMax,,4,5\n"
    with pytest.raises(ConfigError) as caught:
        guests_of(text)
    told = str(caught.value)
    for line, words in {2: "a name", 3: "a group", 4: "a badge", 5: "on line 3 too", 6: "more cells"}.items():
        assert f"line {line}: {words}" in told or f"line {line}: this badge is {words}" in told
    assert "nobody was invited" in caught.value.advice()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first line"),
        ("who,group\nAda,staff\n", "first line"),
        ("name,shoe\nAda,42\n", "first line"),
        ("name\n", "expected 1 to"),
        ("name\n" + "Ada\n" * (MOST + 1), "expected 1 to"),
        ("name\n" + "\x07\n" * 30, "and 10 more"),
    ],
)
def test_what_is_no_list_is_refused(text: str, words: str) -> None:
    """Empty, without names, with columns that limen has no place for, too long, or hostile."""
    with pytest.raises(ConfigError, match=words):
        guests_of(text)


def test_each_person_has_a_secret_that_the_store_does_not_know(trial: FlowSite) -> None:
    """The secret finds its invitation and no other; the id in the store is its hash; one record tells how many."""
    made = _invite(trial)(guests_of("name,badge\nAda,1\nBob,2\n"), by="u-1")
    assert len({item.secret for item in made}) == 2
    for item in made:
        assert _invite(trial).find(item.secret) == item.invitation
        assert item.secret not in str(trial.store.state.invitations)
        assert item.invitation.invitation_id == invitation_of(item.secret)
    assert _invite(trial).find("guessed") is None
    record = trial.store.state.audit[-1]
    assert (record.tag, dict(record.detail), record.alias) == (
        AuditTag.PEOPLE_INVITED,
        {"people": 2, "by": "u-1"},
        None,
    )


def test_an_invitation_ends_and_is_forgotten(trial: FlowSite) -> None:
    """After its time the secret opens nothing, and the next opening of the site destroys it."""
    (ada,) = _invite(trial)(guests_of("name\nAda\n"), by="u-1")
    trial.clock.advance(timedelta(days=30))
    assert _invite(trial).find(ada.secret) is None
    assert Expire(store=trial.store, clock=trial.clock)() == 1
    assert trial.store.state.invitations == {}
