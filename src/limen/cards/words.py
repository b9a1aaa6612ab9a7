"""What a card says, in the languages of the agreement texts: what it is, until when, how to use it, how to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = ["WORDS", "CardKind", "CardWords"]


class CardKind(StrEnum):
    """What is printed on a card."""

    FACE_PASS = "face_pass"  # noqa: S105  a face pass, not a password
    VISITOR = "visitor"
    BADGE = "badge"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """One kind of card in one language.

    Attributes:
        title: what it is.
        holder, until, host: labels.
        text: what the holder has to know; a line is a paragraph.
    """

    title: str
    holder: str
    until: str
    text: str
    host: str = ""


_EN_SHOW = "Show the code to the camera at the door, and look at it.\n"
_FR_SHOW = "Montrez le code à la caméra de la porte, et regardez-la.\n"
_EN_STOP = (
    "To stop: tell the desk, at any time, no reason asked; then destroy this card. There is always another way in."
)
_FR_STOP = (
    "Pour arrêter : dites-le à l'accueil, à tout moment, sans raison ; puis détruisez cette carte. "
    "Il y a toujours une autre façon d'entrer."
)
_EN_HOLDS = (
    "The code holds numbers made from your face, locked. "
    "Only the doors of this site can read them, and the site keeps no copy.\n"
)
_FR_HOLDS = (
    "Le code contient des nombres tirés de votre visage, verrouillés. "
    "Seules les portes de ce lieu peuvent les lire, et le lieu n'en garde pas de copie.\n"
)

_ENGLISH = {
    CardKind.FACE_PASS: CardWords(
        title="Face pass",
        holder="Pass",
        until="Valid until",
        text=f"{_EN_SHOW}{_EN_HOLDS}"
        "Lost? Tell the desk: it is refused at once, and you get another from a new picture.\n"
        f"{_EN_STOP}",
    ),
    CardKind.VISITOR: CardWords(
        title="Face pass for a visitor",
        holder="Pass",
        until="Valid until",
        host="You visit",
        text=f"{_EN_SHOW}{_EN_HOLDS}"
        "When it ends, what the site keeps about you for it is deleted. Destroy this card then.\n"
        "To stop before: tell the desk. There is always another way in.",
    ),
    CardKind.BADGE: CardWords(
        title="Badge",
        holder="Badge of",
        until="Valid until",
        text=f"{_EN_SHOW}"
        "The code is a key. With it the door can read the numbers made from your face that the site keeps locked; "
        "without it nobody can. There is no other copy of this key.\n"
        f"Lost? Tell the desk, and enrol again.\n{_EN_STOP}",
    ),
}
_FRENCH = {
    CardKind.FACE_PASS: CardWords(
        title="Passe visage",
        holder="Passe",
        until="Valable jusqu'au",
        text=f"{_FR_SHOW}{_FR_HOLDS}"
        "Perdu ? Dites-le à l'accueil : il est refusé aussitôt, et vous en recevez un autre, avec une nouvelle photo.\n"
        f"{_FR_STOP}",
    ),
    CardKind.VISITOR: CardWords(
        title="Passe visage pour une visite",
        holder="Passe",
        until="Valable jusqu'au",
        host="Vous rendez visite à",
        text=f"{_FR_SHOW}{_FR_HOLDS}"
        "À la fin, ce que le lieu garde sur vous pour ce passe est effacé. Détruisez alors cette carte.\n"
        "Pour arrêter avant : dites-le à l'accueil. Il y a toujours une autre façon d'entrer.",
    ),
    CardKind.BADGE: CardWords(
        title="Badge",
        holder="Badge de",
        until="Valable jusqu'au",
        text=f"{_FR_SHOW}"
        "Le code est une clé. Avec elle la porte peut lire les nombres tirés de votre visage que le lieu garde "
        "verrouillés ; sans elle personne ne le peut. Il n'y a pas d'autre copie de cette clé.\n"
        f"Perdu ? Dites-le à l'accueil, et inscrivez-vous de nouveau.\n{_FR_STOP}",
    ),
}

WORDS: Mapping[str, Mapping[CardKind, CardWords]] = MappingProxyType({"en": _ENGLISH, "fr": _FRENCH})
"""Language -> kind -> words."""
