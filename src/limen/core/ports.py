"""The seams of limen: what flows need, said as Protocols. Adapters live in the rooms; bootstrap joins them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from limen.core.decision import StageTimes
from limen.core.door import DoorSignal, OpenOrder
from limen.core.face import Face
from limen.core.frame import Frame, SourceKind
from limen.core.match import Comparison, Match
from limen.core.messages import DoorMessage
from limen.core.people import (
    SubjectId,
)
from limen.core.probe import Liveness, ModelId, Probe, View
from limen.core.quality import NotAssessed, Pose
from limen.core.store_ports import AgreementStore, AuditLog, InvitationStore, Store, SubjectStore, UnitOfWork
from limen.core.thermal import RawThermal, SetupAlarm, TemperatureSeen

__all__ = [
    "Actuator",
    "AgreementStore",
    "AuditLog",
    "Clock",
    "Comparer",
    "DoorSensor",
    "EventSink",
    "FrameSource",
    "Gallery",
    "InvitationStore",
    "SkinThermometer",
    "Store",
    "SubjectStore",
    "ThermalSource",
    "UnitOfWork",
    "Vision",
]


class Clock(Protocol):
    """Tells the time; read once per attempt."""

    def now(self) -> datetime:
        """The present moment, UTC, time zone aware."""


class FrameSource(Protocol):
    """A camera, or something standing in for one."""

    @property
    def kind(self) -> SourceKind:
        """Whether captures from here are live."""

    def frames(self) -> Iterator[Frame]:
        """Frames, newest first served; ends when the source does.

        Raises:
            CaptureError: the source gives no picture.
        """

    def close(self) -> None:
        """Let the device go."""


class ThermalSource(Protocol):
    """An infrared camera, or something standing in for one."""

    @property
    def kind(self) -> SourceKind:
        """Whether readings from here are live."""

    def frames(self) -> Iterator[RawThermal]:
        """Frames as they come; ends when the source does.

        Raises:
            CaptureError: the source gives no frame, or none that means temperatures.
        """

    def close(self) -> None:
        """Let the device go."""


class SkinThermometer(Protocol):
    """The skin temperature of those who stand at a door, as outcomes; no value comes out. For one thread."""

    def see(self, frame: Frame, faces: Mapping[int, Face]) -> None:
        """Look at everybody who takes part in a frame, by the number of their track. Call it for every frame.

        With more than one nobody is measured, as it would not be clear whose reading it is.
        """

    def outcome(self, track: int) -> TemperatureSeen | NotAssessed:
        """What is known of a track; NotAssessed while it is still being measured, which takes a second or two.

        ABOVE, BELOW and what a reading cannot decide stay until the track is forgotten. REPEAT turns into one of them
        by a second reading. Another NO_READING says what keeps one from being made, and may end when that does.
        """

    def liveness(self, track: int) -> Liveness:
        """What heat says about whether a person is there: one kind of evidence, never the only one."""

    def alarm(self) -> SetupAlarm | None:
        """What the site should look at, or None."""

    def forget(self, track: int) -> None:
        """Forget everything about a track; one that is unknown is forgotten already."""

    def close(self) -> None:
        """Forget everybody and let the camera go."""


class Actuator(Protocol):
    """Whatever opens a door: a relay, a broker, a controller behind limen."""

    def open(self, order: OpenOrder) -> None:
        """Open once for this order's decision; an order that is late, or was followed before, does nothing.

        Raises:
            ActuatorError: the door cannot be told; it stays shut.
        """

    def close(self) -> None:
        """Let the device go."""


class DoorSensor(Protocol):
    """A door's contacts."""

    def signals(self) -> tuple[DoorSignal, ...]:
        """What has been told since the last call, oldest first; does not wait.

        Raises:
            ActuatorError: the contacts are out of reach.
        """

    def close(self) -> None:
        """Let the device go."""


class EventSink(Protocol):
    """Whoever is told what happens at a door: a broker, a web hook. Nobody is named to it."""

    def publish(self, message: DoorMessage) -> None:
        """Hand a message over and return at once; never raises for a listener that is away.

        An event waits for its listener, among a bounded number; the newest state alone waits. What is dropped is still
        in the ledger.
        """

    def close(self) -> None:
        """Let the listener go; what could not be told by then is dropped."""


class Vision(Protocol):
    """Frame -> faces -> probes."""

    @property
    def model_id(self) -> ModelId:
        """The model and preparation that embeddings come from."""

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """All faces of a frame, most confident first; empty if there is none. Embeds nothing."""

    def poses(self, faces: Sequence[Face]) -> tuple[Pose, ...]:
        """How heads are turned, from landmarks alone; looks at no pixel and embeds nothing."""

    def assess(
        self, frame: Frame, faces: Sequence[Face], *, view: View = View.BOTH
    ) -> tuple[tuple[Probe, ...], StageTimes]:
        """One probe per face, in the order given, and how long each stage took."""


class Comparer(Protocol):
    """Says what the likeness of two probes stands for; needs no store."""

    def compare(self, first: Probe, second: Probe) -> Comparison:
        """Compare two probes of one model.

        Raises:
            ValueError: they come from different models, or not from the calibrated one.
        """


class Gallery(Comparer, Protocol):
    """1:N search over confirmed and unconfirmed references; it alone knows similarities."""

    def protect(self, embedding: NDArray[np.float32]) -> tuple[NDArray[np.float32], str]:
        """The protected form of an embedding that a reference stores, and the id of the scheme."""

    def search(self, probe: Probe, *, at: datetime, fpir_target: float) -> Match:
        """Who the probe is, at the threshold that keeps ``fpir_target`` for the present number of references.

        References whose agreement has ended at ``at``, or that are unconfirmed, read as unknown.

        Raises:
            ValueError: the probe comes from another model than the gallery's calibration.
        """

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """``search`` for every probe of one frame; one person is at most one of them, the most alike."""

    def compare_with(self, subject_id: SubjectId, probe: Probe) -> Comparison | None:
        """The best comparison with one person's own references, confirmed or not; None if there are none."""

    def may_be_enrolled(self, probe: Probe, *, at: datetime, fpir_target: float) -> bool:
        """Whether somebody like this may be enrolled already; never who."""

    def refresh(self) -> None:
        """Take in what the store has gained and lost since, if anything."""
