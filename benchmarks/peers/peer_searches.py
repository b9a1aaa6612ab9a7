"""Exact search for the one most alike, by four means; runs inside the environment of each."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["SEARCHERS", "Searcher"]

Rows = NDArray[np.float32]


class Searcher(Protocol):
    """Rows that can be searched."""

    def fill(self, rows: Rows) -> None:
        """Take float32 (n, d), unit rows."""

    def best(self, query: Rows) -> int:
        """The row most alike to float32 (d,)."""


class Limen:
    """``limen.gallery.exact``."""

    def fill(self, rows: Rows) -> None:
        from limen.gallery.exact import ExactIndex  # noqa: PLC0415
        from limen.vision.runtime import core_count  # noqa: PLC0415

        self._index = ExactIndex(rows.shape[1], workers=core_count())
        self._index.add(rows)
        self._usable = np.ones(len(rows), dtype=np.bool_)

    def best(self, query: Rows) -> int:
        found = self._index.best(query, usable=self._usable)
        return -1 if found is None else found[0]


class Numpy:
    """One product."""

    def fill(self, rows: Rows) -> None:
        self._rows = rows.copy()

    def best(self, query: Rows) -> int:
        return int((self._rows @ query).argmax())


class Faiss:
    """``faiss.IndexFlatIP``."""

    def fill(self, rows: Rows) -> None:
        import faiss  # noqa: PLC0415

        self._index = faiss.IndexFlatIP(rows.shape[1])
        self._index.add(rows)

    def best(self, query: Rows) -> int:
        return int(self._index.search(query[None], 1)[1][0, 0])


class Usearch:
    """``usearch``, exact."""

    def fill(self, rows: Rows) -> None:
        from usearch.index import MetricKind, search  # noqa: PLC0415

        self._rows, self._kind, self._search = rows.copy(), MetricKind.IP, search

    def best(self, query: Rows) -> int:
        return int(self._search(self._rows, query[None], 1, self._kind, exact=True).keys.ravel()[0])


SEARCHERS: dict[str, type[Searcher]] = {"limen": Limen, "numpy": Numpy, "faiss": Faiss, "usearch": Usearch}
