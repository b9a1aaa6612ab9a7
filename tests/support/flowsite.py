"""A site made of fakes: what the camera sees is told, the store forgets at the end of the test.

How to use: ``site = FlowSite()``; ``site.enrol(site.vision.shows(unit(1)))``; ``site.recognise()(frame)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from limen.core.frame import Frame
from limen.core.people import AgreementId, AgreementText, GivenHow, SiteKind, TemplateKind
from limen.flows.agree import Agree
from limen.flows.confirm import Confirm
from limen.flows.enrol import Enrol, Enrolled
from limen.flows.export import Export
from limen.flows.recognise import Recognise
from limen.flows.withdraw import Withdraw
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import Rotation
from support.calibrations import make_calibration
from support.clock import FakeClock
from support.stores import MemoryStore
from support.vision import FakeVision

__all__ = ["FlowSite"]

TEXT = AgreementText(version="test-1", language="en", text="I agree.", sha256="0" * 64)


@dataclass(slots=True, kw_only=True)
class FlowSite:
    """Everything a flow test touches."""

    kind: SiteKind = SiteKind.TRIAL
    clock: FakeClock = field(default_factory=FakeClock)
    vision: FakeVision = field(default_factory=FakeVision)
    store: MemoryStore = field(init=False)
    gallery: MemoryGallery = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(clock=self.clock, site_kind=self.kind)
        rotation = Rotation(b"r" * 32, dimensions=128)
        self.gallery = MemoryGallery(self.store, calibration=make_calibration(), rotation=rotation)

    def agreed(self, *, days: int = 30, how: GivenHow = GivenHow.IN_PERSON_SCREEN) -> AgreementId:
        """A new agreement."""
        agree = Agree(store=self.store, clock=self.clock)
        return agree(TEXT, how=how, validity=timedelta(days=days)).agreement_id

    def enrol(self, *frames: Frame, name: str = "Ada", agreement: AgreementId | None = None) -> Enrolled:
        """Enrol somebody; with a new agreement if none is given."""
        flow = Enrol(store=self.store, vision=self.vision, gallery=self.gallery, clock=self.clock)
        agreement_id = self.agreed() if agreement is None else agreement
        return flow(list(frames), name=name, agreement_id=agreement_id, kind=TemplateKind.GALLERY)

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
