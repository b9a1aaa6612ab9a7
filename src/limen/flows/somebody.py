"""somebody: the enrolled person of an id, or one and the same refusal."""

from __future__ import annotations

from limen.core.errors import RefusedError
from limen.core.people import Subject, SubjectId
from limen.core.ports import UnitOfWork

__all__ = ["nobody", "somebody"]


def somebody(unit: UnitOfWork, subject_id: SubjectId) -> Subject:
    """The person of an id.

    Raises:
        RefusedError: there is no such person.
    """
    subject = unit.subjects.get(subject_id)
    if subject is None:
        raise nobody(subject_id)
    return subject


def nobody(subject_id: SubjectId) -> RefusedError:
    """What is said where nobody has an id."""
    return RefusedError(f"there is nobody {subject_id} here", advice="see `limen people list`", reason="no_such_person")
