"""The stores that every contract is run on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.people import Reference, ReferenceId, Subject, SubjectId, TemplateKind, new_id
from limen.core.ports import Gallery, Store
from limen.core.probe import MaskState, ModelId
from limen.gallery.calibration import Calibration
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import SCHEME, Rotation
from support.calibrations import make_calibration
from support.clock import NOON, FakeClock
from support.people import enrol, make_agreement
from support.sites import born
from support.stores import MemoryStore
from support.vision import TEST_MODEL

Embedding = NDArray[np.float32]
Enroller = Callable[..., SubjectId]


__all__: list[str] = []


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A trial site that was just born."""
    opened: Store = MemoryStore(clock=FakeClock()) if request.param == "memory" else born(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def calibration() -> Calibration:
    """The one that can be worked out by hand: with few references the threshold is 0.3921."""
    return make_calibration()


@pytest.fixture
def gallery(store: Store, calibration: Calibration) -> Gallery:
    """On the store under test."""
    return MemoryGallery(store, calibration=calibration, rotation=Rotation(bytes(range(32)), dimensions=128))


@pytest.fixture
def enrolled(store: Store, gallery: Gallery) -> Enroller:
    """Enrols a person with these embeddings, past the gallery's back, as another process would."""

    def add(
        *embeddings: Embedding, confirmed: bool = True, days: int = 365, model_id: ModelId = TEST_MODEL
    ) -> SubjectId:
        subject_id = SubjectId(new_id("s"))
        agreement = make_agreement(subject_id, days=days)
        references = tuple(
            Reference(
                reference_id=ReferenceId(new_id("r")),
                subject_id=subject_id,
                vector=gallery.protect(embedding)[0],
                model_id=model_id,
                scheme_id=SCHEME,
                mask=MaskState.NONE,
                quality=80,
                confirmed=confirmed,
                expires_at=agreement.expires_at,
            )
            for embedding in embeddings
        )
        subject = Subject(
            subject_id=subject_id,
            name="Ada",
            kind=TemplateKind.GALLERY,
            agreement=agreement,
            enrolled_at=NOON,
            n_references=len(references),
            confirmed=confirmed and bool(references),
        )
        with store.begin() as unit_of_work:
            enrol(unit_of_work, subject, references)
            unit_of_work.commit()
        return subject_id

    return add
