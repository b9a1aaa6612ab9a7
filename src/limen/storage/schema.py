"""All tables of a site, in one place; the migrations lead here and a test compares the two.

Rules kept: times are UTC with microseconds, as ISO 8601 text (sortable, the same on every database); what tells of a
person is sealed under that person's key or authenticated under the site's, so that an edited row is found.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

__all__ = [
    "accounts",
    "agreements",
    "api_tokens",
    "approvals",
    "audit",
    "audit_head",
    "data_keys",
    "devices",
    "door_counts",
    "door_leaves",
    "door_requests",
    "doors",
    "event_openings",
    "generation",
    "given_answers",
    "incidents",
    "invitation_pictures",
    "invitations",
    "links",
    "metadata",
    "occupancy",
    "one_time_links",
    "operators",
    "passes",
    "past_keys",
    "presence",
    "release_codes",
    "scrubs_owed",
    "sealed_templates",
    "sessions",
    "site",
    "site_secrets",
    "subject_references",
    "subject_rights",
    "subjects",
    "utc_text",
]


def utc_text(moment: datetime) -> str:
    """A moment as ISO 8601 text in UTC with microseconds, for instance ``2026-11-22T08:00:00.000000+00:00``.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("moment: expected a time zone, got a naive datetime")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _rows(name: str, *columns: SchemaItem) -> Table:
    """A table whose rows are numbered."""
    return Table(name, metadata, Column("row_id", Integer, primary_key=True), *columns)


def _refers(target: str, *, one: bool = False, nullable: bool = False) -> Column[str]:
    """A column that names a row of another table, checked when a transaction ends; ``one`` row at most names it."""
    return Column(
        target.partition(".")[2],
        String(40),
        ForeignKey(target, deferrable=True, initially="DEFERRED"),
        nullable=nullable,
        unique=one or None,
        index=not one or None,
    )


site = Table(
    "site",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="only_one"), primary_key=True),
    Column("site_id", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("key_check", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

generation = Table(
    "generation",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="only_one"), primary_key=True),
    Column("value", Integer, nullable=False),
)

scrubs_owed = Table(
    "scrubs_owed",
    metadata,
    Column("scrub_id", String(40), primary_key=True),
)

agreements = _rows(
    "agreements",
    Column("agreement_id", String(40), nullable=False, unique=True),
    Column("text_version", String(40), nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("how", String(20), nullable=False),
    Column("given_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("subject_id", String(40), nullable=True),
    Column("seal", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=True),
    Column("proof_sealed", LargeBinary, nullable=True),
)

# Deferred: within one transaction the order of steps is free, but none commits a person without an agreement.
subjects = _rows(
    "subjects",
    Column("subject_id", String(40), nullable=False, unique=True),
    Column("kind", String(10), nullable=False),
    Column(
        "agreement_id",
        String(40),
        ForeignKey("agreements.agreement_id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("enrolled_at", String(32), nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
)

data_keys = _rows(
    "data_keys",
    _refers("subjects.subject_id", one=True),
    Column("version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

subject_references = _rows(
    "subject_references",
    Column("reference_id", String(40), nullable=False, unique=True),
    _refers("subjects.subject_id"),
    Column("model_id", String(120), nullable=False),
    Column("scheme_id", String(80), nullable=False),
    Column("mask", String(12), nullable=False),
    Column("quality", Integer, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("template_sealed", LargeBinary, nullable=False),
)

invitations = _rows(
    "invitations",
    Column("invitation_id", String(40), nullable=False, unique=True),
    Column("invited_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("rights_sealed", LargeBinary, nullable=True),
)

invitation_pictures = _rows(
    "invitation_pictures",
    _refers("invitations.invitation_id"),
    Column("picture_sealed", LargeBinary, nullable=False),
)

operators = _rows(
    "operators",
    Column("operator_id", String(40), nullable=False, unique=True),
    Column("code_hash", Text, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

devices = _rows(
    "devices",
    Column("device_id", String(40), nullable=False, unique=True),
    Column("door", String(40), nullable=False),
    Column("offered_until", String(32), nullable=False),
    Column("paired_at", String(32), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("seal", LargeBinary, nullable=False),
)

# How far two operators have approved a setting; before that, what limen ships with holds.
approvals = Table(
    "approvals",
    metadata,
    Column("what", String(20), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

past_keys = Table(
    "past_keys",
    metadata,
    Column("until", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

release_codes = _rows(
    "release_codes",
    _refers("subjects.subject_id", one=True),
    Column("code_hash", Text, nullable=False),
)

# What opens somebody's own page.
links = _rows(
    "links",
    _refers("subjects.subject_id", one=True),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
)

# Text as it was hashed: nothing is parsed and written anew between the chain and its check.
audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("tag", Text, nullable=False, index=True),
    Column("alias", Text, nullable=True, index=True),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="only_one"), primary_key=True),
    Column("n_records", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("mac", Text, nullable=False),
)

subject_rights = _rows(
    "subject_rights",
    _refers("subjects.subject_id", one=True),
    Column("sealed", LargeBinary, nullable=False),
)

# A row is somebody who is inside. Since when, and through which door, is nobody's business.
presence = Table(
    "presence",
    metadata,
    Column(
        "subject_id",
        String(40),
        ForeignKey("subjects.subject_id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
)

occupancy = Table(
    "occupancy",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="only_one"), primary_key=True),
    Column("people", Integer, nullable=False),
)

doors = Table(
    "doors",
    metadata,
    Column("door", String(40), primary_key=True),
    Column("locked_down", Boolean, nullable=False),
    Column("alarm_set", Boolean, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

door_leaves = Table(
    "door_leaves",
    metadata,
    Column("door", String(40), primary_key=True),
    Column("is_open", Boolean, nullable=False),
    Column("at", String(32), nullable=False),
)

door_counts = Table(
    "door_counts",
    metadata,
    Column("door", String(40), primary_key=True),
    Column("hour", String(32), primary_key=True),
    Column("what", String(20), primary_key=True),
    Column("number", Integer, nullable=False),
)

door_requests = _rows(
    "door_requests",
    Column("request_id", String(40), nullable=False, unique=True),
    Column("door", String(40), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("about", String(40), nullable=False),
    Column("not_after", String(32), nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

# What was reported, sealed under the key of the person it is about, or under the site's where it is about nobody.
incidents = _rows(
    "incidents",
    Column("incident_id", String(40), nullable=False, unique=True),
    _refers("subjects.subject_id", nullable=True),
    Column("opened_at", String(32), nullable=False),
    Column("closed_at", String(32), nullable=True),
    Column("sealed", LargeBinary, nullable=False),
)

# Who asked whom an event was about, and who approved; never whom it was about.
event_openings = _rows(
    "event_openings",
    Column("opening_id", String(40), nullable=False, unique=True),
    _refers("incidents.incident_id"),
    Column("sealed", LargeBinary, nullable=False),
)

# Of a face pass the site keeps this and no template.
passes = _rows(
    "passes",
    Column("pass_id", String(40), nullable=False, unique=True),
    _refers("subjects.subject_id"),
    Column("key_number", Integer, nullable=False),
    Column("model_id", String(120), nullable=False),
    Column("valid_from", String(32), nullable=False),
    Column("valid_until", String(32), nullable=False),
    Column("host_sealed", LargeBinary, nullable=True),
    Column("revoked_at", String(32), nullable=True),
    Column("seal", LargeBinary, nullable=False),
)

# Locked under a secret that the store does not have, and sealed under the person's key besides.
sealed_templates = _rows(
    "sealed_templates",
    Column("locator", LargeBinary, nullable=False, unique=True),
    _refers("subjects.subject_id", one=True),
    Column("model_id", String(120), nullable=False),
    Column("with_pin", Boolean, nullable=False),
    Column("template_sealed", LargeBinary, nullable=False),
    Column("wrong_pins_sealed", LargeBinary, nullable=True),
)

# Secrets that are not made from the site key, so that they outlive a change of it; wrapped by it.
site_secrets = _rows(
    "site_secrets",
    Column("purpose", String(20), nullable=False),
    Column("number", Integer, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("accepted_until", String(32), nullable=True),
    Column("wrapped", LargeBinary, nullable=False),
    UniqueConstraint("purpose", "number"),
)


def _kept(name: str) -> Table:
    """What the service keeps of one kind: found by a key, ended by its holder or its time, sealed as a whole."""
    return _rows(
        name,
        Column("key", String(64), nullable=False, unique=True),
        Column("holder", String(40), nullable=False, index=True),
        Column("until", String(32), nullable=True),
        Column("sealed", LargeBinary, nullable=False),
    )


accounts = _kept("accounts")
sessions = _kept("sessions")
api_tokens = _kept("api_tokens")
one_time_links = _kept("one_time_links")
given_answers = _kept("given_answers")
