"""How many typed PINs in a row have not opened a badge."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. A badge with a PIN that was made before has no number yet and counts as locked."""
    op.add_column("sealed_templates", sa.Column("wrong_pins_sealed", sa.LargeBinary, nullable=True))
