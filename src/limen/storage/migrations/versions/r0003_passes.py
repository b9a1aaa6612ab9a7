"""Face passes, badge-locked templates, and secrets of the site that outlive a change of its key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and an index by which one person's audit records are found."""
    op.create_table(
        "passes",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("pass_id", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("key_number", sa.Integer, nullable=False),
        sa.Column("model_id", sa.String(120), nullable=False),
        sa.Column("valid_from", sa.String(32), nullable=False),
        sa.Column("valid_until", sa.String(32), nullable=False),
        sa.Column("host_sealed", sa.LargeBinary, nullable=True),
        sa.Column("revoked_at", sa.String(32), nullable=True),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_passes"),
        sa.UniqueConstraint("pass_id", name="uq_passes_pass_id"),
        _of_person("passes"),
    )
    op.create_index("ix_passes_subject_id", "passes", ["subject_id"])
    op.create_table(
        "sealed_templates",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("locator", sa.LargeBinary, nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("model_id", sa.String(120), nullable=False),
        sa.Column("with_pin", sa.Boolean, nullable=False),
        sa.Column("template_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_sealed_templates"),
        sa.UniqueConstraint("locator", name="uq_sealed_templates_locator"),
        sa.UniqueConstraint("subject_id", name="uq_sealed_templates_subject_id"),
        _of_person("sealed_templates"),
    )
    op.create_table(
        "site_secrets",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("accepted_until", sa.String(32), nullable=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_site_secrets"),
        sa.UniqueConstraint("purpose", "number", name="uq_site_secrets_purpose"),
    )
    op.create_index("ix_audit_alias", "audit", ["alias"])


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subject_id"],
        ["subjects.subject_id"],
        name=f"fk_{table}_subject_id",
        deferrable=True,
        initially="DEFERRED",
    )
