"""What takes two operators: whose codes count, when nobody is asked, and how the list of operators grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.operators import Approved, OperatorId
from limen.core.people import TemplateKind
from limen.flows.enrol import Enrol
from limen.flows.two_people import Operators
from support.vision import unit

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
    """One person is enough, without a code and without a record, and no setting is kept back."""
    for site, alone in ((live, True), (trial, False)):
        before = _tags(site)
        _operators(site, alone=alone).approve((), what="import people")
        approvals = site.approvals(alone=alone, asked=dict.fromkeys(Approved, 900))
        approvals.check(*Approved)
        assert (approvals.approve(()), approvals.bounded(Approved.BACKUP_DAYS)) == (False, 900)
        assert _tags(site) == before


def test_at_home_with_two_operators_both_are_asked(live: FlowSite) -> None:
    """Writing `home` into the settings of a site that has two operators takes nothing off them."""
    operators = _operators(live, alone=True)
    operators.add(())
    operators.approve((), what="import people")
    operators.add(())
    with pytest.raises(RefusedError) as caught:
        operators.approve((), what="import people")
    assert caught.value.reason == "two_people"


def test_settings_hold_as_far_as_two_operators_have_approved_them(live: FlowSite) -> None:
    """What ships holds first, without the list; approved, the values of that day hold, and no more, lower ones too."""
    operators = _operators(live)
    both = [operators.add(())[1] for _ in range(2)]
    asked = {Approved.GALLERY: 1, Approved.UNUSED_DAYS: 7, Approved.BACKUP_DAYS: 30}
    approvals = live.approvals(alone=False, asked=asked)
    assert approvals.missing(*Approved) == ("the hands-free list",)
    with pytest.raises(RefusedError) as caught:
        approvals.check(*Approved)
    assert (caught.value.reason, "limen site approve" in caught.value.advice()) == ("not_approved", True)
    with pytest.raises(RefusedError) as caught:
        approvals.approve(both[:1])
    assert caught.value.reason == "two_people"
    assert approvals.approve(both)
    assert _tags(live)[-1] is AuditTag.ACT_APPROVED
    approvals.check(*Approved)
    longer = live.approvals(alone=False, asked=asked | {Approved.UNUSED_DAYS: 30})
    assert longer.missing(*Approved) == ("privacy.unused_days",)
    assert (longer.bounded(Approved.UNUSED_DAYS), longer.bounded(Approved.BACKUP_DAYS)) == (7, 30)


def test_nobody_is_put_on_the_list_before_two_operators_approved_it(live: FlowSite) -> None:
    """A refusal, and nothing is written."""
    flow = Enrol(
        store=live.store,
        vision=live.vision,
        gallery=live.gallery,
        clock=live.clock,
        approvals=live.approvals(alone=False),
        reasons=live.reasons,
    )
    agreement_id = live.agreed()
    with pytest.raises(RefusedError) as caught:
        flow([live.vision.shows(unit(1))], name="Ada", agreement_id=agreement_id, kind=TemplateKind.GALLERY)
    assert caught.value.reason == "not_approved"
    assert live.store.state.subjects == {}


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
