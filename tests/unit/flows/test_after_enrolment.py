"""Recognise, confirm, withdraw, export: what happens to a person who is enrolled."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from limen.core.door import Direction
from limen.core.errors import LedgerError, RefusedError
from limen.core.frame import SourceKind
from limen.core.ledger import AuditTag, ReceiptItem
from limen.core.match import Recognised, Unknown, UnknownReason
from limen.core.people import Rights, SubjectId
from limen.flows.attest import Attest
from limen.flows.export import IssueCode
from limen.flows.withdraw import Withdraw
from support.vision import alike, unit

if TYPE_CHECKING:
    from datetime import datetime

    from limen.core.ports import UnitOfWork
    from support.flowsite import FlowSite

LIVE = SourceKind.LIVE_CAMERA
NOBODY = SubjectId("s-nobody")


def test_a_stranger_is_unknown_and_wiped(trial: FlowSite) -> None:
    """A stranger is unknown, nothing is written, and the embedding is zeros when the answer is out."""
    trial.enrol(trial.vision.shows(unit(1)))
    with trial.store.read() as unit_of_work:
        before = len([*unit_of_work.audit.records()])
    ((found,), _) = trial.recognise()(trial.vision.shows(unit(2)))
    assert isinstance(found.match, Unknown)
    assert np.abs(found.probe.embedding).max() == 0.0
    with trial.store.read() as unit_of_work:
        assert len([*unit_of_work.audit.records()]) == before


def test_one_person_is_one_face(trial: FlowSite) -> None:
    """Of two faces of a frame that match one person, only the more alike keeps the name."""
    trial.enrol(trial.vision.shows(unit(1)))
    frame = trial.vision.shows(alike(unit(1), 0.7, seed=5), alike(unit(1), 0.95, seed=6))
    (first, second), _ = trial.recognise()(frame)
    assert isinstance(first.match, Unknown)
    assert first.match.reason is UnknownReason.SAME_PERSON_TWICE
    assert isinstance(second.match, Recognised)


def test_nobody_in_the_frame(trial: FlowSite) -> None:
    """A frame without a face has no answers."""
    assert trial.recognise()(trial.vision.shows())[0] == ()


def test_nobody_enrolled(trial: FlowSite) -> None:
    """In an empty folder everybody is unknown."""
    ((found,), _) = trial.recognise()(trial.vision.shows(unit(1)))
    assert isinstance(found.match, Unknown)
    assert found.match.reason is UnknownReason.NOBODY_ENROLLED


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind is not LIVE])
def test_a_live_folder_answers_no_pictures(live: FlowSite, kind: SourceKind) -> None:
    """A live folder recognises nobody on a file, a browser's frame or a bundled picture, and embeds nothing."""
    with pytest.raises(RefusedError) as caught:
        live.recognise()(live.vision.shows(unit(1), kind=kind))
    assert caught.value.reason == "not_a_live_capture"
    assert live.vision.given == []


def test_expiry_stops_matching(trial: FlowSite) -> None:
    """From the moment the agreement ends the person is unknown, without anything being done."""
    trial.enrol(trial.vision.shows(unit(1)))
    frame = trial.vision.shows(alike(unit(1), 0.9))
    trial.clock.advance(timedelta(days=30))
    ((found,), _) = trial.recognise()(frame)
    assert isinstance(found.match, Unknown)
    assert found.match.reason is UnknownReason.NO_LIVE_AGREEMENT


def test_confirming(live: FlowSite) -> None:
    """A live capture of the person confirms the references made from a picture."""
    subject_id = live.enrol(live.vision.shows(unit(1))).subject.subject_id
    confirmed = live.confirm()(subject_id, [live.vision.shows(alike(unit(1), 0.9), kind=LIVE)])
    assert confirmed.confirmed
    ((found,), _) = live.recognise()(live.vision.shows(alike(unit(1), 0.9, seed=7), kind=LIVE))
    assert isinstance(found.match, Recognised)


@pytest.mark.parametrize(
    ("subject", "face", "kind", "reason"),
    [
        ("enrolled", unit(2), LIVE, "different_people"),
        ("enrolled", alike(unit(1), 0.9), SourceKind.FILE, "not_a_live_capture"),
        ("enrolled", alike(unit(1), 0.9), SourceKind.BROWSER, "not_a_live_capture"),
        ("nobody", alike(unit(1), 0.9), LIVE, "no_such_person"),
    ],
    ids=["another face", "a photograph", "a browser's frame", "nobody"],
)
def test_what_does_not_confirm(
    live: FlowSite, subject: str, face: np.ndarray, *, kind: SourceKind, reason: str
) -> None:
    """Another face, a photograph, what a browser sends and an unknown id confirm nothing."""
    enrolled = live.enrol(live.vision.shows(unit(1))).subject.subject_id
    subject_id = enrolled if subject == "enrolled" else NOBODY
    with pytest.raises(RefusedError) as caught:
        live.confirm()(subject_id, [live.vision.shows(face, kind=kind)])
    assert caught.value.reason == reason
    with live.store.read() as unit_of_work:
        found = unit_of_work.subjects.get(enrolled)
    assert found is not None
    assert not found.confirmed


def test_what_people_carry_needs_no_confirmation(live: FlowSite) -> None:
    """Of a holder of a pass or badge there is no reference; the refusal says why, and how to try it."""
    frames = [live.vision.shows(unit(seed), kind=LIVE) for seed in (1, 2)]
    holders = (
        (live.issued(frames[0]).subject, "face pass"),
        (live.enrol_sealed()([frames[1]], name="Bea", agreement_id=live.agreed()).subject, "badge"),
    )
    for subject, carried in holders:
        with pytest.raises(RefusedError, match=carried) as caught:
            live.confirm()(subject.subject_id, [live.vision.shows(unit(1), kind=LIVE)])
        assert (caught.value.reason, "limen pass verify" in caught.value.advice()) == ("nothing_to_confirm", True)


def test_withdrawal(trial: FlowSite) -> None:
    """After withdrawal the person is unknown, the receipt counts what is gone, and no row of the person is left."""
    enrolled = trial.enrol(trial.vision.shows(unit(1)), trial.vision.shows(alike(unit(1), 0.9)))
    receipt = trial.withdraw()(enrolled.subject.subject_id)
    assert [item.count for item in receipt.gone] == [1, 2, 1, 1]
    assert [item.count for item in receipt.stays] == [2]
    ((found,), _) = trial.recognise()(trial.vision.shows(unit(1)))
    assert isinstance(found.match, Unknown)
    with trial.store.read() as unit_of_work:
        assert unit_of_work.subjects.all() == ()
        assert unit_of_work.agreements.all() == ()
        last = [*unit_of_work.audit.records()][-1]
    assert (last.tag, last.digest) == (AuditTag.SUBJECT_WITHDRAWN, receipt.audit_digest)


def test_withdrawal_touches_nobody_else(trial: FlowSite) -> None:
    """Others stay enrolled and recognised."""
    gone = trial.enrol(trial.vision.shows(unit(1)))
    stays = trial.enrol(trial.vision.shows(unit(2)), name="Bob")
    trial.withdraw()(gone.subject.subject_id)
    ((found,), _) = trial.recognise()(trial.vision.shows(alike(unit(2), 0.9)))
    assert isinstance(found.match, Recognised)
    assert found.match.subject_id == stays.subject.subject_id


def test_a_receipt_holds_and_a_changed_one_does_not(trial: FlowSite) -> None:
    """The receipt is signed with everything it says; any change of it is refused."""
    attest = Attest(store=trial.store, clock=trial.clock)
    subject_id = trial.enrol(trial.vision.shows(unit(1))).subject.subject_id
    statement = dict(trial.withdraw()(subject_id).statement)
    assert attest.receipt(statement) is None
    assert subject_id not in json.dumps(statement)
    for name, value in (("gone", []), ("at", "2030-01-01"), ("receipt_id", "w-0")):
        with pytest.raises(LedgerError):
            attest.receipt({**statement, name: value})


def test_a_receipt_of_a_withdrawal_that_the_chain_does_not_know_does_not_hold(trial: FlowSite) -> None:
    """An older copy of the store put back is told by the receipt of a later withdrawal."""
    subject_id = trial.enrol(trial.vision.shows(unit(1))).subject.subject_id
    older = trial.store.state.copy()
    statement = trial.withdraw()(subject_id).statement
    trial.store.state = older
    problem = Attest(store=trial.store, clock=trial.clock).receipt(statement)
    assert problem is not None
    assert "older copy" in problem


def test_another_statement_is_no_receipt(trial: FlowSite) -> None:
    """A checkpoint that the site signed does not pass for a receipt."""
    attest = Attest(store=trial.store, clock=trial.clock)
    with pytest.raises(LedgerError, match="no receipt"):
        attest.receipt(attest.checkpoint())


def test_a_receipt_tells_of_backups_and_when_the_last_dies(trial: FlowSite) -> None:
    """Backups whose key is not destroyed yet are counted, with the end of the last; dead ones are not."""
    subject_id = trial.enrol(trial.vision.shows(unit(1))).subject.subject_id
    ends = [trial.clock.now() + timedelta(days=days) for days in (-1, 3, 20)]
    with trial.store.begin() as unit_of_work:
        for end in ends:
            detail = {"backup": "b-1", "expires_at": end.isoformat()}
            unit_of_work.audit.append(AuditTag.SITE_BACKED_UP, at=trial.clock.now(), alias=None, detail=detail)
        unit_of_work.commit()
    stays = trial.withdraw()(subject_id).stays
    assert stays[1].count == 2
    assert f"{ends[2]:%Y-%m-%d %H:%M}" in str(stays[1].until)


def test_what_else_ends_with_a_person_is_on_the_receipt(trial: FlowSite) -> None:
    """Steps of other rooms run in the same transaction, before the key is gone, and tell what they did."""
    subject_id = trial.enrol(trial.vision.shows(unit(1))).subject.subject_id
    asked = []

    def revoke(unit_of_work: UnitOfWork, who: SubjectId, _at: datetime) -> ReceiptItem | None:
        asked.append((who, unit_of_work.subjects.alias(who)))
        return ReceiptItem(what="face passes, revoked", count=2)

    withdraw = Withdraw(store=trial.store, clock=trial.clock, also=(revoke, lambda *_: None))
    receipt = withdraw(subject_id)
    assert [item.count for item in receipt.gone] == [1, 1, 1, 1, 2]
    assert [who for who, _ in asked] == [subject_id]


def test_withdrawing_nobody(trial: FlowSite) -> None:
    """There is no receipt for a person who is not there."""
    with pytest.raises(RefusedError) as caught:
        trial.withdraw()(NOBODY)
    assert caught.value.reason == "no_such_person"


def test_export_is_complete_and_of_one_person(trial: FlowSite) -> None:
    """An export holds name, agreement, references and audit lines of that person and of nobody else, as JSON."""
    mine = trial.enrol(trial.vision.shows(unit(1)))
    bob = trial.enrol(trial.vision.shows(unit(2)), name="Bob").subject.subject_id
    with trial.store.begin() as opened:
        opened.rights.put(mine.subject.subject_id, Rights(groups=frozenset({"staff"}), badge="0042", pin_hash="hash"))
        opened.rights.put(bob, Rights(badge="0007"))
        opened.doors.passed(Direction.IN, subject_id=mine.subject.subject_id)
        opened.commit()
    document = json.loads(json.dumps(trial.export()(mine.subject.subject_id)))
    assert document["name"] == "Ada"
    assert document["agreement"]["agreement_id"] == mine.subject.agreement.agreement_id
    assert len(document["references"]) == 1
    assert [line["tag"] for line in document["audit"]] == [AuditTag.SUBJECT_ENROLLED, AuditTag.SUBJECT_EXPORTED]
    assert document["at_doors"] == {
        "groups": ["staff"],
        "badge": "0042",
        "pin_kept_as_hash": True,
        "second_factor_needed": False,
        "inside": True,
    }
    assert document["passes"] == []
    assert "Bob" not in json.dumps(document)
    assert "0007" not in json.dumps(document)


def test_export_of_nobody(trial: FlowSite) -> None:
    """There is nothing to export of a person who is not there."""
    with pytest.raises(RefusedError) as caught:
        trial.export()(NOBODY)
    assert caught.value.reason == "no_such_person"


def test_in_a_live_folder_the_person_releases_the_export(live: FlowSite) -> None:
    """Without the person's code, with a wrong one, or twice with the right one, nothing is given out."""
    subject_id = live.enrol(live.vision.shows(unit(1))).subject.subject_id
    issue = IssueCode(store=live.store, clock=live.clock)
    code = issue(subject_id)
    for wrong in (None, "", "0000"):
        with pytest.raises(RefusedError) as caught:
            live.export()(subject_id, code=wrong)
        assert caught.value.reason == "release_code"
    assert live.export()(subject_id, code=code)["name"] == "Ada"
    with pytest.raises(RefusedError):
        live.export()(subject_id, code=code)
    with live.store.read() as unit_of_work:
        tags = [record.tag for record in unit_of_work.audit.records()]
    assert tags[-2:] == [AuditTag.CODE_ISSUED, AuditTag.SUBJECT_EXPORTED]
    with pytest.raises(RefusedError) as caught:
        issue(NOBODY)
    assert caught.value.reason == "no_such_person"
