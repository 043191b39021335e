"""Mark the judgements of one split, so that they are taken back together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column(
        "edge",
        sa.Column("split_id", postgresql.UUID(), comment="which taking apart of a person said it; null = a word on this pair alone"),
    )


def downgrade() -> None:
    op.drop_column("edge", "split_id")
