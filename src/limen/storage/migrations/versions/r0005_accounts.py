"""The service: accounts, sessions, tokens, one-time links, answers to changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; they have one shape."""
    for name in ("accounts", "sessions", "api_tokens", "one_time_links", "given_answers"):
        op.create_table(
            name,
            sa.Column("row_id", sa.Integer, nullable=False),
            sa.Column("key", sa.String(64), nullable=False),
            sa.Column("holder", sa.String(40), nullable=False),
            sa.Column("until", sa.String(32), nullable=True),
            sa.Column("sealed", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("row_id", name=f"pk_{name}"),
            sa.UniqueConstraint("key", name=f"uq_{name}_key"),
        )
        op.create_index(f"ix_{name}_holder", name, ["holder"])
