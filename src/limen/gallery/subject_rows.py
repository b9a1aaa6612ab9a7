"""People and references as rows: which columns, what a seal binds, and the way back.

Rule kept: a seal binds every column that stands beside it in clear, so that an edited row does not open.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, func, select

from limen.core.people import Reference, ReferenceId, Subject, SubjectId
from limen.core.probe import MaskState, ModelId
from limen.storage.agreement_rows import AGREEMENT_COLUMNS
from limen.storage.schema import agreements, data_keys, subject_references, subjects, utc_text
from limen.storage.vault import PersonKey, associated

__all__ = ["name_bound", "reference_of", "reference_query", "reference_values", "subject_query", "subject_values"]

_TEMPLATE_DTYPE = np.dtype("<f4")

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
    bound = associated(
        "template",
        row.reference_id,
        row.subject_id,
        row.model_id,
        row.scheme_id,
        row.mask,
        row.quality,
        row.confirmed,
        row.expires_at,
    )
    plain = key.open(row.template_sealed, bound=bound, row=f"subject_references row {row.row_id}")
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
