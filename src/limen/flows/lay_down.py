"""lay_down: what a site lays down for a person at its doors: groups, badge number, PIN."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.passes import is_pin
from limen.core.people import Rights, SubjectId
from limen.core.ports import Clock, Store
from limen.flows.somebody import somebody

__all__ = ["LayDown"]

_GROUP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_BADGE = re.compile(r"[0-9A-Za-z-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayDown:
    """Changes a person's rights; what is not given stays.

    Attributes:
        store: of the site.
        clock: of the site.
        pin_hash: PIN -> what is kept of it.
    """

    store: Store
    clock: Clock
    pin_hash: Callable[[str], str]

    def __call__(
        self,
        subject_id: SubjectId,
        *,
        groups: frozenset[str] | None = None,
        badge: str | None = None,
        pin: str | None = None,
    ) -> Rights:
        """The person's rights as they are now.

        Raises:
            RefusedError: there is no such person, or a name, number or PIN that cannot be.
        """
        for name in groups or ():
            _check(_GROUP, name, "a group is small letters, digits and hyphens")
        if badge is not None:
            _check(_BADGE, badge, "a badge is up to 40 letters, digits and hyphens")
        if pin is not None and not is_pin(pin):
            raise RefusedError("a PIN is 4 to 12 digits", advice="give another", reason="not_usable")
        with self.store.begin() as unit:
            somebody(unit, subject_id)
            before = unit.rights.get(subject_id)
            after = replace(
                before,
                groups=before.groups if groups is None else groups,
                badge=before.badge if badge is None else badge,
                pin_hash=before.pin_hash if pin is None else self.pin_hash(pin),
            )
            unit.rights.put(subject_id, after)
            detail = {"groups": len(after.groups), "badge": after.badge is not None, "pin": after.pin_hash is not None}
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.RIGHTS_CHANGED, at=self.clock.now(), alias=alias, detail=detail)
            unit.commit()
        return after


def _check(form: re.Pattern[str], text: str, words: str) -> None:
    if form.fullmatch(text) is None:
        raise RefusedError(f"{words}, got {text!r}", advice="give another", reason="not_usable")
