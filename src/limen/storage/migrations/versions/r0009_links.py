"""Links: codes that open somebody's own page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "links",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_links"),
        sa.UniqueConstraint("subject_id", name="uq_links_subject_id"),
        sa.UniqueConstraint("code_hash", name="uq_links_code_hash"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subjects.subject_id"],
            name="fk_links_subject_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
