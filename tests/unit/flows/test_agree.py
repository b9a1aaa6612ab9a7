"""Agreements: how they may be given, what has to show it, and how they go on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.match import Recognised
from limen.core.people import AgreementId, AgreementProof, GivenHow, SiteKind
from limen.flows.agree import Agree, Renew
from limen.flows.prove import Prove
from support.flowsite import TEXT, FlowSite
from support.vision import alike, unit

if TYPE_CHECKING:
    from limen.core.people import Agreement

_YEAR = timedelta(days=365)
_SHOWN = AgreementProof(typed="Ada L.")


def _agree(site: FlowSite, how: GivenHow, proof: AgreementProof | None = None, *, purpose: str = "") -> Agreement:
    agree = Agree(store=site.store, clock=site.clock)
    return agree(TEXT, how=how, validity=_YEAR, proof=proof, purpose=purpose)


def _refused(site: FlowSite, how: GivenHow, proof: AgreementProof | None, *, purpose: str = "") -> None:
    before = site.store.state.copy()
    with pytest.raises(RefusedError) as caught:
        _agree(site, how, proof, purpose=purpose)
    assert (caught.value.reason, bool(caught.value.advice())) == ("agreement_proof", True)
    assert site.store.state == before


@pytest.mark.parametrize(
    ("how", "proof"),
    [
        (GivenHow.IN_PERSON_SCREEN, None),
        (GivenHow.SELF_SERVICE, _SHOWN),
        (GivenHow.SELF_SERVICE, AgreementProof(drawn="M 10,20 l 3 4.5 -1e2 0 z")),
        (GivenHow.IN_PERSON_PAPER, AgreementProof(paper_reference="folder 7", witness="Bob")),
    ],
)
def test_ways_to_agree_in_a_live_folder(live: FlowSite, how: GivenHow, proof: AgreementProof | None) -> None:
    """With an operator, alone with a signature, or on paper with its place and a witness."""
    agreement = _agree(live, how, proof, purpose="the front door")
    with live.store.read() as unit_of_work:
        assert unit_of_work.agreements.get(agreement.agreement_id) == agreement
        assert unit_of_work.agreements.proof(agreement.agreement_id) == proof
    assert agreement.purpose == "the front door"


@pytest.mark.parametrize(
    ("how", "proof"),
    [
        (GivenHow.SELF_SERVICE, None),
        (GivenHow.SELF_SERVICE, AgreementProof(witness="Bob")),
        (GivenHow.IN_PERSON_PAPER, None),
        (GivenHow.IN_PERSON_PAPER, AgreementProof(paper_reference="folder 7")),
        (GivenHow.IN_PERSON_PAPER, AgreementProof(witness="Bob")),
    ],
)
def test_what_does_not_show_an_agreement(live: FlowSite, how: GivenHow, proof: AgreementProof | None) -> None:
    """Alone without a signature, and paper without its place or without a witness, are refused; nothing is written."""
    _refused(live, how, proof)


def test_a_trial_folder_asks_for_nothing_more(trial: FlowSite) -> None:
    """There it is tried out, and nobody's real agreement."""
    assert _agree(trial, GivenHow.IN_PERSON_PAPER).purpose == ""


@pytest.mark.parametrize(
    "proof",
    [
        AgreementProof(typed="x" * 201),
        AgreementProof(witness="a\nb"),
        AgreementProof(paper_reference="\0"),
        AgreementProof(drawn="<script>"),
        AgreementProof(drawn=""),
        AgreementProof(drawn="M" * 50_001),
    ],
)
def test_hostile_proofs_are_refused(trial: FlowSite, proof: AgreementProof) -> None:
    """Too long, unprintable, or a drawing that is none."""
    _refused(trial, GivenHow.SELF_SERVICE, proof)


def test_a_purpose_is_short(trial: FlowSite) -> None:
    """It is a few words, no letter."""
    _refused(trial, GivenHow.IN_PERSON_SCREEN, None, purpose="x" * 201)


def _renew(site: FlowSite, agreement_id: AgreementId, how: GivenHow = GivenHow.IN_PERSON_SCREEN) -> Agreement:
    return Renew(store=site.store, clock=site.clock)(agreement_id, TEXT, how=how, validity=_YEAR)


def test_renewing_keeps_the_person_and_drops_the_old_record(trial: FlowSite) -> None:
    """After the old end the person is still recognised; the purpose stays, the old record and its proof are gone."""
    old = _agree(trial, GivenHow.SELF_SERVICE, _SHOWN, purpose="the front door")
    enrolled = trial.enrol(trial.vision.shows(unit(1)), agreement=old.agreement_id)
    trial.clock.advance(_YEAR - timedelta(days=1))
    renewed = _renew(trial, old.agreement_id)
    trial.clock.advance(timedelta(days=2))
    ((found,), _) = trial.recognise()(trial.vision.shows(alike(unit(1), 0.9)))
    assert isinstance(found.match, Recognised)
    with trial.store.read() as unit_of_work:
        assert unit_of_work.agreements.all() == (renewed,)
        assert unit_of_work.agreements.proof(old.agreement_id) is None
        last = [*unit_of_work.audit.records()][-1]
        assert last.alias == unit_of_work.subjects.alias(enrolled.subject.subject_id)
    assert (renewed.purpose, renewed.subject_id) == ("the front door", enrolled.subject.subject_id)
    assert last.tag is AuditTag.AGREEMENT_RENEWED


def test_what_cannot_be_renewed(trial: FlowSite) -> None:
    """A record that is not there, one nobody is enrolled by, and one that has ended."""
    unused = _agree(trial, GivenHow.IN_PERSON_SCREEN).agreement_id
    enrolled = trial.enrol(trial.vision.shows(unit(1)))
    trial.clock.advance(timedelta(days=30))
    for agreement_id, reason in (
        (AgreementId("a-nothing"), "no_agreement"),
        (unused, "agreement_unused"),
        (enrolled.subject.agreement.agreement_id, "agreement_expired"),
    ):
        with pytest.raises(RefusedError) as caught:
            _renew(trial, agreement_id)
        assert caught.value.reason == reason


def test_a_renewal_is_given_like_an_agreement() -> None:
    """Simulated in a live folder, a renewal is refused too."""
    live = FlowSite(kind=SiteKind.LIVE)
    enrolled = live.enrol(live.vision.shows(unit(1)))
    with pytest.raises(RefusedError) as caught:
        _renew(live, enrolled.subject.agreement.agreement_id, GivenHow.SIMULATED)
    assert caught.value.reason == "agreement_simulated"


def test_the_proof_of_an_agreement_is_signed_and_on_record(trial: FlowSite) -> None:
    """It has record and signature, the site knows it for its own, and the chain says that it was given out."""
    agreement = _agree(trial, GivenHow.SELF_SERVICE, _SHOWN)
    enrolled = trial.enrol(trial.vision.shows(unit(1)), agreement=agreement.agreement_id)
    statement = Prove(store=trial.store, clock=trial.clock)(agreement.agreement_id)
    told = statement["agreement"]
    assert isinstance(told, dict)
    assert told["text_sha256"] == TEXT.sha256
    assert isinstance(statement["proof"], dict)
    assert statement["proof"]["typed"] == "Ada L."
    with trial.store.read() as unit_of_work:
        unit_of_work.audit.check(statement)
        last = [*unit_of_work.audit.records()][-1]
        assert (last.tag, last.alias) == (
            AuditTag.AGREEMENT_EXPORTED,
            unit_of_work.subjects.alias(enrolled.subject.subject_id),
        )


def test_an_agreement_that_nobody_used_can_be_proved_too(trial: FlowSite) -> None:
    """There is no alias yet; and of no agreement there is no proof."""
    prove = Prove(store=trial.store, clock=trial.clock)
    assert prove(_agree(trial, GivenHow.IN_PERSON_SCREEN).agreement_id)["proof"] is None
    with pytest.raises(RefusedError) as caught:
        prove(AgreementId("a-nothing"))
    assert caught.value.reason == "no_agreement"
