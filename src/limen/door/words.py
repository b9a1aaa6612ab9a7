"""Reasons and decisions in plain sentences: for the desk what was found, for the public only what to do next.

1. In public a decision is one of a few instructions; many reasons share one, so that nobody who stands behind, and not
   the visitor either, can tell why somebody was refused (promise 8).
2. A sentence about temperature is that of ``temperature_words``, the same for a high reading and for none.
3. A language is a file in ``languages``. What a language lacks is said in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal, assert_never

from limen.core.decision import Decision, Deny, Grant, Reason, Refer
from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen
from limen.door import temperature_words

__all__ = ["FALLBACK", "Audience", "Instruction", "instruction_of", "languages", "words"]

Audience = Literal["desk", "public"]

FALLBACK = "en"
"""The language that has every sentence."""


class Instruction(StrEnum):
    """What somebody at the door is asked to do. None of them says why."""

    GO = "go"
    OTHER_WAY = "other_way"
    WAIT = "wait"
    COME_CLOSER = "come_closer"
    MORE_LIGHT = "more_light"
    ONE_AT_A_TIME = "one_at_a_time"
    MASK_ON = "mask_on"
    MASK_OVER_NOSE = "mask_over_nose"
    SECOND_FACTOR = "second_factor"
    OTHER_DOOR = "other_door"
    FULL = "full"
    SECOND_PERSON = "second_person"


_INSTRUCTIONS: Mapping[Reason, Instruction] = {
    Reason.RECOGNISED: Instruction.GO,
    Reason.CLEARED: Instruction.GO,
    Reason.LIVENESS_UNMEASURED: Instruction.GO,
    Reason.NO_FACE: Instruction.COME_CLOSER,
    Reason.QUALITY_TOO_LOW: Instruction.MORE_LIGHT,
    Reason.SEVERAL_FACES: Instruction.ONE_AT_A_TIME,
    Reason.MASK_MISSING: Instruction.MASK_ON,
    Reason.MASK_INCORRECT: Instruction.MASK_OVER_NOSE,
    Reason.SECOND_FACTOR_MISSING: Instruction.SECOND_FACTOR,
    Reason.INTERLOCK: Instruction.OTHER_DOOR,
    Reason.OCCUPANCY_FULL: Instruction.FULL,
    Reason.COMPANION_MISSING: Instruction.SECOND_PERSON,
    Reason.ATTACK_SUSPECTED: Instruction.WAIT,
    Reason.MASK_UNSURE: Instruction.WAIT,
    Reason.CLOCK_UNTRUSTED: Instruction.WAIT,
    Reason.OCCUPANCY_UNKNOWN: Instruction.WAIT,
    Reason.TEMPERATURE_REPEAT: Instruction.WAIT,
    Reason.TEMPERATURE_HIGH: Instruction.WAIT,
    Reason.TEMPERATURE_NOT_MEASURED: Instruction.WAIT,
}
"""Whatever is not here is the other way in."""

_ADVICE = (Reason.MASK_MISSING, Reason.MASK_INCORRECT)
_MEASURED: Mapping[Reason, TemperatureSeen] = {
    Reason.TEMPERATURE_REPEAT: TemperatureSeen(outcome=TemperatureOutcome.REPEAT),
    Reason.TEMPERATURE_HIGH: TemperatureSeen(outcome=TemperatureOutcome.ABOVE),
    Reason.TEMPERATURE_NOT_MEASURED: TemperatureSeen(
        outcome=TemperatureOutcome.NO_READING, reason=NoReading.NO_THERMAL_CAMERA
    ),
}


def languages() -> tuple[str, ...]:
    """Languages that there is a file for, in order."""
    names = (entry.name for entry in files(__package__).joinpath("languages").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def instruction_of(what: Reason | Decision) -> Instruction:
    """What the public is asked to do; of several reasons the one counts that cannot be put right on the spot."""
    match what:
        case Reason():
            return _INSTRUCTIONS.get(what, Instruction.OTHER_WAY)
        case Grant():
            return Instruction.GO
        case Refer():
            return Instruction.WAIT
        case Deny(reasons=reasons):
            asked = [instruction_of(reason) for reason in reasons]
            return Instruction.OTHER_WAY if Instruction.OTHER_WAY in asked else asked[0]
        case _:
            assert_never(what)


def words(
    what: Reason | Decision, *, language: str, audience: Audience, temperature: TemperatureSeen | None = None
) -> str:
    """A reason or a decision in sentences.

    Args:
        what: to say.
        language: ``en``, ``fr``, ``fr-CA``, or any other; what is not there is said in English.
        audience: desk for those who may know, public for whoever stands at the door.
        temperature: what was seen of it, for a more exact request (glasses, distance) where a decision waits for it.
    """
    reasons = (what,) if isinstance(what, Reason) else what.reasons
    if audience == "desk":
        return " ".join(_sentence("desk", reason, language) for reason in reasons)
    asked = instruction_of(what)
    measured = next((reason for reason in reasons if reason in _MEASURED), None)
    if asked is Instruction.WAIT and measured is not None and Reason.ATTACK_SUSPECTED not in reasons:
        return _measured(measured, temperature, language)
    sentences = [_sentence("public", asked, language)]
    if isinstance(what, Grant):
        sentences += [_sentence("public", instruction_of(reason), language) for reason in reasons if reason in _ADVICE]
    return " ".join(sentences)


def _measured(reason: Reason, seen: TemperatureSeen | None, language: str) -> str:
    name = next((name for name in _tried(language) if name in temperature_words.LANGUAGES), FALLBACK)
    exact = None if seen is None else temperature_words.instruction(seen, language=name)
    return exact or temperature_words.instruction(_MEASURED[reason], language=name) or ""


def _sentence(table: str, key: str, language: str) -> str:
    for name in _tried(language)[:-1]:
        if sentence := _catalogue(name).get(table, {}).get(key):
            return sentence
    return _catalogue(FALLBACK)[table][key]


def _tried(language: str) -> tuple[str, ...]:
    """A language, the one it is a kind of, and English."""
    given = language.lower().replace("_", "-")
    return (given, given.partition("-")[0], FALLBACK)


@cache
def _catalogue(language: str) -> Mapping[str, Mapping[str, str]]:
    if language not in languages():
        return {}
    text = files(__package__).joinpath("languages", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
