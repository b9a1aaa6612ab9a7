"""What takes two operators: whose codes count, when nobody is asked, and how the list of operators grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.operators import OperatorId
from limen.flows.two_people import Operators

if TYPE_CHECKING:
    from support.flowsite import FlowSite


def _operators(site: FlowSite, *, alone: bool = False) -> Operators:
    return Operators(store=site.store, clock=site.clock, alone=alone)


def _tags(site: FlowSite) -> list[AuditTag]:
    with site.store.read() as unit_of_work:
        return [record.tag for record in unit_of_work.audit.records()]


def test_two_operators_stand_for_an_act_and_one_does_not(live: FlowSite) -> None:
    """One code alone, one twice, a wrong one and none are refused and leave no record; two different ones are on it."""
    operators = _operators(live)
    (_, first), (_, second) = operators.add(()), operators.add(())
    before = _tags(live)
    for codes in ((), (first,), (first, first), (first, "wrong")):
        with pytest.raises(RefusedError) as caught:
            operators.approve(codes, what="import people")
        assert (caught.value.reason, bool(caught.value.advice())) == ("two_people", True)
    assert _tags(live) == before
    operators.approve((second, first), what="import people")
    assert _tags(live) == [*before, AuditTag.ACT_APPROVED]


def test_at_home_and_in_a_trial_folder_nobody_is_asked(live: FlowSite, trial: FlowSite) -> None:
    """One person is enough, without a code and without a record."""
    for site, alone in ((live, True), (trial, False)):
        before = _tags(site)
        _operators(site, alone=alone).approve((), what="import people")
        assert _tags(site) == before


def test_the_first_two_are_free_and_later_ones_take_two(live: FlowSite) -> None:
    """Nobody adds a third alone, nor removes one; with two codes both are done, on record."""
    operators = _operators(live)
    (who, first), (_, second) = operators.add(()), operators.add(())
    with pytest.raises(RefusedError) as caught:
        operators.add((first,))
    assert caught.value.reason == "two_people"
    with pytest.raises(RefusedError) as caught:
        operators.remove(who, (second,))
    assert caught.value.reason == "two_people"
    operators.add((first, second))
    with pytest.raises(RefusedError) as caught:
        operators.remove(OperatorId("o-nobody"), (first, second))
    assert caught.value.reason == "no_operator"
    operators.remove(who, (first, second))
    assert _tags(live)[-2:] == [AuditTag.ACT_APPROVED, AuditTag.OPERATOR_REMOVED]
    with pytest.raises(RefusedError):
        operators.approve((first, second), what="import people")
