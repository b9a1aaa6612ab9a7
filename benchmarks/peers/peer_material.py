"""What is compared: a seeded share of an open-set protocol's people, and the same pixels for everybody.

1. A person is the first folder of a picture's name. Enrolled people and strangers are drawn in equal shares; with them
   come all their pictures that the protocol or the list of pairs names.
2. Everybody is enrolled by one picture, the first. References stay bare; with masks, every probe wears a drawn one.
3. Each picture is decoded once and written as an array, so that nobody decodes it differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limen.evaluation.embedding import Change
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import OpenSet, Pairs
from limen.frames.pictures import decode_picture

__all__ = ["Material", "draw", "from_pairs", "person_of", "write_pictures"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """Who is enrolled, who comes, and what is compared.

    Attributes:
        enrolled: p names of pictures, one a person.
        mated: n names, pictures of enrolled people.
        mated_people: intp (n,), each one's place in ``enrolled``.
        strangers: names, pictures of people who are not enrolled.
        references: pictures that stay bare, each once: every probe is compared with all of them but itself.
        probes: pictures that may be masked, each once.
    """

    enrolled: tuple[str, ...] = field(repr=False)
    mated: tuple[str, ...] = field(repr=False)
    mated_people: NDArray[np.intp] = field(repr=False)
    strangers: tuple[str, ...] = field(repr=False)
    references: tuple[str, ...] = field(repr=False)
    probes: tuple[str, ...] = field(repr=False)


def person_of(name: str) -> str:
    """The person of a picture."""
    return name.split("/", 1)[0]


def draw(open_set: OpenSet, pairs: Pairs, *, share: float, seed: int) -> Material:
    """Draw a share of the people.

    Args:
        open_set: an open-set protocol.
        pairs: names more pictures of the people drawn.
        share: above 0, at most 1.
        seed: of the draw.

    Raises:
        ValueError: a share outside its range.
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share: expected above 0 and at most 1, got {share}")
    rng = np.random.default_rng(seed)
    places = _drawn(len(open_set.people), share, rng)
    others = tuple(dict.fromkeys(person_of(name) for name in open_set.nonmated_images))
    strangers = {others[place] for place in _drawn(len(others), share, rng)}
    number = {int(place): n for n, place in enumerate(places)}
    mated = [
        (image, number[int(place)])
        for image, place in zip(open_set.mated_images, open_set.mated_people, strict=True)
        if int(place) in number
    ]
    enrolled = tuple(open_set.gallery[place][0] for place in places)
    searched = (*(image for image, _ in mated), *(n for n in open_set.nonmated_images if person_of(n) in strangers))
    known = strangers | {person_of(name) for name in enrolled}
    paired = (name for name in pairs.images() if person_of(name) in known and name not in enrolled)
    probes = tuple(dict.fromkeys((*searched, *paired)))
    return Material(
        enrolled=enrolled,
        mated=searched[: len(mated)],
        mated_people=np.array([place for _, place in mated], dtype=np.intp),
        strangers=searched[len(mated) :],
        references=tuple(dict.fromkeys((*enrolled, *probes))),
        probes=probes,
    )


def from_pairs(pairs: Pairs) -> Material:
    """Material of pairs alone: the left pictures of mated rows are enrolled, the right ones searched among them all.

    Raises:
        ValueError: no mated row, or a left picture stands in two of them.
    """
    rows = np.flatnonzero(pairs.same)
    enrolled = tuple(pairs.left[row] for row in rows)
    if len(set(enrolled)) != len(enrolled) or not enrolled:
        raise ValueError("pairs: expected mated rows, each with a left picture of its own")
    return Material(
        enrolled=enrolled,
        mated=tuple(pairs.right[row] for row in rows),
        mated_people=np.arange(len(rows)),
        strangers=(),
        references=enrolled,
        probes=tuple(dict.fromkeys(pairs.right[row] for row in rows)),
    )


def write_pictures(
    pictures: PictureSet,
    names: Sequence[str],
    folder: Path,
    *,
    changed: Change = lambda _, frame: frame,
    progress: Callable[[int], None] = lambda _: None,
) -> Mapping[str, Path]:
    """Write pictures as arrays, uint8 (H, W, 3), BGR.

    Args:
        pictures: where they are.
        names: which.
        folder: where the arrays go.
        changed: draws masks; one that cannot be changed is not written, and fails for everybody.
        progress: told how many are done.

    Returns:
        Name -> file, in the order asked for.
    """
    folder.mkdir()
    written: dict[str, Path] = {}
    for number, (name, content) in enumerate(pictures.read(names)):
        frame = changed(name, decode_picture(content, name=name, at=_EPOCH))
        if frame is not None:
            written[name] = folder / f"{number:06d}.npy"
            np.save(written[name], frame.pixels)
        progress(number + 1)
    return {name: written[name] for name in names if name in written}


def _drawn(count: int, share: float, rng: np.random.Generator) -> NDArray[np.intp]:
    return np.sort(rng.permutation(count)[: max(1, round(share * count))])
