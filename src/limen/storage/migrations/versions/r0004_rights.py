"""Data rights: purpose and proof of an agreement, codes that release exports, site keys before the present one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what agreements have had since, and the tables."""
    op.add_column("agreements", sa.Column("purpose", sa.Text, nullable=True))
    op.add_column("agreements", sa.Column("proof_sealed", sa.LargeBinary, nullable=True))
    _create_keys()
    _create_invitations()
    op.create_table(
        "operators",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("operator_id", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_operators"),
        sa.UniqueConstraint("operator_id", name="uq_operators_operator_id"),
    )


def _create_keys() -> None:
    op.create_table(
        "release_codes",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_release_codes"),
        sa.UniqueConstraint("subject_id", name="uq_release_codes_subject_id"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subjects.subject_id"],
            name="fk_release_codes_subject_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "past_keys",
        sa.Column("until", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("until", name="pk_past_keys"),
    )


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("invitation_id", sa.String(40), nullable=False),
        sa.Column("invited_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_invitations"),
        sa.UniqueConstraint("invitation_id", name="uq_invitations_invitation_id"),
    )
    op.create_table(
        "invitation_pictures",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("invitation_id", sa.String(40), nullable=False),
        sa.Column("picture_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_invitation_pictures"),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.invitation_id"],
            name="fk_invitation_pictures_invitation_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_invitation_pictures_invitation_id", "invitation_pictures", ["invitation_id"])
