"""Doors: what is laid down for people, who is inside, how doors stand, what they counted, what was asked of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of doors."""
    _create_of_people()
    _create_of_doors()


def _create_of_people() -> None:
    op.create_table(
        "subject_rights",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_subject_rights"),
        sa.UniqueConstraint("subject_id", name="uq_subject_rights_subject_id"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subjects.subject_id"],
            name="fk_subject_rights_subject_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "presence",
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="pk_presence"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subjects.subject_id"],
            name="fk_presence_subject_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "occupancy",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_occupancy"),
        sa.CheckConstraint("id = 1", name=op.f("ck_occupancy_only_one")),
    )


def _create_of_doors() -> None:
    op.create_table(
        "doors",
        sa.Column("door", sa.String(40), nullable=False),
        sa.Column("locked_down", sa.Boolean, nullable=False),
        sa.Column("alarm_set", sa.Boolean, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("door", name="pk_doors"),
    )
    op.create_table(
        "door_leaves",
        sa.Column("door", sa.String(40), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("door", name="pk_door_leaves"),
    )
    op.create_table(
        "door_counts",
        sa.Column("door", sa.String(40), nullable=False),
        sa.Column("hour", sa.String(32), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("door", "hour", "what", name="pk_door_counts"),
    )
    op.create_table(
        "door_requests",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("request_id", sa.String(40), nullable=False),
        sa.Column("door", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("not_after", sa.String(32), nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_door_requests"),
        sa.UniqueConstraint("request_id", name="uq_door_requests_request_id"),
    )
    op.create_index("ix_door_requests_door", "door_requests", ["door"])
