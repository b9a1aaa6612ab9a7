"""invite_by_link: people are invited from a list, each by a secret of their own; what they are to have waits with it.

1. The list is CSV with the columns name, group, badge. Every mistake is told at once, with its line, and then nobody is
   invited.
2. The secret goes into the link and nowhere else. The store knows its hash alone: the invitation's id is made of it, so
   that whoever reads the store cannot make the link.
3. Nothing about a face is known or computed; who never answers is forgotten as every invitation is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from limen.core.errors import ConfigError
from limen.core.ledger import AuditTag, Detail
from limen.core.people import Invitation, InvitationId, Rights
from limen.core.ports import Clock, Store
from limen.core.typed_codes import new_code, plain_code

__all__ = ["MOST", "Guest", "InviteByLink", "Invited", "guests_of", "invitation_of"]

MOST = 2000
"""People in one list."""

_SECRET_GROUPS = 5
_MAX_NAME = 200
_TOLD = 20
_GROUP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_BADGE = re.compile(r"[0-9A-Za-z-]{1,40}")
_NOTHING = Rights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One line of the list.

    Attributes:
        name: of the person.
        rights: groups and badge to be laid down once the person is enrolled.
    """

    name: str = field(repr=False)
    rights: Rights = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """One invitation with its secret, told once.

    Attributes:
        invitation: as it is stored.
        secret: for the link; 100 random bits, which can be typed as well.
    """

    invitation: Invitation
    secret: str = field(repr=False)


def invitation_of(secret: str) -> InvitationId:
    """Whose invitation a secret opens: SHA-256 of its 100 random bits, cut to the length of an id."""
    return InvitationId(f"i-{sha256(b'limen/1/invitation ' + plain_code(secret).encode()).hexdigest()[:20]}")


def guests_of(text: str) -> tuple[Guest, ...]:
    """The people of a list: a line of names of columns, then a line for each; comma, semicolon or tab between.

    Args:
        text: CSV with the columns name and, if wanted, group (several with spaces between) and badge.

    Raises:
        ConfigError: with every mistake and its line, of the first twenty.
    """
    first = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    columns = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "name" not in columns or not set(columns) <= {"name", "group", "badge"}:
        raise ConfigError("the first line has to say: name,group,badge", advice="group and badge may be left out")
    filled = [(line, row) for line, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
    read = [_guest(dict(zip(columns, row, strict=False)), line, len(row) - len(columns)) for line, row in filled]
    mistakes = [words for _, wrong in read for words in wrong]
    mistakes += _twice([(line, guest.rights.badge) for (line, _), (guest, _) in zip(filled, read, strict=True)])
    if not 0 < len(read) <= MOST:
        mistakes.append(f"expected 1 to {MOST} people, got {len(read)}")
    if mistakes:
        more = f"; and {len(mistakes) - _TOLD} more" if len(mistakes) > _TOLD else ""
        told = tuple(mistakes[:_TOLD])
        raise ConfigError("; ".join(told) + more, advice="correct the list; nobody was invited", mistakes=told)
    return tuple(guest for guest, _ in read)


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteByLink:
    """Invites people.

    Attributes:
        store: of the site.
        clock: tells when.
        keep: how long an invitation waits for an answer.
    """

    store: Store
    clock: Clock
    keep: timedelta

    def __call__(self, guests: Sequence[Guest], *, by: str) -> tuple[Invited, ...]:
        """Invite all of them, or none.

        Args:
            guests: from `guests_of`.
            by: id of the account.

        Raises:
            StorageError: the store cannot be written.
        """
        now = self.clock.now()
        made = []
        with self.store.begin() as unit:
            for guest in guests:
                secret = new_code(groups=_SECRET_GROUPS)
                invitation = Invitation(
                    invitation_id=invitation_of(secret),
                    name=guest.name,
                    n_pictures=0,
                    invited_at=now,
                    expires_at=now + self.keep,
                    rights=guest.rights,
                )
                unit.invitations.add(invitation, ())
                made.append(Invited(invitation=invitation, secret=secret))
            detail: Detail = {"people": len(made), "by": by}
            unit.audit.append(AuditTag.PEOPLE_INVITED, at=now, alias=None, detail=detail)
            unit.commit()
        return tuple(made)

    def find(self, secret: str) -> Invitation | None:
        """The invitation that a secret opens, while its time lasts; None for any other."""
        with self.store.read() as unit:
            found = unit.invitations.get(invitation_of(secret))
        return found if found is not None and self.clock.now() < found.expires_at else None


def _guest(cells: dict[str, str], line: int, surplus: int) -> tuple[Guest, list[str]]:
    """One person, and what is wrong with the line."""
    name = " ".join(cells.get("name", "").split())
    groups, badge = cells.get("group", "").split(), cells.get("badge", "").strip()
    wrong = []
    if surplus > 0:
        wrong.append(f"line {line}: more cells than columns")
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        wrong.append(f"line {line}: a name has 1 to {_MAX_NAME} printable characters")
    if any(_GROUP.fullmatch(group) is None for group in groups):
        wrong.append(f"line {line}: a group is small letters, digits and hyphens")
    if badge and _BADGE.fullmatch(badge) is None:
        wrong.append(f"line {line}: a badge is up to 40 letters, digits and hyphens")
    return Guest(name=name, rights=Rights(groups=frozenset(groups), badge=badge or None)), wrong


def _twice(badges: Sequence[tuple[int, str | None]]) -> list[str]:
    first: dict[str, int] = {}
    wrong = []
    for line, badge in badges:
        if badge is not None and first.setdefault(badge, line) != line:
            wrong.append(f"line {line}: this badge is on line {first[badge]} too")
    return wrong
