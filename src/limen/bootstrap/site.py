"""A site, opened: its store and every flow, wired."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from threadpoolctl import threadpool_limits

from limen.bootstrap.clock import SystemClock
from limen.bootstrap.models import build_vision, calibration_of, thread_count
from limen.bootstrap.passes import Passes, models_in_use, written_reasons
from limen.core.errors import ConfigError, StorageError
from limen.core.operators import Approved
from limen.core.people import SiteKind
from limen.core.ports import Clock
from limen.core.probe import ModelId
from limen.flows.agree import Agree, Renew
from limen.flows.approve import Approvals
from limen.flows.attest import Attest
from limen.flows.back_up import RecordBackup
from limen.flows.confirm import Confirm
from limen.flows.enrol import Enrol
from limen.flows.expire import Expire
from limen.flows.export import Export, IssueCode
from limen.flows.invite import Accept, Invite
from limen.flows.pair import Pair
from limen.flows.prove import Prove
from limen.flows.recognise import Recognise
from limen.flows.two_people import Operators
from limen.flows.withdraw import Withdraw
from limen.frames.pictures import decode_picture
from limen.gallery.calibration import Calibration
from limen.gallery.memory import MemoryGallery
from limen.gallery.pass_rows import SqlPasses, reseal_passes
from limen.gallery.protection import Rotation
from limen.gallery.rights import SqlRights
from limen.gallery.sealed_rows import SqlSealed
from limen.gallery.subjects import SqlSubjects
from limen.ledger.agreements import SqlAgreements
from limen.ledger.audit import SqlAudit
from limen.ledger.devices import SqlDevices, reseal_devices
from limen.ledger.doors import SqlDoors, reseal_doors
from limen.ledger.incidents import SqlIncidents, reseal_incidents
from limen.ledger.invitations import SqlInvitations
from limen.ledger.links import SqlLinks
from limen.ledger.operators import SqlOperators, reseal_operators
from limen.ledger.service import SqlService, reseal_service
from limen.settings import Settings, load_settings
from limen.storage.backup import write_backup
from limen.storage.backup_keys import BackupKey, BackupKeys
from limen.storage.before_upgrade import UpgradeBackup
from limen.storage.engine import Options as StorageOptions
from limen.storage.site import open_site as open_store
from limen.storage.site_secrets import reseal_secrets
from limen.storage.standing import StoreStanding, standing_of
from limen.storage.store import Rooms, SqlStore
from limen.storage.token_key import TokenKey
from limen.vision.detect import PICTURES, DetectorOptions
from limen.vision.recogniser import Recogniser

__all__ = ["ROOMS", "Site", "backup_keys_of", "open_site", "standing", "storage_options"]

_TAKE_BACK_DAYS = 7
"""How long an upgrade can be taken back, at most."""


class Site:
    """A site, opened: its store and every flow, wired. Models load when first needed.

    Use it as a context manager, or call ``close``.

    Args:
        settings: in force.
        store: of the data folder.
        detector_options: how hard to look for faces.
    """

    def __init__(self, settings: Settings, store: SqlStore, *, detector_options: DetectorOptions = PICTURES) -> None:
        self.settings = settings
        self.store = store
        self.clock: Clock = SystemClock()
        self._detector_options = detector_options

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @cached_property
    def calibration(self) -> Calibration:
        """What similarities mean here."""
        return calibration_of(self.settings)

    @cached_property
    def vision(self) -> Recogniser:
        """Frame -> probes."""
        return build_vision(self.settings, self.calibration, options=self._detector_options)

    @cached_property
    def gallery(self) -> MemoryGallery:
        """1:N search."""
        # Products here are small, and the threads of numpy's linear algebra wait for each other by spinning: on a busy
        # machine they took half a second of processor time to make one rotation (docs/results.md).
        threadpool_limits(1, user_api="blas")
        rotation = Rotation(self.store.rotation_seed(), dimensions=len(self.calibration.centre))
        workers = thread_count(self.settings)
        return MemoryGallery(self.store, calibration=self.calibration, rotation=rotation, workers=workers)

    def load(self, *, options: DetectorOptions) -> Recogniser:
        """Models and gallery, each loaded while the other is: one works outside the interpreter, one in it.

        Args:
            options: how hard the pipeline that is returned looks for faces.

        Raises:
            ModelError, StorageError, LedgerError: a model, or what is kept of people, is not as it must be.
        """
        calibration, gallery = self.calibration, self.gallery
        with ThreadPoolExecutor(1, thread_name_prefix="limen-load") as beside:
            vision = beside.submit(build_vision, self.settings, calibration, options=options)
            gallery.refresh()
            return vision.result()

    @property
    def agree(self) -> Agree:
        """Record an agreement."""
        return Agree(store=self.store, clock=self.clock)

    @property
    def renew(self) -> Renew:
        """Let an enrolled person agree anew."""
        return Renew(store=self.store, clock=self.clock)

    @property
    def prove(self) -> Prove:
        """The proof of one agreement."""
        return Prove(store=self.store, clock=self.clock)

    @property
    def enrol(self) -> Enrol:
        """Enrol a person."""
        return Enrol(
            store=self.store,
            vision=self.vision,
            gallery=self.gallery,
            clock=self.clock,
            approvals=self.approvals,
            reasons=written_reasons(self.settings),
        )

    @cached_property
    def passes(self) -> Passes:
        """Face passes and badge-locked templates: every flow about them."""
        return Passes(
            self.store, settings=self.settings, clock=self.clock, calibration=calibration_of, vision=self._vision_of
        )

    def _vision_of(self, settings: Settings) -> Recogniser:
        if settings is self.settings:
            return self.vision
        return build_vision(settings, calibration_of(settings), options=self._detector_options)

    @property
    def operators(self) -> Operators:
        """Two people, where two are needed."""
        return Operators(store=self.store, clock=self.clock, alone=self.settings.site.profile == "home")

    @property
    def pair(self) -> Pair:
        """Kiosks at doors."""
        return Pair(store=self.store, clock=self.clock)

    @property
    def approvals(self) -> Approvals:
        """What two operators have approved of the settings in force."""
        asked = {
            Approved.GALLERY: 1,
            Approved.UNUSED_DAYS: self.settings.privacy.unused_days,
            Approved.BACKUP_DAYS: self.settings.backup.days,
        }
        return Approvals(store=self.store, operators=self.operators, asked=asked)

    @property
    def invite(self) -> Invite:
        """Keep pictures of a person who has not been asked yet."""
        return Invite(store=self.store, clock=self.clock, keep=self._unused())

    @property
    def accept(self) -> Accept:
        """Enrol a person who was invited and has agreed."""
        clock = self.clock
        return Accept(
            store=self.store,
            clock=clock,
            enrol=self.enrol,
            decode=lambda content, name: decode_picture(content, name=name, at=clock.now()),
        )

    @property
    def confirm(self) -> Confirm:
        """Confirm a person's references by a live capture."""
        return Confirm(store=self.store, vision=self.vision, gallery=self.gallery, clock=self.clock)

    @property
    def recognise(self) -> Recognise:
        """Who is in a frame."""
        fpir = self.settings.gallery.fpir
        return Recognise(store=self.store, vision=self.vision, gallery=self.gallery, clock=self.clock, fpir_target=fpir)

    @property
    def withdraw(self) -> Withdraw:
        """Forget a person."""
        return Withdraw(store=self.store, clock=self.clock)

    @property
    def expire(self) -> Expire:
        """Forget whatever has ended or was never used; runs by itself when a site is opened."""
        return Expire(store=self.store, clock=self.clock, unused=self._unused())

    def _unused(self) -> timedelta:
        return timedelta(days=self.approvals.bounded(Approved.UNUSED_DAYS))

    @property
    def issue_code(self) -> IssueCode:
        """Give a person the code that releases an export."""
        return IssueCode(store=self.store, clock=self.clock)

    @property
    def attest(self) -> Attest:
        """Signed statements about the chain."""
        return Attest(store=self.store, clock=self.clock)

    @property
    def backup_keys(self) -> BackupKeys:
        """Where the keys of backups lie."""
        return backup_keys_of(self.settings)

    def rotate_key(self) -> None:
        """Turn the store to a fresh site key; other processes follow at their next transaction.

        Raises:
            StorageError: the store is under the key it was, unless the text says that only the scrub is missing.
        """
        self.store.rotate_key(at=self.clock.now())

    def back_up(self, out: Path) -> BackupKey:
        """Write an encrypted copy of the database to a new file; the key that opens it, until its time is up.

        Raises:
            RefusedError: backups would live longer than two operators have approved.
            StorageError: ``out`` is there already or cannot be written, or the store or the keys' folder cannot.
        """
        if out.exists():
            raise StorageError(f"{out} is there already", advice="choose a new file; no backup was made")
        self.approvals.check(Approved.BACKUP_DAYS)
        now = self.clock.now()
        key = self.backup_keys.new(at=now, validity=timedelta(days=self.settings.backup.days))
        RecordBackup(store=self.store)(key.backup_id, at=now, expires_at=key.expires_at)
        write_backup(self.store.copy(), out, key=key, site_id=self.store.site_id, made_at=now)
        return key

    @property
    def export(self) -> Export:
        """All that is held about a person."""
        return Export(store=self.store, clock=self.clock)


def open_site(data: Path | str | None = None, *, create: SiteKind | None = None) -> Site:
    """Open the site of a data folder.

    Args:
        data: the folder; None for LIMEN_DATA or the platform's own.
        create: make a new site of this kind if there is none; with an existing one, the kind it must have.

    Raises:
        ConfigError: settings that cannot be used.
        StorageError: no site there, a wrong key, a damaged or locked store.

    People whose agreement has ended, and keys of backups whose time is up, are destroyed on the way (promise 1).
    """
    settings = load_settings(None if data is None else Path(data))
    options = storage_options(settings)
    copies = UpgradeBackup(
        folder=settings.data / "before-upgrade",
        keys=backup_keys_of(settings),
        validity=timedelta(days=min(settings.backup.days, _TAKE_BACK_DAYS)),
    )
    store = open_store(
        settings.data, rooms=ROOMS, clock=SystemClock(), create=create, options=options, before_upgrade=copies
    )
    site = Site(settings, store)
    site.expire()
    site.backup_keys.destroy_expired(at=site.clock.now())
    return site


def standing(data: Path | None = None) -> tuple[StoreStanding, tuple[ModelId, ...]]:
    """How a store stands, unopened, and the models whose templates the settings in force accept.

    Raises:
        ConfigError, ModelError, StorageError: settings, model or store cannot be used.
    """
    settings = load_settings(data)
    return standing_of(settings.data, options=storage_options(settings)), models_in_use(settings)


def backup_keys_of(settings: Settings) -> BackupKeys:
    """Where the keys of backups lie."""
    return BackupKeys(settings.backup.keys or settings.data / "backup-keys")


ROOMS = Rooms(
    subjects=SqlSubjects,
    agreements=SqlAgreements,
    audit=SqlAudit,
    invitations=SqlInvitations,
    operators=SqlOperators,
    incidents=SqlIncidents,
    devices=SqlDevices,
    links=SqlLinks,
    rights=SqlRights,
    doors=SqlDoors,
    passes=SqlPasses,
    sealed=SqlSealed,
    service=SqlService,
    reseal=(
        reseal_doors,
        reseal_operators,
        reseal_devices,
        reseal_secrets,
        reseal_passes,
        reseal_incidents,
        reseal_service,
    ),
)


def storage_options(settings: Settings) -> StorageOptions:
    """What the store is opened with.

    Raises:
        ConfigError: a token without its PIN file.
    """
    site = settings.site
    token = None
    if site.pkcs11_module is not None:
        if site.pkcs11_pin_file is None:
            raise ConfigError("site.pkcs11_pin_file is not set", advice="write the PIN into a file and name it")
        token = TokenKey(module=site.pkcs11_module, token=site.pkcs11_token, pin_file=site.pkcs11_pin_file)
    return StorageOptions(key_file=site.key_file, token=token, busy_timeout_ms=round(1000 * site.busy_seconds))
