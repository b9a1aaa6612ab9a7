"""A site made of fakes: what the camera sees is told, the store forgets at the end of the test.

How to use: ``site = FlowSite()``; ``site.enrol(site.vision.shows(unit(1)))``; ``site.recognise()(frame)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from limen.core.frame import Frame
from limen.core.operators import SHIPPED, Approved
from limen.core.people import AgreementId, AgreementProof, AgreementText, GivenHow, SiteKind, TemplateKind
from limen.core.probe import ModelId
from limen.flows.agree import Agree
from limen.flows.approve import Approvals
from limen.flows.confirm import Confirm
from limen.flows.enrol import Enrol, Enrolled
from limen.flows.enrol_sealed import EnrolSealed
from limen.flows.export import Export
from limen.flows.issue_pass import IssuePass
from limen.flows.making_pass import Issued, PassPlan
from limen.flows.present import Present
from limen.flows.recognise import Recognise
from limen.flows.renew_pass import RenewPass
from limen.flows.revoke_pass import RevokePass
from limen.flows.rotate_passes import RotatePasses
from limen.flows.two_people import Operators
from limen.flows.verify_pass import VerifyPass
from limen.flows.withdraw import Withdraw
from limen.flows.written import WrittenReasons
from limen.gallery.calibration import Calibration
from limen.gallery.comparer import CalibratedComparer
from limen.gallery.memory import MemoryGallery
from limen.gallery.passes import SealedCodec
from limen.gallery.protection import Rotation
from limen.gallery.sealed import PinStretch, SecretLock
from support.calibrations import make_calibration
from support.clock import FakeClock
from support.stores import MemoryStore
from support.vision import FakeVision

__all__ = ["WRITTEN", "FlowSite"]

WRITTEN = WrittenReasons(
    why_not_a_badge=dict.fromkeys(TemplateKind, "Badges were lent among forty people last year."),
    why_one_to_many="Both hands carry trays, and nothing may be touched here.",
)

TEXT = AgreementText(version="test-1", language="en", text="I agree.", sha256="0" * 64)


@dataclass(slots=True, kw_only=True)
class FlowSite:
    """Everything a flow test touches."""

    kind: SiteKind = SiteKind.TRIAL
    clock: FakeClock = field(default_factory=FakeClock)
    vision: FakeVision = field(default_factory=FakeVision)
    store: MemoryStore = field(init=False)
    reasons: WrittenReasons = WRITTEN
    calibration: Calibration = field(default_factory=make_calibration)
    gallery: MemoryGallery = field(init=False)
    codec: SealedCodec = field(init=False)
    lock: SecretLock = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(clock=self.clock, site_kind=self.kind)
        rotation = Rotation(b"r" * 32, dimensions=128)
        self.gallery = MemoryGallery(self.store, calibration=self.calibration, rotation=rotation)
        self.codec = SealedCodec(self.store.site_tag(), models=[self.calibration.model_id])
        cheap = PinStretch(passes=1, memory_kib=64, lanes=1)
        self.lock = SecretLock(self.store.site_tag(), stretch=cheap)

    def agreed(
        self, *, days: int = 30, how: GivenHow = GivenHow.IN_PERSON_SCREEN, typed: str | None = None
    ) -> AgreementId:
        """A new agreement, signed if a signature is typed."""
        agree = Agree(store=self.store, clock=self.clock)
        proof = None if typed is None else AgreementProof(typed=typed)
        return agree(TEXT, how=how, validity=timedelta(days=days), proof=proof).agreement_id

    def enrol(self, *frames: Frame, name: str = "Ada", agreement: AgreementId | None = None) -> Enrolled:
        """Enrol somebody; with a new agreement if none is given."""
        agreement_id = self.agreed() if agreement is None else agreement
        return self.enrolling()(list(frames), name=name, agreement_id=agreement_id, kind=TemplateKind.GALLERY)

    def enrolling(self) -> Enrol:
        """The flow."""
        return Enrol(
            store=self.store,
            vision=self.vision,
            gallery=self.gallery,
            clock=self.clock,
            approvals=self.approvals(),
            reasons=self.reasons,
        )

    def approvals(self, *, alone: bool = True, asked: Mapping[Approved, int] | None = None) -> Approvals:
        """The flow; where one person is enough, unless told otherwise."""
        operators = Operators(store=self.store, clock=self.clock, alone=alone)
        return Approvals(store=self.store, operators=operators, asked=asked or {**SHIPPED, Approved.GALLERY: 1})

    def recognise(self) -> Recognise:
        """The flow, at the door's default."""
        return Recognise(
            store=self.store, vision=self.vision, gallery=self.gallery, clock=self.clock, fpir_target=0.001
        )

    def confirm(self) -> Confirm:
        """The flow."""
        return Confirm(store=self.store, vision=self.vision, gallery=self.gallery, clock=self.clock)

    def withdraw(self) -> Withdraw:
        """The flow."""
        return Withdraw(store=self.store, clock=self.clock)

    def export(self) -> Export:
        """The flow."""
        return Export(store=self.store, clock=self.clock)

    def issue_pass(self) -> IssuePass:
        """The flow."""
        return IssuePass(
            store=self.store,
            vision=self.vision,
            comparer=self.matcher(),
            codec=self.codec,
            clock=self.clock,
            reasons=self.reasons,
        )

    def issued(self, *frames: Frame, name: str = "Ada", days: int = 30, plan: PassPlan | None = None) -> Issued:
        """Give somebody a pass, with a new agreement."""
        plan = plan or PassPlan(validity=timedelta(days=10))
        return self.issue_pass()(list(frames), name=name, agreement_id=self.agreed(days=days), plan=plan)

    def renew_pass(self) -> RenewPass:
        """The flow."""
        return RenewPass(
            store=self.store,
            vision=self.vision,
            comparer=self.matcher(),
            codec=self.codec,
            matchers=self.matchers(),
            clock=self.clock,
        )

    def revoke_pass(self) -> RevokePass:
        """The flow."""
        return RevokePass(store=self.store, clock=self.clock)

    def rotate_passes(self) -> RotatePasses:
        """The flow."""
        return RotatePasses(store=self.store, clock=self.clock)

    def enrol_sealed(self) -> EnrolSealed:
        """The flow."""
        return EnrolSealed(
            store=self.store,
            vision=self.vision,
            comparer=self.matcher(),
            lock=self.lock,
            clock=self.clock,
            reasons=self.reasons,
        )

    def present(self, *, fmr_target: float = 1e-4) -> Present:
        """The flow, at a stated rate."""
        return Present(
            store=self.store, codec=self.codec, lock=self.lock, matchers=self.matchers(), fmr_target=fmr_target
        )

    def verify_pass(self) -> VerifyPass:
        """The flow."""
        return VerifyPass(store=self.store, visions=[self.vision], present=self.present(), clock=self.clock)

    def matcher(self) -> CalibratedComparer:
        """1:1."""
        return CalibratedComparer(self.calibration)

    def matchers(self) -> dict[ModelId, CalibratedComparer]:
        """By model."""
        return {self.calibration.model_id: self.matcher()}
