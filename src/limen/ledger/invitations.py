"""Invitations in the store: a name and picture files that wait, encrypted, until their person agrees or time is up.

Rules kept: name and pictures are sealed under a random key of the invitation alone, tied to it and to its end; limen
looks into no picture here; destroyed, the key goes with the rows, and the scrub looks for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, true

from limen.core.people import Invitation, InvitationId, Rights
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.rights_bytes import rights_bytes, rights_of
from limen.storage.schema import invitation_pictures, invitations, utc_text
from limen.storage.vault import KEY_VERSION, PersonKey, associated

__all__ = ["SqlInvitations"]


class SqlInvitations:
    """Implements `limen.core.ports.InvitationStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def add(self, invitation: Invitation, pictures: Sequence[bytes]) -> None:
        """Store an invitation, name and pictures encrypted under a new random key of its own.

        Raises:
            ValueError: as many pictures as the invitation says are expected.
            StorageError: invited already, or the store cannot be written.
        """
        if invitation.n_pictures != len(pictures):
            raise ValueError(f"n_pictures: expected {len(pictures)}, got {invitation.n_pictures}")
        key, who = PersonKey.new(), invitation.invitation_id
        ends = utc_text(invitation.expires_at)
        self._connection.execute(
            insert(invitations).values(
                invitation_id=who,
                invited_at=utc_text(invitation.invited_at),
                expires_at=ends,
                version=KEY_VERSION,
                wrapped=self._session.vault.wrap(key, subject_id=who),
                name_sealed=key.seal(invitation.name.encode(), bound=_bound("invited", who, ends)),
                rights_sealed=key.seal(rights_bytes(invitation.rights), bound=_bound("rights", who, ends)),
            )
        )
        for picture in pictures:
            sealed = key.seal(picture, bound=_bound("picture", who, ends))
            self._connection.execute(insert(invitation_pictures).values(invitation_id=who, picture_sealed=sealed))

    def all(self) -> tuple[Invitation, ...]:
        """All invitations, oldest first.

        Raises:
            StorageError: a row was altered.
        """
        return self._invitations(true())

    def get(self, invitation_id: InvitationId) -> Invitation | None:
        """One invitation, or None; decrypts no other.

        Raises:
            StorageError: the row was altered.
        """
        return next(iter(self._invitations(invitations.c.invitation_id == invitation_id)), None)

    def pictures(self, invitation_id: InvitationId) -> tuple[bytes, ...]:
        """The picture files as they were brought; empty if there is no such invitation.

        Raises:
            StorageError: a row was altered.
        """
        mine = invitations.c.invitation_id == invitation_id
        row = self._connection.execute(select(invitations).where(mine)).one_or_none()
        if row is None:
            return ()
        key, bound = self._key(row), _bound("picture", invitation_id, row.expires_at)
        query = select(invitation_pictures).where(invitation_pictures.c.invitation_id == invitation_id)
        found = self._connection.execute(query.order_by(invitation_pictures.c.row_id)).all()
        return tuple(
            key.open(item.picture_sealed, bound=bound, row=f"invitation_pictures row {item.row_id}") for item in found
        )

    def expired(self, *, at: datetime) -> tuple[InvitationId, ...]:
        """Invitations whose time is up; decrypts nobody."""
        query = select(invitations.c.invitation_id).where(invitations.c.expires_at <= utc_text(at))
        return tuple(InvitationId(found) for found in self._connection.execute(query).scalars())

    def destroy(self, invitation_id: InvitationId) -> int:
        """Destroy the invitation's key, name and pictures; how many pictures there were."""
        mine = invitations.c.invitation_id == invitation_id
        theirs = invitation_pictures.c.invitation_id == invitation_id
        columns = (invitations.c.wrapped, invitations.c.name_sealed, invitations.c.rights_sealed)
        for row in self._connection.execute(select(*columns).where(mine)):
            self._session.forget([blob for blob in row if blob is not None])
        pictures = self._connection.execute(select(invitation_pictures.c.picture_sealed).where(theirs)).scalars().all()
        self._session.forget(pictures)
        self._connection.execute(delete(invitation_pictures).where(theirs))
        self._connection.execute(delete(invitations).where(mine))
        return len(pictures)

    def _invitations(self, which: ColumnElement[bool]) -> tuple[Invitation, ...]:
        theirs = invitation_pictures.c.invitation_id == invitations.c.invitation_id
        counted = select(func.count()).select_from(invitation_pictures).where(theirs).scalar_subquery()
        query = select(invitations, counted.label("n_pictures")).where(which).order_by(invitations.c.row_id)
        with reading("invitations"):
            return tuple(self._invitation(row) for row in self._connection.execute(query).all())

    def _invitation(self, row: Row[Any]) -> Invitation:
        place, key = f"invitations row {row.row_id}", self._key(row)
        name = key.open(row.name_sealed, bound=_bound("invited", row.invitation_id, row.expires_at), row=place)
        rights = Rights()
        if row.rights_sealed is not None:
            bound = _bound("rights", row.invitation_id, row.expires_at)
            rights = rights_of(key.open(row.rights_sealed, bound=bound, row=place))
        return Invitation(
            invitation_id=InvitationId(row.invitation_id),
            name=name.decode(),
            n_pictures=row.n_pictures,
            invited_at=datetime.fromisoformat(row.invited_at),
            expires_at=datetime.fromisoformat(row.expires_at),
            rights=rights,
        )

    def _key(self, row: Row[Any]) -> PersonKey:
        place = f"invitations row {row.row_id}"
        return self._session.vault.unwrap(row.wrapped, subject_id=row.invitation_id, version=row.version, row=place)


def _bound(what: str, invitation_id: str, ends: str) -> bytes:
    return associated(what, invitation_id, ends)
