"""Store versions of the office's own weights; at most one is active, else the shipped file holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "match_weights",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="from 1000 on; shipped files count below"),
        sa.Column("weights", postgresql.JSONB(), nullable=False, comment="as match/weights.yml, the version apart"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("made_by", sa.Text(), comment="null when nobody was named"),
        sa.Column("note", sa.Text()),
        sa.Column("fitted_on", postgresql.JSONB(), nullable=False, server_default="{}", comment="how many records, pairs and steps stand behind it; {} = from a file"),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("activated_at", sa.DateTime(timezone=True), comment="the last time"),
        sa.Column("activated_by", sa.Text()),
        sa.PrimaryKeyConstraint("version", name="pk_match_weights"),
        sa.CheckConstraint("version >= 1000", name="ck_match_weights_own"),
        comment="weights of the office's own; without an active one those of match/weights.yml hold",
    )
    op.create_index("ix_match_weights_active", "match_weights", ["active"], unique=True, postgresql_where=sa.text("active"))


def downgrade() -> None:
    op.drop_table("match_weights")
