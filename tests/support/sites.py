"""Real sites in a temporary folder, wired as bootstrap wires them."""

from __future__ import annotations

from pathlib import Path

from limen.core.people import SiteKind
from limen.gallery.pass_rows import SqlPasses, reseal_passes
from limen.gallery.rights import SqlRights
from limen.gallery.sealed_rows import SqlSealed
from limen.gallery.subjects import SqlSubjects
from limen.ledger import SqlAgreements, SqlAudit, SqlInvitations, SqlOperators, reseal_operators
from limen.ledger.devices import SqlDevices, reseal_devices
from limen.ledger.doors import SqlDoors, reseal_doors
from limen.ledger.incidents import SqlIncidents, reseal_incidents
from limen.ledger.links import SqlLinks
from limen.ledger.service import SqlService, reseal_service
from limen.storage import Options, Rooms, SqlStore, open_site
from limen.storage.site_secrets import reseal_secrets
from support.clock import FakeClock

__all__ = ["ROOMS", "born", "reopened", "write_reasons"]

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


def born(folder: Path, *, kind: SiteKind = SiteKind.TRIAL, options: Options | None = None) -> SqlStore:
    """A site that was just created in ``folder``."""
    return open_site(folder, rooms=ROOMS, clock=FakeClock(), create=kind, options=options)


def reopened(folder: Path, *, options: Options | None = None) -> SqlStore:
    """A site that is there already, opened as another process would."""
    return open_site(folder, rooms=ROOMS, clock=FakeClock(), options=options)


def write_reasons(folder: Path) -> None:
    """Write down why a badge is not enough, and why a list is needed: a live folder enrols nobody without."""
    why = "Forty badges were lent last year, and people come with full hands."
    lines = f'[kinds]\ngallery_why_not_a_badge = "{why}"\ngallery_why_one_to_many = "{why}"\n'
    (folder / "limen.toml").write_text(lines, "utf-8")
