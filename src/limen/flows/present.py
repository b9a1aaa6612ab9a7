"""present: a code and a face -> whether the face is the holder's. What a door asks for face passes and badges.

A pass is opened with the site's pass key (`limen.flows.open_pass`); a badge opens the template that the site keeps
locked. Either way there is one template, compared 1:1 at the stated false match rate, under the masked condition where
a mask is worn. The template is wiped before the answer is given. No code, however made, raises an error.
Not checked here: that the face is alive, and that the probe is of the person who holds the code. A photographed pass
with a printed face is for liveness, or for whoever attends the door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import wipe
from limen.core.match import Match, Unknown, UnknownReason
from limen.core.pass_ports import BadgeLock, OneToOne, PassCodec
from limen.core.passes import BADGE_FORMAT, SealedTemplate, SiteSecret, code_bytes
from limen.core.people import SubjectId
from limen.core.ports import Store, UnitOfWork
from limen.core.probe import ModelId, Probe
from limen.flows.open_pass import open_pass, standing

__all__ = ["Present"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Held:
    """One template that somebody has brought."""

    subject_id: SubjectId
    model_id: ModelId
    vector: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Answers for one code and one face.

    Attributes:
        store: of the site.
        codec: opens passes.
        lock: opens badge-locked templates.
        matchers: per model whose templates can be compared.
        fmr_target: share of other people who may pass with somebody's code.
    """

    store: Store
    codec: PassCodec
    lock: BadgeLock
    matchers: Mapping[ModelId, OneToOne]
    fmr_target: float

    def __call__(self, code: bytes | str, probes: Sequence[Probe], *, at: datetime, pin: str | None = None) -> Match:
        """Whether the probe's face is that of the code's holder.

        Args:
            code: as any reader gave it: raw bytes, or Base45 as text or ASCII.
            probes: of one face, one per model that is in use; not wiped here.
            at: the moment that counts.
            pin: what was typed besides, for a badge that asks for one.

        Raises:
            StorageError: the store cannot be read; the door stays shut.
        """
        raw = code_bytes(code)
        if isinstance(raw, UnknownReason):
            return _nobody(raw)
        with self.store.read() as unit:
            is_badge = raw[:1] == bytes([BADGE_FORMAT])
            held = self._badge(unit, raw, at=at, pin=pin) if is_badge else self._pass(unit, raw, at=at)
        if isinstance(held, UnknownReason):
            return _nobody(held)
        try:
            probe = next((item for item in probes if item.model_id == held.model_id), None)
            matcher = self.matchers.get(held.model_id)
            if probe is None or matcher is None:
                return _nobody(UnknownReason.CODE_OTHER_MODEL)
            return matcher.match(held.vector, probe, subject_id=held.subject_id, fmr_target=self.fmr_target)
        finally:
            wipe(held.vector)

    def _pass(self, unit: UnitOfWork, raw: bytes, *, at: datetime) -> _Held | UnknownReason:
        found = open_pass(unit, raw, codec=self.codec, at=at)
        if isinstance(found, UnknownReason):
            return found
        opened, record = found
        return _Held(subject_id=record.subject_id, model_id=opened.terms.model_id, vector=opened.vector)

    def _badge(self, unit: UnitOfWork, raw: bytes, *, at: datetime, pin: str | None) -> _Held | UnknownReason:
        pepper = unit.sealed.pepper()
        if pepper is None:
            return UnknownReason.BADGE_UNKNOWN
        sealed = self._sealed(unit, raw, pepper=pepper, at=at)
        if isinstance(sealed, UnknownReason):
            return sealed
        if sealed.with_pin and pin is None:
            return UnknownReason.BADGE_PIN_WRONG
        vector = self.lock.unlock(sealed, badge=raw, pepper=pepper, pin=pin if sealed.with_pin else None)
        if vector is None:
            return UnknownReason.BADGE_PIN_WRONG
        return _Held(subject_id=sealed.subject_id, model_id=sealed.model_id, vector=vector)

    def _sealed(
        self, unit: UnitOfWork, raw: bytes, *, pepper: SiteSecret, at: datetime
    ) -> SealedTemplate | UnknownReason:
        """What the store keeps for a badge, still locked; or why nobody may be recognised by it."""
        locator = self.lock.locator(raw, pepper=pepper)
        if isinstance(locator, UnknownReason):
            return locator
        sealed = unit.sealed.find(locator)
        if sealed is None:
            return UnknownReason.BADGE_UNKNOWN
        return standing(unit, sealed.subject_id, at=at, gone=UnknownReason.BADGE_UNKNOWN) or sealed


def _nobody(reason: UnknownReason) -> Unknown:
    return Unknown(reason=reason, fpir=None, operating_point=None)
