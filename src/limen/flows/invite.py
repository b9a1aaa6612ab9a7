"""invite: somebody's pictures from another system wait, encrypted, until that person agrees; otherwise they go.

Nothing is computed from a picture before its person has agreed: it is not even decoded. Who says no, and who never
answers, look alike here: there is no answer to record, and after 30 days at most everything is destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.people import AgreementId, Invitation, InvitationId, TemplateKind, new_id
from limen.core.ports import Clock, Store
from limen.flows.enrol import Enrol, Enrolled

__all__ = ["MAX_PICTURES", "MAX_PICTURE_BYTES", "Accept", "Invite", "check_invitation"]

MAX_PICTURES = 20
MAX_PICTURE_BYTES = 16 * 1024 * 1024
_MAX_NAME = 200


def check_invitation(name: str, sizes: Sequence[int]) -> None:
    """Refuse what `Invite` would not keep, before anything is read.

    Args:
        name: of the person.
        sizes: of the picture files, in bytes.

    Raises:
        RefusedError: no usable name, no picture, too many or too large ones.
    """
    if not 0 < len(name.strip()) <= _MAX_NAME or not name.isprintable():
        raise RefusedError(
            f"a name has 1 to {_MAX_NAME} printable characters", advice="rename the folder or subject", reason="name"
        )
    if not 0 < len(sizes) <= MAX_PICTURES or max(sizes) > MAX_PICTURE_BYTES or min(sizes) == 0:
        raise RefusedError(
            f"expected 1 to {MAX_PICTURES} pictures of up to {MAX_PICTURE_BYTES // 2**20} MiB each, none of them empty",
            advice="choose the best few",
            reason="invitation_pictures",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Keeps pictures of people who have not been asked yet.

    Attributes:
        store: of the site.
        clock: tells when.
        keep: how long they wait for an answer.
    """

    store: Store
    clock: Clock
    keep: timedelta

    def __call__(self, name: str, pictures: Sequence[bytes]) -> Invitation:
        """Keep one person's name and picture files.

        Raises:
            RefusedError: no usable name, no picture, too many or too large ones; nothing was written.
            StorageError: the store cannot be written.
        """
        check_invitation(name, [len(picture) for picture in pictures])
        now = self.clock.now()
        invitation = Invitation(
            invitation_id=InvitationId(new_id("i")),
            name=name.strip(),
            n_pictures=len(pictures),
            invited_at=now,
            expires_at=now + self.keep,
        )
        with self.store.begin() as unit:
            unit.invitations.add(invitation, pictures)
            detail = {"pictures": len(pictures)}
            unit.audit.append(AuditTag.INVITATION_IMPORTED, at=now, alias=None, detail=detail)
            unit.commit()
        return invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Enrols a person who was invited and has agreed, from the pictures that waited; then they are destroyed.

    Attributes:
        store: of the site.
        clock: tells when.
        enrol: how people are enrolled.
        decode: content and name of a picture -> frame.
    """

    store: Store
    clock: Clock
    enrol: Enrol
    decode: Callable[[bytes, str], Frame]

    def __call__(self, invitation_id: InvitationId, agreement_id: AgreementId) -> Enrolled:
        """Enrol; in a live folder the person stays unknown until a live capture of their own confirms it.

        Raises:
            RefusedError: there is no such invitation, or as in `Enrol`; the pictures wait on.
            CaptureError: a picture is none.
        """
        with self.store.read() as unit:
            found = [item for item in unit.invitations.all() if item.invitation_id == invitation_id]
            pictures = unit.invitations.pictures(invitation_id)
        if not found or found[0].expires_at <= self.clock.now():
            raise RefusedError(
                f"there is no invitation {invitation_id}",
                advice="see `limen people invitations`",
                reason="no_invitation",
            )
        frames = [self.decode(picture, f"picture {place}") for place, picture in enumerate(pictures, start=1)]
        kind = TemplateKind.GALLERY
        enrolled = self.enrol(frames, name=found[0].name, agreement_id=agreement_id, kind=kind)
        with self.store.begin() as unit:
            unit.invitations.destroy(invitation_id)
            unit.commit(scrub=True)
        return enrolled
