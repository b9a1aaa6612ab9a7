"""Other people's lists and folders -> protocol files of limen: pairs, and open-set searches.

LFW       pairs.txt: a first line with folds and pairs per class in each, then ``name n m`` or ``name n other m``.
folders   the first folder of a picture's name is its person.
CSV       columns file,person; further columns ignored.

1. What is drawn is drawn with a seed from sorted names: the order of a folder or a file does not matter.
2. LFW's rows are interleaved so that limen's ten folds (the k-th row of a class goes to fold k mod 10) are LFW's own.
3. No person is on both sides of an open set; strangers are first of all the people who have too few pictures to enrol.
4. Mistakes are named with file and line. Whether the pictures exist is checked when they are read.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.evaluation.pictures import picture_name
from limen.evaluation.protocols import OpenSet, Pairs

__all__ = [
    "People",
    "draw_open_set",
    "draw_pairs",
    "people_in_csv",
    "people_in_folders",
    "read_lfw_pairs",
    "write_open_set",
    "write_pairs",
]

People = Mapping[str, tuple[str, ...]]
"""Person -> names of their pictures, both sorted."""

_LFW_ADVICE = "expected LFW's pairs.txt: `10 300`, then rows of `name n m` or `name n other m`"
_CSV_ADVICE = "expected a CSV file whose first line names the columns file,person"
_FEW_ADVICE = "name each picture person/picture; at least two people, one of them with two pictures"
_Row = tuple[str, str, bool]
_T = TypeVar("_T")


def read_lfw_pairs(path: Path) -> Pairs:
    """Read pairs.txt, pairsDevTrain.txt or pairsDevTest.txt.

    Raises:
        ConfigError: the file cannot be read as described above, or has not as many rows as its first line says.
    """
    lines = [line.split() for line in _text(path, _LFW_ADVICE).splitlines()]
    if not lines or len(lines[0]) not in (1, 2) or not all(word.isdecimal() for word in lines[0]):
        raise ConfigError(f"{path}: line 1: expected folds and pairs per class", advice=_LFW_ADVICE)
    folds, per_class = (1, int(lines[0][0])) if len(lines[0]) == 1 else (int(lines[0][0]), int(lines[0][1]))
    numbered = enumerate(lines[1:], start=2)
    rows = [_lfw_row(words, where=f"{path}: line {number}") for number, words in numbered if words]
    if len(rows) != 2 * folds * per_class or not rows:
        raise ConfigError(f"{path}: expected {2 * folds * per_class} rows, got {len(rows)}", advice=_LFW_ADVICE)
    blocks = [rows[start : start + 2 * per_class] for start in range(0, len(rows), 2 * per_class)]
    if any(sum(same for _, _, same in block) != per_class for block in blocks):
        raise ConfigError(f"{path}: expected {per_class} rows of each class in every fold", advice=_LFW_ADVICE)
    return _pairs(chain.from_iterable(zip(*blocks, strict=True)))


def people_in_folders(names: Iterable[str]) -> People:
    """People by the first folder of their pictures' names; pictures outside any folder are left out."""
    return _people((name.split("/", 1)[0], name) for name in names if "/" in name)


def people_in_csv(path: Path) -> People:
    """People by the columns file,person.

    Raises:
        ConfigError: the file cannot be read as described above, or a picture has two people.
    """
    listed: dict[str, str] = {}
    rows = csv.DictReader(_text(path, _CSV_ADVICE).splitlines(), strict=True)
    try:
        missing = {"file", "person"} - set(rows.fieldnames or ())
        if missing:
            raise ConfigError(f"{path}: line 1: no column {', '.join(sorted(missing))}", advice=_CSV_ADVICE)
        for row in rows:
            name, person = picture_name((row["file"] or "").strip()), (row["person"] or "").strip()
            if not name or not person:
                raise ConfigError(f"{path}: line {rows.line_num}: file or person is empty", advice=_CSV_ADVICE)
            if listed.setdefault(name, person) != person:
                raise ConfigError(f"{path}: line {rows.line_num}: this picture had another person", advice=_CSV_ADVICE)
    except (csv.Error, ValueError) as error:
        raise ConfigError(f"{path}: line {rows.line_num}: {error}", advice=_CSV_ADVICE) from error
    return _people((person, name) for name, person in listed.items())


def draw_pairs(people: People, *, seed: int, per_person: int = 10, nonmated: int | None = None) -> Pairs:
    """Draw pairs: at most so many mated ones a person, and non-mated ones of two people drawn at random.

    Args:
        people: from one of the readers above.
        seed: of the draw.
        per_person: most mated pairs of one person, so that much-photographed people do not rule.
        nonmated: how many; None for as many as there are mated ones. No pair is drawn twice, so there may be fewer.

    Raises:
        ConfigError: nobody has two pictures, or there is one person only.
    """
    rng = np.random.default_rng(seed)
    mated = [
        (*pair, True)
        for pictures in people.values()
        for pair in _some(list(combinations(pictures, 2)), per_person, rng=rng)
    ]
    if not mated or len(people) < 2:  # noqa: PLR2004 - somebody else
        raise ConfigError("no pairs can be drawn from these pictures", advice=_FEW_ADVICE)
    return _pairs([*mated, *_different(people, len(mated) if nonmated is None else nonmated, rng=rng)])


def draw_open_set(
    people: People, *, seed: int, references: int = 1, probes_per_person: int = 5, stranger_share: float = 0.3
) -> OpenSet:
    """Draw an open-set search: who is enrolled, with which pictures, and who comes to the door.

    Args:
        people: from one of the readers above.
        seed: of the draw.
        references: pictures enrolled per person; everybody enrolled has at least one more.
        probes_per_person: most probes of one person, enrolled or not.
        stranger_share: share of people who are not enrolled at least; people with too few pictures count first.

    Raises:
        ConfigError: nobody is left to enrol, or nobody to be a stranger.
    """
    if references < 1 or probes_per_person < 1 or not 0.0 <= stranger_share < 1.0:
        raise ConfigError("an open set needs a reference and a probe a person", advice="choose 1 or more of each")
    rng = np.random.default_rng(seed)
    able = [person for person, pictures in people.items() if len(pictures) > references]
    wanted = int(np.ceil(stranger_share * len(people) - 1e-9)) - (len(people) - len(able))
    outside = set(_some(able, max(0, wanted), rng=rng))
    enrolled = [person for person in able if person not in outside]
    strangers = [person for person in people if person not in frozenset(enrolled)]
    if not enrolled or not strangers:
        raise ConfigError("no open set can be drawn from these pictures", advice=_FEW_ADVICE)
    shuffled = {person: _some(people[person], len(people[person]), rng=rng) for person in people}
    probes = [
        (name, place)
        for place, person in enumerate(enrolled)
        for name in sorted(shuffled[person][references : references + probes_per_person])
    ]
    whose = np.array([place for _, place in probes], dtype=np.intp)
    whose.setflags(write=False)
    return OpenSet(
        people=tuple(enrolled),
        gallery=tuple(tuple(sorted(shuffled[person][:references])) for person in enrolled),
        mated_images=tuple(name for name, _ in probes),
        mated_people=whose,
        nonmated_images=tuple(name for person in strangers for name in sorted(shuffled[person][:probes_per_person])),
    )


def write_pairs(pairs: Pairs, path: Path) -> None:
    """Write pairs as ``limen evaluate verification`` reads them.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("left", "right", "same"))
            writer.writerows(zip(pairs.left, pairs.right, pairs.same.astype(int).tolist(), strict=True))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="choose another place") from error


def write_open_set(open_set: OpenSet, path: Path) -> None:
    """Write an open set as ``limen evaluate identification`` reads it.

    Raises:
        ConfigError: the file cannot be written.
    """
    probes = zip(open_set.mated_images, open_set.mated_people.tolist(), strict=True)
    document = {
        "gallery": {person: list(names) for person, names in zip(open_set.people, open_set.gallery, strict=True)},
        "mated_probes": [[name, open_set.people[place]] for name, place in probes],
        "nonmated_probes": list(open_set.nonmated_images),
    }
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="choose another place") from error


def _lfw_row(words: list[str], *, where: str) -> _Row:
    match words:
        case [name, first, second] if first.isdecimal() and second.isdecimal():
            return _lfw_name(name, first), _lfw_name(name, second), True
        case [name, first, other, second] if first.isdecimal() and second.isdecimal():
            return _lfw_name(name, first), _lfw_name(other, second), False
        case _:
            raise ConfigError(f"{where}: not a pair", advice=_LFW_ADVICE)


def _lfw_name(person: str, number: str) -> str:
    return f"{person}/{person}_{int(number):04}.jpg"


def _different(people: People, count: int, *, rng: np.random.Generator) -> list[_Row]:
    """Pairs of two people drawn at random, then of a picture of each; none twice, in the order of the draw."""
    pictures = list(people.values())
    drawn: dict[tuple[str, str], None] = {}
    for _ in range(20 * count):
        if len(drawn) == count:
            break
        one, other = np.sort(rng.choice(len(pictures), size=2, replace=False))
        left, right = (pictures[who][int(rng.integers(len(pictures[who])))] for who in (one, other))
        drawn[(left, right)] = None
    return [(left, right, False) for left, right in drawn]


def _some(items: Sequence[_T], count: int, *, rng: np.random.Generator) -> list[_T]:
    """At most so many of a list, in random order."""
    order: NDArray[np.intp] = rng.permutation(len(items))
    return [items[place] for place in order[:count]]


def _people(listed: Iterable[tuple[str, str]]) -> People:
    people: dict[str, set[str]] = defaultdict(set)
    for person, name in listed:
        people[person].add(name)
    return {person: tuple(sorted(people[person])) for person in sorted(people)}


def _pairs(rows: Iterable[_Row]) -> Pairs:
    left, right, labels = zip(*rows, strict=True)
    same = np.array(labels, dtype=np.bool_)
    same.setflags(write=False)
    return Pairs(left=left, right=right, same=same)


def _text(path: Path, advice: str) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=advice) from error
