"""Record what a matching run saw, for the quality report: scores, waiting pairs, shared mobiles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("match_run", sa.Column("whole", sa.Boolean(), nullable=False, server_default="false", comment="every record was looked at, not only what changed"))
    op.add_column("match_run", sa.Column("scores", postgresql.JSONB(), nullable=False, server_default="{}", comment="whole bits (-40..50) -> compared pairs"))
    op.add_column("match_run", sa.Column("waiting", sa.Integer(), nullable=True, comment="pairs that wait for a person after it; null before this was counted"))
    op.add_column("match_run", sa.Column("shared_mobiles", sa.Integer(), nullable=True, comment="in more records than a mobile of one person; null = not counted"))
    op.add_column("match_run", sa.Column("bare", sa.Integer(), nullable=True, comment="records without usable evidence; null = not counted"))


def downgrade() -> None:
    for name in ("bare", "shared_mobiles", "waiting", "scores", "whole"):
        op.drop_column("match_run", name)
