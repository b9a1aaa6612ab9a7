"""restored: people who withdrew and whose old rows somebody has put back."""

from __future__ import annotations

from limen.core.people import SubjectId
from limen.core.ports import UnitOfWork

__all__ = ["restored"]


def restored(unit: UnitOfWork) -> tuple[SubjectId, ...]:
    """Enrolled people of whom the audit chain says that they are gone.

    A person's alias comes from the person's own key. Old rows put back bring the old key with them, and with it the
    alias of the withdrawal. Not found: the whole database put back, chain and all.
    """
    gone = unit.audit.gone()
    if not gone:
        return ()
    return tuple(item.subject_id for item in unit.subjects.all() if unit.subjects.alias(item.subject_id) in gone)
