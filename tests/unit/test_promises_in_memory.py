"""What the promises say of faces in memory: nothing is told of them, and they do not outlive the attempt."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

from limen.core.match import Unknown
from limen.gallery.comparer import CalibratedComparer
from support.calibrations import make_calibration
from support.flowsite import FlowSite
from support.vision import alike, make_probe, unit


def _told(*values: object) -> str:
    return " ".join(f"{value!r} {value!s}" for value in values)


def _numbers_of(embedding: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[str]:
    """How the components would look in any text: four digits are enough to give them away."""
    return [f"{abs(float(value)):.4f}"[1:] for value in embedding[:32]]


def test_a_probe_tells_no_embedding() -> None:
    """Printed, formatted or compared with, a probe shows nothing of its embedding."""
    embedding = np.full(128, 1 / np.sqrt(128), np.float32)
    embedding[:32] = np.linspace(0.01, 0.1234, 32)
    embedding /= np.linalg.norm(embedding)
    probe = make_probe(embedding)
    with pytest.raises(ValueError, match="expected model") as caught:
        CalibratedComparer(replace(make_calibration(), model_id="another@0")).compare(probe, probe)  # type: ignore[arg-type]
    text = _told(probe, [probe], {"probe": probe}, caught.value)
    assert [number for number in _numbers_of(embedding) if number in text] == []
    assert "array" not in text


@pytest.mark.parametrize("length", [0.5, 2.0])
def test_a_refused_embedding_is_not_shown_in_the_error(length: float) -> None:
    """The error about a wrong embedding tells its norm or shape and no component."""
    embedding = unit(4) * np.float32(length)
    with pytest.raises(ValueError, match="embedding: expected unit norm") as caught:
        make_probe(embedding)
    text = _told(caught.value)
    assert [number for number in _numbers_of(embedding) if number in text] == []


def test_recognising_is_silent(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """Enrolling and recognising, known and unknown, log nothing and print nothing."""
    site = FlowSite()
    with caplog.at_level(logging.DEBUG):
        site.enrol(site.vision.shows(unit(1)))
        site.recognise()(site.vision.shows(alike(unit(1), 0.8), unit(2)))
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_stranger_leaves_no_trace() -> None:
    """Promise 2: an unknown face changes no row, no record and no counter of the store, and its probe is wiped."""
    site = FlowSite()
    site.enrol(site.vision.shows(unit(1)))
    before = site.store.state.copy()
    (recognition,), _ = site.recognise()(site.vision.shows(unit(2)))
    assert isinstance(recognition.match, Unknown)
    assert site.store.state == before
    assert not recognition.probe.embedding.any()
    assert not site.vision.given[-1].embedding.any()


def test_a_known_face_is_wiped_too() -> None:
    """Whoever it was, the embedding does not outlive the attempt."""
    site = FlowSite()
    site.enrol(site.vision.shows(unit(1)))
    site.recognise()(site.vision.shows(unit(1), unit(2), unit(3)))
    assert all(not probe.embedding.any() for probe in site.vision.given)
