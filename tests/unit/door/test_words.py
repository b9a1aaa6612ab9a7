"""What people read: every reason has a sentence in every language, and the public is told only what to do."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from limen.core.decision import Decision, Deny, Grant, Reason, Refer
from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen
from limen.door.words import FALLBACK, Instruction, instruction_of, languages, words

_TELLING = (
    # what would say why: who is known, what was found, what is wrong with somebody
    *(
        "recogni",
        "known",
        "enrol",
        "denied",
        "refused",
        "allowed",
        "permitted",
        "alarm",
        "lock",
        "attack",
        "fever",
    ),
    *("reconnu", "connu", "inscrit", "refus", "interdit", "autoris", "alarme", "verrou", "attaque", "fièvre", "malade"),
)


def _tables(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files("limen.door").joinpath("languages", f"{language}.toml").read_text("utf-8"))


def _decision(kind: type[Grant | Deny | Refer], *reasons: Reason) -> Decision:
    return kind(reasons=reasons, policy_version="p-1", evidence_id="e-1")


def test_english_and_french_are_there() -> None:
    """Two languages come with limen; a file more is a language more."""
    assert set(languages()) >= {"en", "fr"}
    assert FALLBACK in languages()


@pytest.mark.parametrize("language", languages())
def test_every_language_is_whole(language: str) -> None:
    """A language has a sentence for every reason and every instruction, and none for anything else."""
    tables = _tables(language)
    assert set(tables) == {"desk", "public"}
    assert set(tables["desk"]) == {reason.value for reason in Reason}
    assert set(tables["public"]) == {instruction.value for instruction in Instruction}


@pytest.mark.parametrize("language", languages())
def test_sentences_are_sentences(language: str) -> None:
    """Each ends as a sentence does, has no space too many, and in public none is said of two instructions."""
    tables = _tables(language)
    for sentence in (*tables["desk"].values(), *tables["public"].values()):
        assert sentence == sentence.strip()
        assert sentence.endswith(".")
        assert "  " not in sentence
    assert len(set(tables["public"].values())) == len(tables["public"])


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("reason", list(Reason))
def test_in_public_nothing_says_why(reason: Reason, language: str) -> None:
    """No public sentence speaks of being known, of rights, alarms, attacks or health."""
    said = words(reason, language=language, audience="public").lower()
    assert [word for word in _TELLING if word in said] == []


def test_refusals_of_a_person_all_sound_the_same() -> None:
    """Unknown, without the right, at the wrong hour, locked down, alarm set, gone in twice: one sentence."""
    refusals = [
        Reason.NOT_RECOGNISED,
        Reason.BADGE_PIN_LOCKED,
        Reason.NOT_PERMITTED,
        Reason.OUTSIDE_HOURS,
        Reason.LOCKED_DOWN,
        Reason.ALARM_SET,
        Reason.ANTI_PASSBACK,
        Reason.POLICY_EMPTY,
    ]
    said = {words(_decision(Deny, reason), language="en", audience="public") for reason in refusals}
    assert said == {"Please use the other way in."}


def test_who_is_looked_at_does_not_learn_what_for() -> None:
    """A suspected attack, a doubt about a mask and a clock that is not set sound the same."""
    referrals = [Reason.ATTACK_SUSPECTED, Reason.MASK_UNSURE, Reason.CLOCK_UNTRUSTED, Reason.OCCUPANCY_UNKNOWN]
    said = {words(_decision(Refer, reason), language="fr", audience="public") for reason in referrals}
    assert said == {"Merci d'attendre un instant. Quelqu'un va venir."}


def test_a_high_temperature_sounds_like_none() -> None:
    """Above the limit and without a reading the same is said, in the words of the temperature rule."""
    said = {
        words(_decision(Refer, reason), language="en", audience="public")
        for reason in (Reason.TEMPERATURE_HIGH, Reason.TEMPERATURE_NOT_MEASURED)
    }
    assert said == {"Somebody will measure by hand. Please wait a moment."}


def test_what_would_help_a_reading_is_said() -> None:
    """With what was seen of the temperature the request is exact; without, somebody measures."""
    glasses = TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=NoReading.GLASSES)
    decision = _decision(Refer, Reason.TEMPERATURE_NOT_MEASURED)
    said = words(decision, language="fr-CA", audience="public", temperature=glasses)
    assert said == "Merci de retirer vos lunettes un instant."
    repeat = words(_decision(Deny, Reason.TEMPERATURE_REPEAT), language="en", audience="public")
    assert repeat == "Please stay a moment and look into the camera once more."


def test_a_suspected_attack_is_not_talked_over() -> None:
    """Where a person has to look at an attack, no request about temperature comes between."""
    decision = _decision(Refer, Reason.ATTACK_SUSPECTED, Reason.TEMPERATURE_HIGH)
    assert words(decision, language="en", audience="public") == "Please wait a moment. Somebody will come."


@pytest.mark.parametrize(
    ("decision", "instruction"),
    [
        (_decision(Grant, Reason.RECOGNISED), Instruction.GO),
        (_decision(Grant, Reason.RECOGNISED, Reason.ALARM_SET), Instruction.GO),
        (_decision(Grant, Reason.RECOGNISED, Reason.ANTI_PASSBACK), Instruction.GO),
        (_decision(Deny, Reason.SECOND_FACTOR_MISSING), Instruction.SECOND_FACTOR),
        (_decision(Deny, Reason.INTERLOCK, Reason.SECOND_FACTOR_MISSING), Instruction.OTHER_DOOR),
        (_decision(Deny, Reason.SECOND_FACTOR_MISSING, Reason.OUTSIDE_HOURS), Instruction.OTHER_WAY),
        (_decision(Refer, Reason.CLOCK_UNTRUSTED), Instruction.WAIT),
    ],
)
def test_a_decision_is_one_instruction(decision: Decision, instruction: Instruction) -> None:
    """Of several reasons the one counts that nobody can put right on the spot."""
    assert instruction_of(decision) is instruction


def test_an_advice_about_masks_goes_along() -> None:
    """A door that advises opens and asks for the mask."""
    decision = _decision(Grant, Reason.RECOGNISED, Reason.MASK_MISSING, Reason.TEMPERATURE_HIGH)
    assert words(decision, language="en", audience="public") == "Please go through. Please put on your mask."


def test_the_desk_is_told_every_reason() -> None:
    """For those who may know, each reason has its sentence, in order."""
    decision = _decision(Deny, Reason.OUTSIDE_HOURS, Reason.INTERLOCK)
    said = words(decision, language="fr_FR", audience="desk")
    assert said == (
        "Les groupes de cette personne n'ont pas accès à la porte à cette heure. Une autre porte du sas est ouverte."
    )


@pytest.mark.parametrize("language", ["de", "", "../en", "EN-gb", "x" * 1000])
def test_a_language_that_is_not_there_is_english(language: str) -> None:
    """An unknown language, or no language at all, falls back and opens no other file."""
    assert words(Reason.NO_FACE, language=language, audience="public") == "Please come closer."
    measured = words(Reason.TEMPERATURE_HIGH, language=language, audience="public")
    assert measured == "Somebody will measure by hand. Please wait a moment."
