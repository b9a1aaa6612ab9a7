"""Incidents, openings of events, what is to be laid down for people who are invited; tags of the chain are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, the column and the index."""
    op.add_column("invitations", sa.Column("rights_sealed", sa.LargeBinary, nullable=True))
    op.create_index("ix_audit_tag", "audit", ["tag"])
    op.create_table(
        "incidents",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=True),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_incidents"),
        sa.UniqueConstraint("incident_id", name="uq_incidents_incident_id"),
        _key("incidents", "subject_id", "subjects"),
    )
    op.create_index("ix_incidents_subject_id", "incidents", ["subject_id"])
    op.create_table(
        "event_openings",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("opening_id", sa.String(40), nullable=False),
        sa.Column("incident_id", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_event_openings"),
        sa.UniqueConstraint("opening_id", name="uq_event_openings_opening_id"),
        _key("event_openings", "incident_id", "incidents"),
    )
    op.create_index("ix_event_openings_incident_id", "event_openings", ["incident_id"])


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.{column}"], name=f"fk_{table}_{column}", deferrable=True, initially="DEFERRED"
    )
