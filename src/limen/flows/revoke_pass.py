"""revoke_pass: a lost pass is refused from now on, at every door of the site."""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.passes import PassId, PassRecord
from limen.core.people import SubjectId
from limen.core.ports import Clock, Store

__all__ = ["RevokePass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokePass:
    """Revokes face passes."""

    store: Store
    clock: Clock

    def __call__(self, which: str) -> tuple[PassRecord, ...]:
        """Revoke one pass by its id, or every pass of a person by the person's id.

        Returns:
            What is kept of the passes revoked now.

        Raises:
            RefusedError: no pass that still holds is known by that id.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            one = unit.passes.get(PassId(which))
            found = unit.passes.of(SubjectId(which)) if one is None else (one,)
            held = tuple(item for item in found if item.revoked_at is None)
            if not held:
                raise RefusedError(
                    f"{which} is no pass that holds, nor a person who has one",
                    advice="see `limen pass list`",
                    reason="no_such_pass",
                )
            for item in held:
                unit.passes.revoke(item.terms.pass_id, at=now)
                alias = unit.subjects.alias(item.subject_id)
                unit.audit.append(AuditTag.PASS_REVOKED, at=now, alias=alias, detail={"key": item.terms.key_number})
            unit.commit()
        return held
