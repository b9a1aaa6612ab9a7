"""The seams of what people carry: stores of what the site keeps of it, and how codes are made, opened and compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Match, UnknownReason
from limen.core.passes import FacePass, PassHeader, PassId, PassRecord, PassTerms, SealedTemplate, SiteSecret
from limen.core.people import SubjectId
from limen.core.probe import Probe

__all__ = ["BadgeLock", "OneToOne", "PassCodec", "PassStore", "SealedStore"]


class PassStore(Protocol):
    """Face passes that were issued, without their templates, and the keys they were made with."""

    def key(self, *, at: datetime) -> SiteSecret:
        """The newest key, with which passes are made; the first one is made here.

        Raises:
            StorageError: the store cannot be written.
        """

    def keys(self, *, at: datetime) -> tuple[SiteSecret, ...]:
        """Every key whose passes are accepted at a moment."""

    def rotate(self, *, at: datetime, accept_until: datetime) -> SiteSecret:
        """A new newest key; older ones are accepted until then, and destroyed if that is not after ``at``.

        Raises:
            RefusedError: there have been 255 keys already.
        """

    def add(self, record: PassRecord) -> None:
        """Store what the site keeps of a new pass."""

    def get(self, pass_id: PassId) -> PassRecord | None:
        """What is kept of a pass, or None: never issued here, or its holder is gone."""

    def of(self, subject_id: SubjectId) -> tuple[PassRecord, ...]:
        """The passes of one person, oldest first. They are destroyed with the person (`SubjectStore.destroy`)."""

    def all(self) -> tuple[PassRecord, ...]:
        """Every pass, oldest first."""

    def revoke(self, pass_id: PassId, *, at: datetime) -> None:
        """Refuse a pass from now on; one that is revoked already stays so since then."""


class SealedStore(Protocol):
    """Badge-locked templates, useless without the badge. They are destroyed with the person."""

    def pepper(self) -> SiteSecret | None:
        """The site's part of every lock, or None before the first lock."""

    def make_pepper(self, *, at: datetime) -> SiteSecret:
        """The site's part of every lock; made if there is none."""

    def add(self, sealed: SealedTemplate) -> None:
        """Store a locked template of a person who is enrolled in the same transaction."""

    def find(self, locator: bytes) -> SealedTemplate | None:
        """The locked template a badge points to, or None."""

    def of(self, subject_id: SubjectId) -> SealedTemplate | None:
        """The locked template of a person, or None."""

    def set_wrong_pins(self, sealed: SealedTemplate, number: int) -> None:
        """How many typed PINs in a row have not opened a stored template."""


class OneToOne(Protocol):
    """1:1 comparison of a probe with the one template a person has brought."""

    def match(self, vector: NDArray[np.float32], probe: Probe, *, subject_id: SubjectId, fmr_target: float) -> Match:
        """Whether a probe shows the person of a template.

        Args:
            vector: float32 (d,), unit norm, of a bare face, by the probe's model.
            probe: who stands there; a masked one is compared under the masked condition.
            subject_id: whose template it is.
            fmr_target: share of other people who may pass with it, above 0 and below 1.

        Raises:
            ValueError: the probe comes from another model.
        """


class PassCodec(Protocol):
    """Makes and opens face passes."""

    def seal(self, vector: NDArray[np.float32], *, terms: PassTerms, key: SiteSecret) -> bytes:
        """A pass: signed, and encrypted for the site's doors.

        Args:
            vector: float32 (d,), unit norm, of a bare face; one signed byte of each component is kept.
            terms: what the pass says; of ``key``'s number, whole hours long.
            key: the site's newest.

        Raises:
            RefusedError: templates of this model are too long for a pass.
        """

    def open(self, raw: bytes, *, keys: Sequence[SiteSecret]) -> FacePass | UnknownReason:
        """A pass that this site has made with one of ``keys``, or why it is none. Looks at no clock and no store."""

    def header(self, raw: bytes) -> PassHeader | UnknownReason:
        """What stands on a pass in clear; nothing of it is believed."""


class BadgeLock(Protocol):
    """Locks a template with a secret that the site does not keep."""

    def new(self) -> bytes:
        """A new badge: its bytes, with 160 random bits in them."""

    def locator(self, badge: bytes, *, pepper: SiteSecret) -> bytes | UnknownReason:
        """By what the store finds a badge's template, or why the bytes are no badge of this site."""

    def lock(self, vector: NDArray[np.float32], *, badge: bytes, pepper: SiteSecret, pin: str | None) -> bytes:
        """A template, float32 (d,), unit norm, that opens with this badge and PIN alone."""

    def unlock(
        self, sealed: SealedTemplate, *, badge: bytes, pepper: SiteSecret, pin: str | None
    ) -> NDArray[np.float32] | None:
        """The template, or None: another PIN."""
