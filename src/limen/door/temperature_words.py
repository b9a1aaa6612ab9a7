"""What a person at the door is told when there is no reading, or a second one is needed: what to do, and nothing else.

No sentence says ill, fever, normal or safe.
"""

from __future__ import annotations

from collections.abc import Mapping

from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen

__all__ = ["LANGUAGES", "instruction"]

_WAIT = {
    "en": "Somebody will measure by hand. Please wait a moment.",
    "fr": "Quelqu'un va mesurer à la main. Merci d'attendre un instant.",
}
_LOOK = {
    "en": "Please look into the camera once more.",
    "fr": "Merci de regarder encore une fois la caméra.",
}
_AGAIN = {
    "en": "Please stay a moment and look into the camera once more.",
    "fr": "Merci de rester un instant et de regarder encore une fois la caméra.",
}

_NO_READING: Mapping[NoReading, Mapping[str, str]] = {
    NoReading.NO_THERMAL_CAMERA: _WAIT,
    NoReading.NO_FACE: _LOOK,
    NoReading.SEVERAL_FACES: {"en": "One at a time, please.", "fr": "Une personne à la fois, s'il vous plaît."},
    NoReading.TOO_FAR: {"en": "Please step closer.", "fr": "Merci de vous approcher."},
    NoReading.TURNED_AWAY: {
        "en": "Please face the camera.",
        "fr": "Merci de tourner le visage vers la caméra.",
    },
    NoReading.BLURRED: {"en": "Please stand still for a second.", "fr": "Merci de ne pas bouger une seconde."},
    NoReading.GLASSES: {
        "en": "Please take off your glasses for a moment.",
        "fr": "Merci de retirer vos lunettes un instant.",
    },
    NoReading.JUST_COME_IN: {
        "en": "Your skin still has the temperature of outside. Please wait five to fifteen minutes indoors.",
        "fr": "Votre peau a encore la température du dehors. Merci d'attendre cinq à quinze minutes à l'intérieur.",
    },
    NoReading.LEFT_RIGHT_DISAGREE: _WAIT,
    NoReading.OUT_OF_RANGE: _WAIT,
    NoReading.BLACKBODY_INVALID: _WAIT,
    NoReading.WARMING_UP: _WAIT,
    NoReading.SHUTTER: _LOOK,
    NoReading.NOT_REGISTERED: _LOOK,
    NoReading.TOO_FEW_FRAMES: _LOOK,
    NoReading.BASELINE_NOT_READY: _WAIT,
    NoReading.ROOM_OUT_OF_RANGE: _WAIT,
}

LANGUAGES = ("en", "fr")
"""Languages that every instruction has."""


def instruction(seen: TemperatureSeen, *, language: str) -> str | None:
    """What to tell the person; None when there is nothing to do.

    Args:
        seen: the outcome.
        language: one of LANGUAGES.
    """
    match seen:
        case TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=NoReading() as reason):
            return _NO_READING[reason][language]
        case TemperatureSeen(outcome=TemperatureOutcome.REPEAT):
            return _AGAIN[language]
        case TemperatureSeen(outcome=TemperatureOutcome.ABOVE):
            return _WAIT[language]
        case _:
            return None
