"""Importers: LFW's lists, folders and CSV become protocols that limen's own readers take, the same for a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limen.core.errors import ConfigError
from limen.evaluation.importers import (
    People,
    draw_open_set,
    draw_pairs,
    people_in_csv,
    people_in_folders,
    read_lfw_pairs,
    write_open_set,
    write_pairs,
)
from limen.evaluation.protocols import read_open_set, read_pairs

NAMES = [f"p{person:02}/{picture}.jpg" for person in range(20) for picture in range(1 + person % 5)]
PEOPLE = people_in_folders(NAMES)


def lfw(folder: Path, text: str) -> Path:
    """A list as LFW writes it."""
    path = folder / "pairs.txt"
    path.write_text(text, "utf-8")
    return path


def test_lfw_pairs_are_read_so_that_our_folds_are_theirs(tmp_path: Path) -> None:
    """With two folds of two rows a class, the k-th row of each class alternates between the folds."""
    rows = ["2\t2", "A\t1\t2", "A\t1\t3", "A\t1\tB\t2", "A\t2\tB\t10", "C\t1\t2", "C\t3\t4", "C\t1\tD\t1", "C\t2\tD\t1"]
    pairs = read_lfw_pairs(lfw(tmp_path, "\n".join(rows) + "\n"))
    mated = [name[0] for name, same in zip(pairs.left, pairs.same, strict=True) if same]
    nonmated = [name[0] for name, same in zip(pairs.left, pairs.same, strict=True) if not same]
    assert mated == nonmated == ["A", "C", "A", "C"]
    assert ("A/A_0002.jpg", "B/B_0010.jpg") in set(zip(pairs.left, pairs.right, strict=True))


def test_a_list_of_one_fold_keeps_its_order(tmp_path: Path) -> None:
    """The development lists begin with one number, rows a class."""
    pairs = read_lfw_pairs(lfw(tmp_path, "1\nA\t1\t4\nA\t1\tB\t1\n"))
    assert (pairs.left, pairs.same.tolist()) == (("A/A_0001.jpg", "A/A_0001.jpg"), [True, False])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected folds"),
        ("A 1 2\n", "line 1: expected folds"),
        ("1\nA 1 2\n", "expected 2 rows, got 1"),
        ("0\n", "expected 0 rows, got 0"),
        ("1\nA 1 2\nA 1 3\n", "expected 1 rows of each class"),
        ("1\nA 1 2\nA x B 1\n", "line 3: not a pair"),
        ("1\nA 1\nA 1 B 1\n", "line 2: not a pair"),
    ],
)
def test_mistakes_in_lfw_lists_are_named(tmp_path: Path, text: str, message: str) -> None:
    """Each is told with the file and, where there is one, the line."""
    with pytest.raises(ConfigError, match=message) as caught:
        read_lfw_pairs(lfw(tmp_path, text))
    assert str(caught.value).startswith(str(tmp_path))


def test_no_list(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_lfw_pairs(tmp_path / "none.txt")


def test_people_are_folders() -> None:
    """The first folder is the person; deeper folders belong to it; a picture outside any folder is nobody's."""
    assert people_in_folders(["b/2.jpg", "b/1.jpg", "a/x/1.jpg", "loose.jpg", "b/1.jpg"]) == {
        "a": ("a/x/1.jpg",),
        "b": ("b/1.jpg", "b/2.jpg"),
    }


def test_people_are_read_from_csv(tmp_path: Path) -> None:
    """Columns may stand in any order among others, and a row may be there twice."""
    path = tmp_path / "people.csv"
    path.write_text("\ufeffx,person,file\n1,Ada,./1.jpg\n1,Bob,2.jpg\n1,Ada,1.jpg\n", "utf-8")
    assert people_in_csv(path) == {"Ada": ("1.jpg",), "Bob": ("2.jpg",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column file, person"),
        ("file\na\n", "line 1: no column person"),
        ("file,person\na.jpg,\n", "line 2: file or person is empty"),
        ("file,person\na.jpg\n", "line 2: file or person is empty"),
        ("file,person\n../a.jpg,x\n", "leads out of the set"),
        ("file,person\na.jpg,x\na.jpg,y\n", "line 3: this picture had another person"),
        ('file,person\n"a.jpg,x\n', "unexpected end"),
    ],
)
def test_mistakes_in_csv_are_named(tmp_path: Path, text: str, message: str) -> None:
    """Each is told with the file and the line."""
    path = tmp_path / "people.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        people_in_csv(path)


def test_drawn_pairs_are_right_and_each_once() -> None:
    """Mated pairs are of one folder, the others of two, none is there twice, and nobody has more than asked."""
    pairs = draw_pairs(PEOPLE, seed=1, per_person=3)
    folders = [[name.split("/")[0] for name in names] for names in (pairs.left, pairs.right)]
    assert [one == other for one, other in zip(*folders, strict=True)] == pairs.same.tolist()
    assert len(set(zip(pairs.left, pairs.right, strict=True))) == len(pairs.left)
    mated = [person for person, same in zip(folders[0], pairs.same, strict=True) if same]
    assert max(mated.count(person) for person in mated) == 3
    assert np.count_nonzero(~pairs.same) == len(mated)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_names_does_not_matter_and_the_seed_does(seed: int) -> None:
    """A shuffled folder gives the same protocols; another seed gives others."""
    shuffled = people_in_folders(np.random.default_rng(seed).permutation(NAMES).tolist())
    one, other = draw_pairs(PEOPLE, seed=seed), draw_pairs(shuffled, seed=seed)
    assert (one.left, one.right) == (other.left, other.right)
    first, second = draw_open_set(PEOPLE, seed=seed), draw_open_set(shuffled, seed=seed)
    assert first.images() == second.images()
    assert draw_pairs(PEOPLE, seed=7).right != one.right
    assert draw_open_set(PEOPLE, seed=7).images() != first.images()


def test_as_many_different_pairs_as_there_are() -> None:
    """Asked for more than exist, each is drawn once and then there are no more."""
    people: People = {"a": ("a/1", "a/2"), "b": ("b/1",)}
    assert np.count_nonzero(~draw_pairs(people, seed=0, nonmated=50).same) == 2


@pytest.mark.parametrize("people", [{}, {"a": ("a/1", "a/2")}, {"a": ("a/1",), "b": ("b/1",)}])
def test_too_few_people_are_told(people: People) -> None:
    """Without a second person, or a second picture of anybody, there is nothing to draw."""
    with pytest.raises(ConfigError, match="no pairs can be drawn"):
        draw_pairs(people, seed=0)
    with pytest.raises(ConfigError, match="no open set can be drawn"):
        draw_open_set(people, seed=0)


def test_an_open_set_keeps_people_apart() -> None:
    """Nobody is enrolled and a stranger; references are no probes; a third at least are strangers."""
    drawn = draw_open_set(PEOPLE, seed=3, references=2, probes_per_person=2, stranger_share=0.75)
    outside = {name.split("/")[0] for name in drawn.nonmated_images}
    assert outside.isdisjoint(drawn.people)
    assert len(outside) == 15
    assert len(outside) + len(drawn.people) == len(PEOPLE)
    assert all(len(names) == 2 for names in drawn.gallery)
    assert set(drawn.mated_images).isdisjoint(name for names in drawn.gallery for name in names)
    owners = [drawn.people[place] for place in drawn.mated_people]
    assert owners == [name.split("/")[0] for name in drawn.mated_images]
    assert max(owners.count(person) for person in owners) <= 2


@pytest.mark.parametrize("wrong", [{"references": 0}, {"probes_per_person": 0}, {"stranger_share": 1.0}])
def test_an_open_set_needs_references_and_probes(wrong: dict[str, int]) -> None:
    """None of either is refused."""
    with pytest.raises(ConfigError, match="a reference and a probe"):
        draw_open_set(PEOPLE, seed=0, **wrong)


def test_what_is_written_is_what_limen_reads(tmp_path: Path) -> None:
    """Pairs and open sets come back as they were."""
    pairs, search = draw_pairs(PEOPLE, seed=0), draw_open_set(PEOPLE, seed=0)
    write_pairs(pairs, tmp_path / "pairs.csv")
    write_open_set(search, tmp_path / "openset.json")
    again, found = read_pairs(tmp_path / "pairs.csv"), read_open_set(tmp_path / "openset.json")
    assert (again.left, again.right, again.same.tolist()) == (pairs.left, pairs.right, pairs.same.tolist())
    assert (found.people, found.gallery, found.images()) == (search.people, search.gallery, search.images())
    assert found.mated_people.tolist() == search.mated_people.tolist()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder that does not exist is one line."""
    with pytest.raises(ConfigError, match="cannot be written"):
        write_pairs(draw_pairs(PEOPLE, seed=0), tmp_path / "none" / "pairs.csv")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_open_set(draw_open_set(PEOPLE, seed=0), tmp_path / "none" / "openset.json")
