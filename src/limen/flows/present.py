"""present: a code and a face -> whether the face is the holder's. What a door asks for face passes and badges.

A pass is opened with the site's pass key (`limen.flows.open_pass`); a badge opens the template that the site keeps
locked, together with a typed PIN where it asks for one (`limen.flows.pin_try`). Either way there is one template,
compared 1:1 at the stated false match rate, under the masked condition where a mask is worn. The template is wiped
before the answer is given; after a typed PIN, when its seconds are over. No code, however made, raises an error.
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
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.pass_ports import BadgeLock, OneToOne, PassCodec
from limen.core.passes import BADGE_FORMAT, code_bytes
from limen.core.people import SubjectId
from limen.core.ports import Store, UnitOfWork
from limen.core.probe import ModelId, Probe
from limen.flows.open_pass import open_pass
from limen.flows.pin_try import PinTry, TryPin, badge_of

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
            pin: what was typed besides, for a badge that asks for one; it counts as one try.

        Raises:
            StorageError: the store cannot be read, or a PIN not be counted; the door stays shut.
        """
        raw = code_bytes(code)
        if isinstance(raw, UnknownReason):
            return _nobody(raw)
        if pin is not None and self.asks_pin(raw, at=at):
            return self._tried_once(raw, probes, at=at, pin=pin)
        with self.store.read() as unit:
            held = self._badge(unit, raw, at=at) if _is_badge(raw) else self._pass(unit, raw, at=at)
        if isinstance(held, UnknownReason):
            return _nobody(held)
        try:
            return self._compared(held, probes)
        finally:
            wipe(held.vector)

    @property
    def try_pin(self) -> TryPin:
        """Counts and tries PINs of badges."""
        return TryPin(store=self.store, lock=self.lock)

    def asks_pin(self, raw: bytes, *, at: datetime) -> bool:
        """Whether a code is that of a badge here that asks for a PIN, locked or not.

        Raises:
            StorageError: the store cannot be read.
        """
        if not _is_badge(raw):
            return False
        with self.store.read() as unit:
            found = badge_of(unit, raw, lock=self.lock, at=at)
        return not isinstance(found, UnknownReason) and found[0].with_pin

    def compare(self, tried: PinTry, probes: Sequence[Probe], *, at: datetime) -> Match:
        """Whether the probe's face is that of a badge's holder, after a typed PIN.

        Raises:
            StorageError: the store cannot be written; the door stays shut.
        """
        subject_id, model_id = tried.sealed.subject_id, tried.sealed.model_id
        probe = next((item for item in probes if item.model_id == model_id), None)
        if probe is None or model_id not in self.matchers:
            return _nobody(UnknownReason.CODE_OTHER_MODEL)
        # where the PIN opened nothing the face is compared all the same, with itself, so that it takes as long
        vector = probe.embedding if tried.vector is None else tried.vector
        match = self._compared(_Held(subject_id=subject_id, model_id=model_id, vector=vector), [probe])
        if isinstance(match, Recognised) and self.try_pin.fits(tried, at=at):
            return match
        return _nobody(tried.refusal)

    def _tried_once(self, raw: bytes, probes: Sequence[Probe], *, at: datetime, pin: str) -> Match:
        tried = self.try_pin(raw, pin, at=at)
        if isinstance(tried, UnknownReason):
            return _nobody(tried)
        try:
            return self.compare(tried, probes, at=at)
        finally:
            self.try_pin.end(tried, at=at)

    def _compared(self, held: _Held, probes: Sequence[Probe]) -> Match:
        probe = next((item for item in probes if item.model_id == held.model_id), None)
        matcher = self.matchers.get(held.model_id)
        if probe is None or matcher is None:
            return _nobody(UnknownReason.CODE_OTHER_MODEL)
        return matcher.match(held.vector, probe, subject_id=held.subject_id, fmr_target=self.fmr_target)

    def _pass(self, unit: UnitOfWork, raw: bytes, *, at: datetime) -> _Held | UnknownReason:
        found = open_pass(unit, raw, codec=self.codec, at=at)
        if isinstance(found, UnknownReason):
            return found
        opened, record = found
        return _Held(subject_id=record.subject_id, model_id=opened.terms.model_id, vector=opened.vector)

    def _badge(self, unit: UnitOfWork, raw: bytes, *, at: datetime) -> _Held | UnknownReason:
        found = badge_of(unit, raw, lock=self.lock, at=at)
        if isinstance(found, UnknownReason):
            return found
        sealed, pepper = found
        if sealed.with_pin:
            return UnknownReason.BADGE_PIN_MISSING
        vector = self.lock.unlock(sealed, badge=raw, pepper=pepper, pin=None)
        if vector is None:  # the locator is right and the lock is not: no badge that was made here
            return UnknownReason.BADGE_UNKNOWN
        return _Held(subject_id=sealed.subject_id, model_id=sealed.model_id, vector=vector)


def _is_badge(raw: bytes) -> bool:
    return raw[:1] == bytes([BADGE_FORMAT])


def _nobody(reason: UnknownReason) -> Unknown:
    return Unknown(reason=reason, fpir=None, operating_point=None)
