"""Links: an address with a random code in it that opens one person's own page, and nothing else."""

from __future__ import annotations

from typing import Protocol

from limen.core.people import SubjectId

__all__ = ["LinkStore"]


class LinkStore(Protocol):
    """Codes that open a page for one person alone; only their hashes are kept. Part of every unit of work."""

    def issue(self, subject_id: SubjectId) -> str:
        """A new code, in place of any before; it is told once.

        Raises:
            StorageError: the store cannot be written.
        """

    def owner(self, code: str) -> SubjectId | None:
        """Whose page a code opens, or None."""

    def destroy(self, subject_id: SubjectId) -> int:
        """Take a person's code away; how many there were."""
