"""Everything limen starts with: site, people and their keys, agreements, the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables, and the triggers that keep the audit chain append-only."""
    _create_site()
    _create_agreements()
    _create_people()
    _create_references()
    _create_audit()


def _create_site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("site_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("key_check", sa.LargeBinary, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_only_one")),
    )
    op.create_table(
        "generation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generation"),
        sa.CheckConstraint("id = 1", name=op.f("ck_generation_only_one")),
    )
    op.create_table(
        "scrubs_owed",
        sa.Column("scrub_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("scrub_id", name="pk_scrubs_owed"),
    )


def _create_agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("agreement_id", sa.String(40), nullable=False),
        sa.Column("text_version", sa.String(40), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("how", sa.String(20), nullable=False),
        sa.Column("given_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=True),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_agreements"),
        sa.UniqueConstraint("agreement_id", name="uq_agreements_agreement_id"),
    )


def _create_people() -> None:
    op.create_table(
        "subjects",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("agreement_id", sa.String(40), nullable=False),
        sa.Column("enrolled_at", sa.String(32), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_subjects"),
        sa.UniqueConstraint("subject_id", name="uq_subjects_subject_id"),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.agreement_id"],
            name="fk_subjects_agreement_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "data_keys",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_data_keys"),
        sa.UniqueConstraint("subject_id", name="uq_data_keys_subject_id"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subjects.subject_id"],
            name="fk_data_keys_subject_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def _create_references() -> None:
    op.create_table(
        "subject_references",
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("reference_id", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("model_id", sa.String(120), nullable=False),
        sa.Column("scheme_id", sa.String(80), nullable=False),
        sa.Column("mask", sa.String(12), nullable=False),
        sa.Column("quality", sa.Integer, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("template_sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_id", name="pk_subject_references"),
        sa.UniqueConstraint("reference_id", name="uq_subject_references_reference_id"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subjects.subject_id"],
            name="fk_subject_references_subject_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_subject_references_subject_id", "subject_references", ["subject_id"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("alias", sa.Text, nullable=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("n_records", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only_one")),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END"
        )
