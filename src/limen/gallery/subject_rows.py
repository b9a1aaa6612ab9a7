"""People and references as rows: which columns, what a seal binds, and the way back.

Rule kept: a seal binds every column that stands beside it in clear, so that an edited row does not open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, func, select

from limen.core.people import Reference, ReferenceBlock, ReferenceId, Subject, SubjectId
from limen.core.probe import MaskState, ModelId
from limen.storage.agreement_rows import AGREEMENT_COLUMNS
from limen.storage.schema import agreements, data_keys, subject_references, subjects, utc_text
from limen.storage.vault import PersonKey, associated

__all__ = [
    "blocks_of",
    "name_bound",
    "reference_of",
    "reference_query",
    "reference_values",
    "subject_query",
    "subject_values",
]

_TEMPLATE_DTYPE = np.dtype("<f4")

_BOUND = slice(1, 9)
"""Of a row of ``reference_query``: all between its number and the sealed template, as in `reference_values`."""

_KEY_COLUMNS = (data_keys.c.row_id.label("key_row"), data_keys.c.version, data_keys.c.wrapped)


def subject_query() -> Select[Any]:
    """Everything that makes a subject: the row, its key, its agreement, its references counted."""
    of_person = subject_references.c.subject_id == subjects.c.subject_id
    counted = select(func.count()).select_from(subject_references).where(of_person)
    return (
        select(
            subjects.c.row_id,
            subjects.c.subject_id,
            subjects.c.kind,
            subjects.c.enrolled_at,
            subjects.c.name_sealed,
            counted.scalar_subquery().label("n_references"),
            counted.where(subject_references.c.confirmed).scalar_subquery().label("n_confirmed"),
            *_KEY_COLUMNS,
            *AGREEMENT_COLUMNS,
        )
        .join(data_keys, data_keys.c.subject_id == subjects.c.subject_id)
        .join(agreements, agreements.c.agreement_id == subjects.c.agreement_id)
    )


def reference_query() -> Select[Any]:
    """References with the wrapped keys of their people."""
    return select(*subject_references.c, *_KEY_COLUMNS).join(
        data_keys, data_keys.c.subject_id == subject_references.c.subject_id
    )


def subject_values(subject: Subject, *, key: PersonKey) -> dict[str, str | bytes]:
    """The columns of a person, the name sealed."""
    return {
        "subject_id": subject.subject_id,
        "kind": subject.kind.value,
        "agreement_id": subject.agreement.agreement_id,
        "enrolled_at": utc_text(subject.enrolled_at),
        "name_sealed": key.seal(subject.name.encode(), bound=name_bound(subject)),
    }


def name_bound(subject: Subject) -> bytes:
    """What the seal of a name binds."""
    agreement_id = subject.agreement.agreement_id
    return associated("name", subject.subject_id, subject.kind.value, agreement_id, utc_text(subject.enrolled_at))


def reference_values(reference: Reference, *, key: PersonKey) -> dict[str, str | int | bytes]:
    """The columns of a reference, the template sealed as float32, little-endian."""
    row: dict[str, str | int] = {
        "reference_id": reference.reference_id,
        "subject_id": reference.subject_id,
        "model_id": reference.model_id,
        "scheme_id": reference.scheme_id,
        "mask": reference.mask.value,
        "quality": reference.quality,
        "confirmed": reference.confirmed,
        "expires_at": utc_text(reference.expires_at),
    }
    plain = reference.vector.astype(_TEMPLATE_DTYPE, copy=False).tobytes()
    return row | {"template_sealed": key.seal(plain, bound=associated("template", *row.values()))}


def reference_of(row: Row[Any], *, key: PersonKey) -> Reference:
    """The reference in a row of ``reference_query``.

    Raises:
        StorageError: the row was altered, or is another person's.
    """
    plain = _opened(row, key=key)
    vector: NDArray[np.float32] = np.frombuffer(plain, dtype=_TEMPLATE_DTYPE).astype(np.float32, copy=False)
    return Reference(
        reference_id=ReferenceId(row.reference_id),
        subject_id=SubjectId(row.subject_id),
        vector=vector,
        model_id=ModelId(row.model_id),
        scheme_id=row.scheme_id,
        mask=MaskState(row.mask),
        quality=row.quality,
        confirmed=row.confirmed,
        expires_at=datetime.fromisoformat(row.expires_at),
    )


def blocks_of(rows: Sequence[Row[Any]], *, key_of: Callable[[Row[Any]], PersonKey]) -> Iterator[ReferenceBlock]:
    """The references in rows of ``reference_query``: a block for every run of one model.

    Every key and every template is opened as by `reference_of`; saved is an object, a copy and a check for each.

    Args:
        rows: some.
        key_of: opens the key in a row; asked once for each person.

    Raises:
        StorageError: a row was altered, or is another person's.
    """
    for model_id, run in groupby(rows, key=lambda row: row.model_id):
        theirs = list(run)
        keys: dict[str, PersonKey] = {}
        for row in theirs:
            if row.subject_id not in keys:
                keys[row.subject_id] = key_of(row)
        plain = [_opened(row, key=keys[row.subject_id]) for row in theirs]
        yield ReferenceBlock(
            model_id=ModelId(model_id),
            reference_ids=tuple(row.reference_id for row in theirs),
            subject_ids=tuple(row.subject_id for row in theirs),
            aliases=frozenset(key.alias() for key in keys.values()),
            vectors=np.stack([np.frombuffer(item, dtype=_TEMPLATE_DTYPE) for item in plain]).astype(np.float32),
            confirmed=np.array([row.confirmed for row in theirs], dtype=np.bool_),
            expires_s=np.array([datetime.fromisoformat(row.expires_at).timestamp() for row in theirs]),
        )


def _opened(row: Row[Any], *, key: PersonKey) -> bytes:
    """The template in a row of ``reference_query``, checked against all that stands beside it."""
    bound = associated("template", *row[_BOUND])
    return key.open(row.template_sealed, bound=bound, row=f"subject_references row {row.row_id}")
