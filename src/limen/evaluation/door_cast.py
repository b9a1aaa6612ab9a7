"""Who walks up in ``limen bench door``: people of a protocol with four pictures and more, or those of packages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

import cv2
import numpy as np

from limen.core.errors import ConfigError
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import OpenSet
from limen.evaluation.walk_ups import Picture
from limen.frames.bundled import ASTRONAUT, GRACE_HOPPER
from limen.frames.drawn import PERSON, STRANGER, draw_face
from limen.frames.pictures import decode_picture, read_picture

__all__ = ["Cast", "Person", "bundled_cast", "cast_of"]

_LEAST_KEYS = 3
_MOST_KEYS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Person:
    """Somebody with references and other pictures, the key frames of a walk-up."""

    name: str
    references: tuple[Picture, ...] = field(repr=False)
    keys: tuple[Picture, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cast:
    """Everybody who comes.

    Attributes:
        people: who is enrolled; each comes as such, and once more as a stranger when taken off the gallery.
        strangers: one picture each of people who are never enrolled.
    """

    people: tuple[Person, ...]
    strangers: tuple[Picture, ...] = field(repr=False)


def cast_of(protocol: OpenSet, pictures: PictureSet, *, most: int, references: int = 1) -> Cast:
    """People enrolled with a reference and at least three other pictures, and strangers.

    Args:
        protocol: who is enrolled by which picture, and whose the probes are.
        pictures: where they are.
        most: of each kind.
        references: how many pictures everybody is enrolled with; those beyond the protocol's one are the first of
            their other pictures.

    Raises:
        ConfigError: there is nobody with so many pictures.
    """
    more = references - 1
    keys: dict[int, list[str]] = defaultdict(list)
    for name, person in zip(protocol.mated_images, protocol.mated_people, strict=True):
        keys[int(person)].append(name)
    several = [
        (number, names[: more + _MOST_KEYS])
        for number, names in sorted(keys.items())
        if len(names) >= more + _LEAST_KEYS
    ]
    if not several:
        raise ConfigError(
            f"nobody of the protocol is enrolled with {more + _LEAST_KEYS} other pictures",
            advice="give a protocol with more pictures a person",
        )
    people, strangers = several[:most], list(protocol.nonmated_images[:most])
    first = [protocol.gallery[number][0] for number, _ in people]
    wanted = [*first, *(name for _, names in people for name in names), *strangers]
    found = {
        name: decode_picture(content, name=name, at=_EPOCH).pixels
        for name, content in pictures.read(list(dict.fromkeys(wanted)))
    }
    return Cast(
        people=tuple(
            Person(
                name=f"person-{number}",
                references=(found[reference], *(found[name] for name in names[:more])),
                keys=tuple(found[name] for name in names[more:]),
            )
            for reference, (number, names) in zip(first, people, strict=True)
        ),
        strangers=tuple(found[name] for name in strangers),
    )


def bundled_cast() -> Cast:
    """One person and one stranger of installed packages, or drawn ones; key frames are made of one picture each."""
    person, stranger = ASTRONAUT.locate(), GRACE_HOPPER.locate()
    if person is None or stranger is None:
        pictures = (draw_face(PERSON), draw_face(STRANGER))
    else:
        pictures = (read_picture(person, at=_EPOCH).pixels, read_picture(stranger, at=_EPOCH).pixels)
    lit = [_lit(pictures[0], step) for step in range(_LEAST_KEYS)]
    shown = Person(name="person-0", references=(pictures[0],), keys=tuple(lit))
    return Cast(people=(shown,), strangers=(pictures[1],))


def _lit(picture: Picture, step: int) -> Picture:
    """The picture a little darker or brighter."""
    return np.asarray(cv2.convertScaleAbs(picture, alpha=0.8 + 0.2 * step), dtype=np.uint8)
