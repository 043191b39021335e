"""Store how many records a matching run knows, so that the next one need not count them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column(
        "match_run", sa.Column("live_records", sa.Integer(), comment="of a person on a roster after the run; null = to be counted")
    )
    op.add_column("match_run", sa.Column("matched", sa.Integer(), comment="records that have keys after the run; null = to be counted"))


def downgrade() -> None:
    op.drop_column("match_run", "matched")
    op.drop_column("match_run", "live_records")
