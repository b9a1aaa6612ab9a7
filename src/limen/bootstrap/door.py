"""One door, wired: settings -> camera, eyes, rules, store and devices, ready to be kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import SimpleQueue
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from limen.bootstrap.site import Site
from limen.bootstrap.temperature import build_thermometer
from limen.core.door import DoorId
from limen.core.errors import ConfigError, RefusedError
from limen.core.frame import SourceKind
from limen.core.messages import Banner
from limen.core.operators import Approved
from limen.core.people import SiteKind
from limen.core.ports import FrameSource, SkinThermometer, Vision
from limen.door.actuators.factory import make_gear, simulated_gear
from limen.door.loop import CROWD, DoorLoop, Search
from limen.door.policy import UnsafeFaceOnly
from limen.door.still import Still
from limen.door.temperature import TemperatureOn, TemperaturePolicy
from limen.door.tracks import LOST_AFTER
from limen.flows.admit import Admit
from limen.flows.alarms import Alarms
from limen.flows.desk import Desk
from limen.flows.keep import Judge, Keep, Told
from limen.flows.lay_down import LayDown
from limen.flows.moments import Moments
from limen.flows.outside import Outside
from limen.flows.passage import Passage
from limen.flows.show_code import ShowCode
from limen.flows.watch_clock import ClockWatch
from limen.frames.codes import read_codes
from limen.frames.sources import open_source
from limen.settings import Settings
from limen.settings.gear import gear_of, place_of
from limen.settings.values import KIOSK, camera_of, check_kiosk, door_of, fpir_of, not_ready, policy_of, zone_of
from limen.vision.detect import DOOR

__all__ = ["DoorChoices", "desk_of", "keep_door", "kiosk_door", "lay_down_of", "missing_of"]

_COUNTS_KEPT = timedelta(days=30)
_HASHER = PasswordHasher()
_KIOSK_LOST_AFTER = timedelta(seconds=1.5)
"""A kiosk gives five pictures a second, and fewer where many share a processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorChoices:
    """What somebody who starts a door may choose.

    Attributes:
        source: instead of the camera in the settings.
        thermal: instead of the thermal camera in the settings.
        camera: instead of both: one that is held open already, such as a kiosk's; it stays so.
        vision: instead of one of the door's own; doors of one process share it.
        busy: whether more doors than processors share it; then a face's two views come from two frames, as in a crowd.
        presented: badges and PINs as they are shown; an empty text is the button.
        tell: is told after every frame.
    """

    source: str | None = None
    thermal: str | None = None
    camera: FrameSource | None = None
    vision: Vision | None = None
    busy: bool = False
    presented: SimpleQueue[str] = field(default_factory=SimpleQueue)
    tell: Callable[[Told], None] = lambda _: None


def desk_of(site: Site, name: str) -> Desk:
    """A person's hand on a door.

    Raises:
        ConfigError: there is no door of that name.
    """
    door_of(site.settings, name)
    return Desk(store=site.store, clock=site.clock, door=DoorId(name))


def kiosk_door(settings: Settings, name: str) -> DoorId:
    """A door that a browser may be the camera of.

    Raises:
        ConfigError: there is none of that name, or it is none for a kiosk.
    """
    check_kiosk(door_of(settings, name), name=name)
    return DoorId(name)


def lay_down_of(site: Site) -> LayDown:
    """Lays down rights of people; PINs are kept as argon2id."""
    return LayDown(store=site.store, clock=site.clock, pin_hash=_HASHER.hash)


def missing_of(site: Site, name: str) -> tuple[str, ...]:
    """Why nobody may be searched for at this door yet (promise 5), in sentences."""
    today = site.clock.now().astimezone(ZoneInfo(site.settings.site.time_zone)).date()
    return not_ready(door_of(site.settings, name), on=today)


@contextmanager
def keep_door(site: Site, name: str, choices: DoorChoices) -> Iterator[Keep]:
    """A door that can be kept; everything it holds is let go afterwards.

    Raises:
        ConfigError: there is no such door, or it cannot be used as it stands in the settings.
        RefusedError: a live folder, and the other way in is not tested, the settings go beyond what two operators
            have approved, or the source is no live camera.
        ActuatorError, CaptureError, ModelError, StorageError: something it needs is not there.
    """
    settings, clock = site.settings, site.clock
    door, live = door_of(settings, name), site.store.site_kind is SiteKind.LIVE
    if live and (missing := missing_of(site, name)):
        raise RefusedError(
            f"door {name} does not start: {missing[0]}", advice="promise 5 of limen", reason="other_way_untested"
        )
    site.gallery.refresh()
    site.approvals.check(*(what for what in Approved if what is not Approved.GALLERY or len(site.gallery)))
    with site.store.begin() as unit:
        if unit.doors.prune(before=clock.now() - _COUNTS_KEPT):
            unit.commit()
    policy = policy_of(door, settings)
    banners = _banners(live=live, unsafe=isinstance(policy.attendance, UnsafeFaceOnly))
    with ExitStack() as held:
        source = _source(site, name, choices)
        if choices.camera is None:
            held.callback(source.close)
        options, place = gear_of(settings, name), place_of(settings, name)
        if live:
            gear = make_gear(options, place=place, clock=clock)
        else:
            gear = simulated_gear(clock=clock, options=options.contact, walker=True)
        held.callback(gear.close)
        thermometer = _thermometer(site, name, spec=choices.thermal or door.thermal, rule=policy.temperature)
        if thermometer is not None:
            held.callback(thermometer.close)
        alarms, moments = Alarms(DoorId(name)), Moments(pin_check=_is_pin)
        codes = ShowCode(
            door=DoorId(name),
            gallery=site.gallery,
            present=site.passes.present,
            read=read_codes,
            moments=moments,
        )
        yield Keep(
            door=DoorId(name),
            site=settings.site.name,
            clock=clock,
            watch=ClockWatch(seconds=time.monotonic, newest=_newest(site)),
            source=source,
            make_look=_eyes(site, name, codes, thermometer=thermometer, choices=choices),
            admit=Admit(
                store=site.store,
                door=DoorId(name),
                policy=policy,
                moments=moments,
                purpose=door.purpose,
                with_credential=options.with_credential,
            ),
            outside=Outside(
                door=DoorId(name),
                site=settings.site.name,
                store=site.store,
                sensor=gear.sensor,
                events=gear.events,
                passage=Passage(
                    store=site.store, door=DoorId(name), leads=door.direction, next_to_pass=moments.next_to_pass
                ),
                moments=moments,
                alarms=alarms,
                airlock=tuple(DoorId(other) for other in door.airlock_with),
                state=lambda at: gear.state(place, at=at, banners=banners),
                presented=choices.presented,
                codes=codes,
            ),
            actuator=gear.actuator,
            alarms=alarms,
            opens=True,
            tell=choices.tell,
        )


def _thermometer(site: Site, name: str, *, spec: str, rule: TemperaturePolicy) -> SkinThermometer | None:
    """The door's thermometer; None where no rule asks for one, or there is no camera for it: then a person measures."""
    if not spec or not isinstance(rule, TemperatureOn):
        return None
    kind = site.store.site_kind
    return build_thermometer(site.settings, name, spec=spec, rule=rule, site=kind, clock=site.clock)


def _source(site: Site, name: str, choices: DoorChoices) -> FrameSource:
    """The door's camera, held open; a live folder takes a live one, or a kiosk's where that may be."""
    door, live = door_of(site.settings, name), site.store.site_kind is SiteKind.LIVE
    if choices.camera is not None:
        check_kiosk(door, name=name)
        return choices.camera
    if choices.source is None and door.camera == KIOSK:
        raise ConfigError(f"door {name}: its camera is a kiosk", advice="`limen serve` keeps this door")
    source = open_source(choices.source or camera_of(door), clock=site.clock)
    try:
        _check_live(source, live=live)
    except RefusedError:
        source.close()
        raise
    return source


def _eyes(
    site: Site, name: str, search: Search, *, thermometer: SkinThermometer | None, choices: DoorChoices
) -> Callable[[Judge], DoorLoop]:
    door = door_of(site.settings, name)
    seeing = choices.vision or site.load(options=DOOR)
    site.gallery.refresh()

    def made(judge: Judge) -> DoorLoop:
        return DoorLoop(
            vision=seeing,
            gallery=search,
            judge=judge,
            zone=zone_of(door),
            fpir_target=fpir_of(door, site.settings),
            patience=timedelta(seconds=door.patience_s),
            thermometer=thermometer,
            line=door.line,
            lost_after=_KIOSK_LOST_AFTER if door.camera == KIOSK else LOST_AFTER,
            crowd=1 if choices.busy else CROWD,
            still=Still() if door.camera == KIOSK else None,
        )

    return made


def _check_live(source: FrameSource, *, live: bool) -> None:
    if live and source.kind is not SourceKind.LIVE_CAMERA:
        raise RefusedError(
            "a live folder recognises people in front of its cameras only, never in recordings",
            advice="use a trial folder with people who agreed to it",
            reason="not_a_live_capture",
        )


def _banners(*, live: bool, unsafe: bool) -> tuple[Banner, ...]:
    return (*(() if live else (Banner.TRIAL,)), *((Banner.UNSAFE_FACE_ONLY,) if unsafe else ()))


def _newest(site: Site) -> datetime:
    """The time of the newest record; the clock cannot stand before it."""
    with site.store.read() as unit:
        return max(record.at for record in unit.audit.records())


def _is_pin(kept: str, pin: str) -> bool:
    try:
        return _HASHER.verify(kept, pin)
    except VerificationError:
        return False
