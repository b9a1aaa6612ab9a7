"""Wires everything about face passes and badges; a part of the composition root, apart for its size."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from limen.bootstrap.models import calibration_of
from limen.core.people import TemplateKind
from limen.core.ports import Clock, Vision
from limen.core.probe import ModelId
from limen.flows.enrol_sealed import EnrolSealed
from limen.flows.issue_pass import IssuePass
from limen.flows.present import Present
from limen.flows.renew_pass import RenewPass
from limen.flows.revoke_pass import RevokePass
from limen.flows.rotate_passes import RotatePasses
from limen.flows.unlock_badge import UnlockBadge
from limen.flows.verify_pass import VerifyPass
from limen.flows.written import WrittenReasons
from limen.gallery.calibration import Calibration
from limen.gallery.comparer import CalibratedComparer
from limen.gallery.passes import SealedCodec
from limen.gallery.sealed import SecretLock
from limen.settings import Settings
from limen.storage.store import SqlStore

__all__ = ["Passes", "models_in_use", "written_reasons"]


def models_in_use(settings: Settings) -> tuple[ModelId, ...]:
    """The models whose templates are accepted, the present one first.

    Raises:
        ModelError: no such model, or it has no calibration.
    """
    return tuple(calibration_of(item).model_id for item in _in_use(settings))


def written_reasons(settings: Settings) -> WrittenReasons:
    """What the controller has written about each kind of template."""
    kinds = settings.kinds
    return WrittenReasons(
        why_not_a_badge={
            TemplateKind.PASS: kinds.pass_why_not_a_badge,
            TemplateKind.SEALED: kinds.sealed_why_not_a_badge,
            TemplateKind.GALLERY: kinds.gallery_why_not_a_badge,
        },
        why_one_to_many=kinds.gallery_why_one_to_many,
    )


class Passes:
    """Every flow about what people carry.

    Args:
        store: of the site.
        settings: in force.
        clock: tells when.
        calibration: of the embedding model that settings name.
        vision: the pipeline with that model; loaded when it is first needed.
    """

    def __init__(
        self,
        store: SqlStore,
        *,
        settings: Settings,
        clock: Clock,
        calibration: Callable[[Settings], Calibration],
        vision: Callable[[Settings], Vision],
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        calibrations = [calibration(item) for item in _in_use(settings)]
        self._matchers = {item.model_id: CalibratedComparer(item) for item in calibrations}
        self._comparer = CalibratedComparer(calibrations[0])
        self._load = vision
        self.codec = SealedCodec(store.site_tag(), models=tuple(self._matchers))
        self.lock = SecretLock(store.site_tag())

    @cached_property
    def visions(self) -> tuple[Vision, ...]:
        """Of every embedding model in use, the present one first."""
        return tuple(self._load(item) for item in _in_use(self._settings))

    def _vision(self) -> Vision:
        return self._load(self._settings)

    @property
    def present(self) -> Present:
        """A code and probes of one face -> Match; what a door asks."""
        fmr = self._settings.passes.fmr
        return Present(store=self._store, codec=self.codec, lock=self.lock, matchers=self._matchers, fmr_target=fmr)

    @property
    def verify(self) -> VerifyPass:
        """A code and a picture -> Match."""
        return VerifyPass(store=self._store, visions=self.visions, present=self.present, clock=self._clock)

    @property
    def issue(self) -> IssuePass:
        """Give a person a face pass."""
        return IssuePass(
            store=self._store,
            vision=self._vision(),
            comparer=self._comparer,
            codec=self.codec,
            clock=self._clock,
            reasons=written_reasons(self._settings),
        )

    @property
    def renew(self) -> RenewPass:
        """Give the holder of a pass a new one."""
        return RenewPass(
            store=self._store,
            vision=self._vision(),
            comparer=self._comparer,
            codec=self.codec,
            matchers=self._matchers,
            clock=self._clock,
        )

    @property
    def revoke(self) -> RevokePass:
        """Refuse a pass from now on."""
        return RevokePass(store=self._store, clock=self._clock)

    @property
    def unlock(self) -> UnlockBadge:
        """Let a badge be tried again that wrong PINs have locked."""
        return UnlockBadge(store=self._store, clock=self._clock)

    @property
    def rotate(self) -> RotatePasses:
        """Change the pass key."""
        return RotatePasses(store=self._store, clock=self._clock)

    @property
    def enrol_sealed(self) -> EnrolSealed:
        """Give a person a badge that unlocks a template."""
        return EnrolSealed(
            store=self._store,
            vision=self._vision(),
            comparer=self._comparer,
            lock=self.lock,
            clock=self._clock,
            reasons=written_reasons(self._settings),
        )


def _in_use(settings: Settings) -> tuple[Settings, ...]:
    """The settings for every embedding model whose passes are accepted, the present one first."""
    older = settings.passes.old_embedder
    if older in {"", settings.vision.embedder}:
        return (settings,)
    vision = settings.vision.model_copy(update={"embedder": older})
    return (settings, settings.model_copy(update={"vision": vision}))
