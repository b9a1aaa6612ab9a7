"""People who agreed: subjects, agreements, references. No attribute of a person beyond what is listed here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned, unit_rows, unit_vector
from limen.core.probe import MaskState, ModelId

__all__ = [
    "Agreement",
    "AgreementId",
    "AgreementProof",
    "AgreementText",
    "GivenHow",
    "Invitation",
    "InvitationId",
    "Reference",
    "ReferenceBlock",
    "ReferenceId",
    "Rights",
    "SiteKind",
    "Subject",
    "SubjectId",
    "TemplateKind",
    "new_id",
]

SubjectId = NewType("SubjectId", str)
AgreementId = NewType("AgreementId", str)
InvitationId = NewType("InvitationId", str)
ReferenceId = NewType("ReferenceId", str)

_ID_BYTES = 10


def new_id(prefix: str) -> str:
    """Return a new random identifier such as ``s-3f9c0b6a1d2e4f5a6b7c``; it says nothing and cannot be guessed."""
    return f"{prefix}-{secrets.token_hex(_ID_BYTES)}"


class SiteKind(StrEnum):
    """What a data folder is for; fixed at birth (promise 4)."""

    TRIAL = "trial"
    LIVE = "live"


class TemplateKind(StrEnum):
    """Where a template lives (DESIGN section 2)."""

    PASS = "pass"  # noqa: S105  a face pass, not a password
    SEALED = "sealed"
    GALLERY = "gallery"


class GivenHow(StrEnum):
    """How an agreement was given. SIMULATED exists in trial folders only."""

    IN_PERSON_SCREEN = "in_person_screen"
    IN_PERSON_PAPER = "in_person_paper"
    SELF_SERVICE = "self_service"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementText:
    """The words a person agreed to; the hash makes them provable.

    Attributes:
        version: for instance ``2026-11``.
        language: BCP 47, for instance ``en``.
        text: the words themselves.
        sha256: of the text in UTF-8, hexadecimal.
    """

    version: str
    language: str
    text: str = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One person's agreement. Subject and withdrawal time are empty until they happen.

    Attributes:
        agreement_id: its id.
        text_version: of the words agreed to.
        text_sha256: their hash.
        language: BCP 47.
        how: in person on screen or paper, or simulated.
        given_at: UTC.
        expires_at: UTC; from then on nothing matches.
        subject_id: whose it is, or None before enrolment.
        purpose: what the person was told it is for, for instance which door, several with semicolons between; empty
            where the notice alone says it.
    """

    agreement_id: AgreementId
    text_version: str
    text_sha256: str
    language: str
    how: GivenHow
    given_at: datetime
    expires_at: datetime
    subject_id: SubjectId | None
    purpose: str = ""

    def is_live(self, *, at: datetime) -> bool:
        """Whether it holds at a moment: given and not yet expired. A withdrawn agreement no longer exists."""
        return self.given_at <= at < self.expires_at

    def is_for(self, purpose: str) -> bool:
        """Whether it names a purpose, word for word; what has no purpose of its own is covered by every agreement."""
        return not purpose or purpose in {named.strip() for named in self.purpose.split(";")}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementProof:
    """What shows that the person gave it; stored encrypted, gone with the agreement.

    Attributes:
        typed: the signature as the person typed it.
        drawn: the signature as the person drew it: the data of one SVG path.
        paper_reference: where the signed paper is.
        witness: the second operator who saw it.
    """

    typed: str | None = field(default=None, repr=False)
    drawn: str | None = field(default=None, repr=False)
    paper_reference: str | None = field(default=None, repr=False)
    witness: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a site has laid down for a person at its doors; stored under the person's own key.

    Attributes:
        groups: access groups.
        badge: number of the person's badge, or None.
        pin_hash: of the person's PIN (argon2id, with its own parameters), or None.
        frozen: whether a face alone opens nothing for the person, because of an incident that is not settled.
    """

    groups: frozenset[str] = frozenset()
    badge: str | None = field(default=None, repr=False)
    pin_hash: str | None = field(default=None, repr=False)
    frozen: bool = False


_NO_RIGHTS = Rights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody whose pictures were brought along from another system and who has not agreed to anything yet.

    Refused or ignored, it looks the same and ends the same: there is no answer *no* in it.

    Attributes:
        invitation_id: random id.
        name: as the other system had it; stored encrypted under a key of this invitation alone.
        n_pictures: how many pictures wait, encrypted; nothing is computed from them.
        invited_at: UTC.
        expires_at: UTC; then everything about it is destroyed.
        rights: what is to be laid down for the person once enrolled: groups and badge; sealed like the name.
    """

    invitation_id: InvitationId
    name: str = field(repr=False)
    n_pictures: int
    invited_at: datetime
    expires_at: datetime
    rights: Rights = _NO_RIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An enrolled person as the people who run the site see them.

    Attributes:
        subject_id: random id.
        name: what the person asked to be called here; stored encrypted under the person's own key.
        kind: where the template lives.
        agreement: the record it rests on.
        enrolled_at: UTC.
        n_references: how many references there are.
        confirmed: whether a live capture has confirmed them.
    """

    subject_id: SubjectId
    name: str = field(repr=False)
    kind: TemplateKind
    agreement: Agreement
    enrolled_at: datetime
    n_references: int
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """One protected template, in the clear only inside the process that holds the site key.

    Attributes:
        reference_id: random id.
        subject_id: whose.
        vector: float32 (d,), unit norm, rotated with the site's secret rotation (``scheme_id``).
        model_id: the model it was made with.
        scheme_id: the protection scheme.
        mask: the mask state of the picture it was made from.
        quality: unified quality of that picture, 0 to 100.
        confirmed: made or confirmed by a live capture (in a trial folder: by the operator).
        expires_at: UTC; the end of the agreement it rests on.
    """

    reference_id: ReferenceId
    subject_id: SubjectId
    vector: NDArray[np.float32] = field(repr=False)
    model_id: ModelId
    scheme_id: str
    mask: MaskState
    quality: int
    confirmed: bool
    expires_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", unit_vector("vector", self.vector))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceBlock:
    """Many references of one model side by side, as a gallery holds them; what it does not need is checked and left.

    Attributes:
        model_id: the model all of them were made with.
        reference_ids: n ids.
        subject_ids: whose, n ids.
        aliases: the people's names in the audit chain, once each.
        vectors: float32 (n, d), one template a row, unit norm, as in `Reference`; taken over from the maker.
        confirmed: bool (n,).
        expires_s: float64 (n,), the ends of the agreements, in seconds since 1970, UTC.
    """

    model_id: ModelId
    reference_ids: tuple[ReferenceId, ...]
    subject_ids: tuple[SubjectId, ...]
    aliases: frozenset[str] = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)
    confirmed: NDArray[np.bool_] = field(repr=False)
    expires_s: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        count = len(self.reference_ids)
        if len(self.subject_ids) != count:
            raise ValueError(f"subject_ids: expected {count}, got {len(self.subject_ids)}")
        object.__setattr__(self, "vectors", unit_rows("vectors", self.vectors, count=count))
        for name, dtype in (("confirmed", np.bool_), ("expires_s", np.float64)):
            object.__setattr__(self, name, owned(name, getattr(self, name), shape=(count,), dtype=dtype))
