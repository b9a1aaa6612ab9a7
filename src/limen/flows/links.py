"""links: whom a code opens a page for: somebody who was invited, or somebody who is enrolled.

Rule kept: a code that never was, one that was used, one that was taken away and one whose time is up get one and the
same answer, so that nobody learns from it who was invited, and nobody's *no* looks different from silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import Invitation, Subject, SubjectId
from limen.core.ports import Clock, Store
from limen.flows.invite_by_link import invitation_of
from limen.flows.somebody import somebody

__all__ = ["Links"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Issues codes of links, and says whom they open a page for."""

    store: Store
    clock: Clock

    def invited(self, code: str) -> Invitation:
        """Who was invited by a code.

        Raises:
            RefusedError: nobody is, any more or at all.
        """
        with self.store.read() as unit:
            found = unit.invitations.get(invitation_of(code))
        if found is None or found.expires_at <= self.clock.now():
            raise RefusedError(
                "this invitation holds no longer",
                advice="ask whoever gave it to you for another; there is always another way in",
                reason="no_invitation",
            )
        return found

    def give(self, subject_id: SubjectId) -> str:
        """The code of a person's own page, in place of any before; that one was issued is on record.

        Raises:
            RefusedError: there is no such person.
            StorageError: the store cannot be written.
        """
        with self.store.begin() as unit:
            somebody(unit, subject_id)
            code = unit.links.issue(subject_id)
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.CODE_ISSUED, at=self.clock.now(), alias=alias, detail={"page": True})
            unit.commit()
        return code

    def person(self, code: str) -> Subject:
        """Whose own page a code opens.

        Raises:
            RefusedError: nobody's, any more or at all.
        """
        with self.store.read() as unit:
            owner = unit.links.owner(code)
            subject = None if owner is None else unit.subjects.get(owner)
        if subject is None or not subject.agreement.is_live(at=self.clock.now()):
            raise RefusedError(
                "this code opens nothing",
                advice="look at your card again, or ask the desk for a new one",
                reason="no_such_page",
            )
        return subject
