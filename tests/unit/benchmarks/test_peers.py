"""The benchmark beside peers, without any peer: what is drawn, compared, counted and written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from peer_environments import Environment
from peer_list import LIMEN, PEERS, SEARCHES
from peer_material import Material, draw, from_pairs, person_of, write_pictures
from peer_page import page
from peer_process import Worker, rotated
from peer_rates import Sides, calibrated, embedded_of, measured, plain

from limen.evaluation.crossfit import half_of
from limen.evaluation.embedding import Embedded
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import OpenSet, Pairs
from support.calibrations import make_calibration

PEOPLE = 60


def _open_set() -> OpenSet:
    enrolled = [f"e{n}" for n in range(PEOPLE)]
    return OpenSet(
        people=tuple(enrolled),
        gallery=tuple((f"{person}/0.png", f"{person}/9.png") for person in enrolled),
        mated_images=tuple(f"{person}/1.png" for person in enrolled),
        mated_people=np.arange(PEOPLE),
        nonmated_images=tuple(f"s{n}/0.png" for n in range(PEOPLE)),
    )


def _pairs() -> Pairs:
    rows = [("e0/0.png", "e0/1.png", True), ("e1/2.png", "e1/3.png", True), ("e2/0.png", "s3/0.png", False)]
    left, right, same = zip(*rows, strict=True)
    return Pairs(left=left, right=right, same=np.array(same))


def _embedded(names: tuple[str, ...], *, noise: float, seed: int) -> Embedded:
    """Everybody's own random direction, and noise around it; the picture of e5 as a probe fails."""
    rows = np.full((len(names), 128), np.nan, dtype=np.float32)
    rng = np.random.default_rng(seed)
    for row, name in enumerate(names):
        person = np.random.default_rng(list(person_of(name).encode())).standard_normal(128)
        if name != "e5/1.png":
            mixed = person / np.linalg.norm(person) + noise * rng.standard_normal(128) / np.sqrt(128)
            rows[row] = mixed / np.linalg.norm(mixed)
    return embedded_of(names, rows, np.zeros(len(names), dtype=np.bool_))


def _sides(material: Material, *, noise: float = 0.3) -> Sides:
    return Sides(
        references=_embedded(material.references, noise=noise, seed=1),
        probes=_embedded(material.probes, noise=noise, seed=2),
    )


def test_a_share_is_drawn_by_people_and_by_seed() -> None:
    """Half of the people is half of the enrolled and half of the strangers, with all their probes; always the same."""
    material = draw(_open_set(), _pairs(), share=0.5, seed=3)
    again = draw(_open_set(), _pairs(), share=0.5, seed=3)
    assert (len(material.enrolled), len(material.mated), len(material.strangers)) == (30, 30, 30)
    assert material.enrolled == again.enrolled
    assert [person_of(material.enrolled[place]) for place in material.mated_people] == [
        person_of(name) for name in material.mated
    ]
    assert draw(_open_set(), _pairs(), share=0.5, seed=4).enrolled != material.enrolled


def test_pairs_name_more_pictures_of_the_people_drawn() -> None:
    """The pictures of the pairs are probes and references; nobody's picture is there twice."""
    material = draw(_open_set(), _pairs(), share=1.0, seed=0)
    assert {"e1/2.png", "e1/3.png", "s3/0.png"} <= set(material.probes) <= set(material.references)
    assert set(material.references) - set(material.probes) == set(material.enrolled)
    assert len(set(material.references)) == len(material.references)


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_no_share_and_more_than_all_are_refused(share: float) -> None:
    """A share is above 0 and at most 1."""
    with pytest.raises(ValueError, match="share"):
        draw(_open_set(), _pairs(), share=share, seed=0)


def test_pairs_alone_make_a_closed_set() -> None:
    """Left pictures of mated rows are enrolled, right ones searched; a left picture in two rows is refused."""
    material = from_pairs(_pairs())
    assert material.enrolled == material.references == ("e0/0.png", "e1/2.png")
    assert material.mated == material.probes == ("e0/1.png", "e1/3.png")
    twice = Pairs(left=("a/0", "a/0"), right=("a/1", "a/2"), same=np.array([True, True]))
    with pytest.raises(ValueError, match="left picture of its own"):
        from_pairs(twice)


def test_everybody_gets_the_same_pixels(tmp_path: Path) -> None:
    """A picture is written as it was decoded, or as it was changed; one that cannot be changed is not written."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    folder = tmp_path / "pictures" / "p"
    folder.mkdir(parents=True)
    for name in ("0.png", "1.png"):
        (folder / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    pictures = PictureSet([tmp_path / "pictures"])
    written = write_pictures(
        pictures,
        ["p/1.png", "p/0.png"],
        tmp_path / "out",
        changed=lambda name, frame: None if name == "p/1.png" else frame,
    )
    assert list(written) == ["p/0.png"]
    np.testing.assert_array_equal(np.load(written["p/0.png"]), pixels)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_likeness_is_worked_out_as_by_hand(metric: str) -> None:
    """The cosine, or the distance with its sign turned; a failed probe is minus infinity to everybody."""
    material = draw(_open_set(), _pairs(), share=1.0, seed=0)
    sides = _sides(material)
    likeness = plain(sides, metric=metric)(("e0/1.png", "e5/1.png"), material.enrolled)
    probe = sides.probes.embeddings[sides.probes.place()["e0/1.png"]].astype(np.float64)
    references = sides.references.embeddings[: len(material.enrolled)].astype(np.float64)
    by_hand = references @ probe if metric == "cosine" else -np.linalg.norm(references - probe, axis=1)
    np.testing.assert_allclose(likeness[0], by_hand, atol=1e-6)
    assert (likeness[1] == -np.inf).all()


def test_another_metric_is_refused() -> None:
    """A metric has one of two names."""
    with pytest.raises(ValueError, match="metric"):
        plain(_sides(from_pairs(_pairs())), metric="hamming")


@pytest.mark.parametrize("both_ways", [False, True])
def test_all_pairs_inside_a_half_are_compared(*, both_ways: bool) -> None:
    """Bare pictures meet once, masked ones both ways round, none itself; the failed picture fails each comparison."""
    material = draw(_open_set(), _pairs(), share=1.0, seed=0)
    sides = _sides(material)
    rates = measured(material, sides, by_half=[plain(sides, metric="cosine")] * 2, both_ways=both_ways)
    compared = {
        (probe, reference) if both_ways else tuple(sorted((probe, reference)))
        for probe in material.probes
        for reference in material.references
        if probe != reference and half_of(probe) == half_of(reference)
    }
    mated = [pair for pair in compared if person_of(pair[0]) == person_of(pair[1])]
    assert (rates["n_mated"], rates["n_nonmated"]) == (len(mated), len(compared) - len(mated))
    assert (rates["n_searches"], rates["n_strangers"]) == (PEOPLE, PEOPLE)
    acquired = material.probes if both_ways else material.references
    assert rates["fta"] == {"images": len(acquired), "failed": 1, "rate": 1 / len(acquired)}
    assert rates["tpr_at_fmr_counts"]["1e-2"]["errors"] == 1
    assert rates["rank1_counts"] == {"errors": 1, "trials": PEOPLE}


def test_limen_is_compared_on_its_own_scale() -> None:
    """On the calibrated scale people stay in the order that their cosines give."""
    material = draw(_open_set(), _pairs(), share=1.0, seed=0)
    sides = _sides(material)
    cross = calibrated(sides, make_calibration())
    likeness = cross(material.mated, material.enrolled)
    cosines = plain(sides, metric="cosine")(material.mated, material.enrolled)
    assert (likeness[5] == -np.inf).all()
    place = material.mated.index("e5/1.png")
    others = [row for row in range(PEOPLE) if row != place]
    assert (likeness[others].argmax(axis=1) == cosines[others].argmax(axis=1)).all()


def test_everybody_takes_turns() -> None:
    """Who comes first changes with every turn, and everybody comes once."""
    assert [rotated(["a", "b", "c"], turn) for turn in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def _speed(milliseconds: float, mib: float) -> dict[str, Any]:
    stages = dict.fromkeys(("detect_ms", "describe_ms", "search_ms"), milliseconds / 3)
    size = {"start_s": 1.0, "peak_mib": mib, "install_mib": 10.0}
    return {"p50_ms": milliseconds, "p95_ms": milliseconds, "found": 10, **stages, **size}


@pytest.fixture
def results() -> dict[str, Any]:
    """Made-up results of all three steps, in which limen is the fastest and not the smallest."""
    material = draw(_open_set(), _pairs(), share=1.0, seed=0)
    rates = {}
    for name, noise in ((LIMEN, 0.1), (f"{LIMEN}, as shipped", 0.1), *((peer.name, 2.0) for peer in PEERS[1:])):
        sides = _sides(material, noise=noise)
        rates[name] = measured(material, sides, by_half=[plain(sides, metric="cosine")] * 2, both_ways=False)
    made = {"made_on": "2026-01-01", "machine": "a machine, 2 cores", "load": 30.0}
    row = {"p50_ms": 1.0, "p99_ms": 2.0, "mib": 3.0, "wrong": 0, "queries": 10}
    searched = {size: {peer.name: row for peer in SEARCHES} for size in ("1000", "1000000")}
    return {
        "errors": {"share": 1.0, "seed": 1, "pictures": 9, "enrolled": PEOPLE, "bare": rates, "versions": {}, **made},
        "speed": {
            "rounds": 10,
            "frames": 5,
            "enrolled": 1000,
            "versions": {"opencv": {"opencv-python-headless": "9.9"}},
            "peers": {peer.name: _speed(50.0 + n, 300.0 - n) for n, peer in enumerate(PEERS)},
            **made,
        },
        "search": {**searched, "versions": {}, **made},
    }


def test_the_page_says_caveats_first_and_leaves_nobody_out(results: dict[str, Any]) -> None:
    """Caveats stand before the first table; each peer and each search has its row, with its licences."""
    text = page(results)
    assert text.index("## Caveats first") < text.index("|")
    for peer in PEERS:
        assert text.count(f"| {peer.name} |") >= 3
        assert peer.weights in text
    assert all(f"| {peer.name} |" in text for peer in SEARCHES)
    assert "opencv-python-headless 9.9" in text


def test_the_page_says_when_the_machine_was_busy(results: dict[str, Any]) -> None:
    """A load far above the cores is told beside the date; an idle machine is not."""
    assert "The machine was busy (load average 30)" in page(results)
    results["search"]["load"] = results["speed"]["load"] = results["errors"]["load"] = 0.5
    assert "busy" not in page(results)


def test_the_page_says_where_limen_loses(results: dict[str, Any]) -> None:
    """Memory, in which all peers need less here, is told in words; time, in which limen wins, is not."""
    text = page(results)
    lost = text[text.index("Where limen is behind") :]
    assert "- memory: opencv, verifyface, face_recognition need less." in lost
    assert "- time:" not in lost


def test_a_step_that_was_not_run_has_no_section(results: dict[str, Any]) -> None:
    """A page of one step holds that step's tables and says who was run."""
    text = page({"search": results["search"]})
    assert "## Exact search" in text
    assert "## Errors" not in text
    assert "## Frame to identity" not in text


def test_a_worker_answers_line_by_line(tmp_path: Path) -> None:
    """In a process of its own it takes rows, finds the one most alike, and says how long that took."""
    rows = np.eye(128, dtype=np.float32)
    np.save(tmp_path / "rows.npy", rows)
    np.save(tmp_path / "queries.npy", rows[[5, 77]])
    here = Environment(python=Path(sys.executable), install_mib=0.0, versions={})
    with Worker(here) as worker:
        worker.ask("fill", {"name": "numpy", "rows": str(tmp_path / "rows.npy")})
        answer = worker.ask("search", {"queries": str(tmp_path / "queries.npy")})
        assert worker.ask("peak")["peak_mib"] > 0
    assert (answer["best"], len(answer["ms"])) == ([5, 77], 2)


def test_a_worker_that_dies_is_told(tmp_path: Path) -> None:
    """What it cannot do ends it, and whoever asked gets an error instead of waiting."""
    here = Environment(python=Path(sys.executable), install_mib=0.0, versions={})
    with Worker(here) as worker, pytest.raises(RuntimeError, match="died of 'fill'"):
        worker.ask("fill", {"name": "numpy", "rows": str(tmp_path / "none.npy")})


def test_no_face_is_a_failed_row() -> None:
    """Rows of NaN are failures, also where a peer found no face at all and so told no length."""
    names, masked = ("a/0", "b/0"), np.zeros(2, dtype=np.bool_)
    nothing: NDArray[np.float32] = np.zeros((2, 0), dtype=np.float32)
    assert embedded_of(names, nothing, masked).failed == names
    half_found = np.array([[1.0, 0.0], [np.nan, np.nan]], dtype=np.float32)
    assert embedded_of(names, half_found, masked).failed == ("b/0",)
