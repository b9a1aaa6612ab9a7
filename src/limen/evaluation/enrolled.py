"""A store of references in memory, filled up with synthetic ones: galleries of any size for benchmarks.

Synthetic references are drawn so that they are as alike to each other and to real ones as those are among themselves: a
normal distribution with the covariance of real embeddings, or of no direction more than another where too few are
given. None of them is anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.people import ReferenceBlock, ReferenceId, SiteKind, SubjectId
from limen.core.probe import ModelId
from limen.gallery.protection import Rotation

__all__ = ["EnrolledInMemory", "synthetic_embeddings"]

_NEVER = datetime(2999, 1, 1, tzinfo=UTC)
_FEW = 256
_SHRINKAGE = 0.1


def synthetic_embeddings(
    count: int, *, like: NDArray[np.float32], dimensions: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Unit vectors spread as real ones are.

    Args:
        count: how many.
        like: float32 (n, d), real embeddings; with fewer than 256 no direction is preferred.
        dimensions: d.
        rng: decides.

    Returns:
        float32 (count, d).
    """
    rows = rng.standard_normal((count, dimensions)).astype(np.float32)
    if len(like) >= _FEW:
        spread = np.cov(like.astype(np.float64).T)
        spread = (1 - _SHRINKAGE) * spread + _SHRINKAGE * np.eye(dimensions) * np.trace(spread) / dimensions
        rows = rows @ np.linalg.cholesky(spread).T.astype(np.float32) + like.mean(axis=0)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class EnrolledInMemory:
    """As much of the port ``Store`` as a gallery reads; makes references when asked and keeps none.

    Args:
        names: of the people, one a row.
        embeddings: float32 (n, d), bare references.
        model_id: of the embeddings.
        rotation: the gallery's.
    """

    def __init__(
        self, names: Sequence[str], embeddings: NDArray[np.float32], *, model_id: ModelId, rotation: Rotation
    ) -> None:
        self._names, self._embeddings = tuple(names), embeddings
        self._model_id, self._rotation = model_id, rotation

    @property
    def site_kind(self) -> SiteKind:
        """A trial."""
        return SiteKind.TRIAL

    def read(self) -> Any:
        """A unit of work whose subjects are these."""
        subjects = SimpleNamespace(generation=lambda: 1, blocks=self._blocks)
        return nullcontext(SimpleNamespace(subjects=subjects, audit=SimpleNamespace(gone=frozenset)))

    def _blocks(self, *, known: AbstractSet[ReferenceId]) -> tuple[tuple[ReferenceBlock, ...], frozenset[ReferenceId]]:
        if known:
            raise ValueError("known: expected a gallery that is loaded once")
        ids = tuple(ReferenceId(f"r-{name}") for name in self._names)
        if not ids:
            return (), frozenset()
        block = ReferenceBlock(
            model_id=self._model_id,
            reference_ids=ids,
            subject_ids=tuple(SubjectId(name) for name in self._names),
            aliases=frozenset(),
            vectors=self._rotation.protect(self._embeddings),
            confirmed=np.ones(len(ids), dtype=np.bool_),
            expires_s=np.full(len(ids), _NEVER.timestamp()),
        )
        return (block,), frozenset(ids)
