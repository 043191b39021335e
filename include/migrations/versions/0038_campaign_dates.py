"""Let officers move the day of a round, or add one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "campaign_date",
        sa.Column("date_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False, comment="the round that is moved, or an extra one of its own: 2027-X0308"),
        sa.Column("replaces", sa.Date(), comment="the first day before it was moved; null = an extra round"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_for", sa.Text(), comment="why"),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), comment="null while it holds"),
        sa.Column("started_at", sa.DateTime(timezone=True), comment="when its run began: a day starts one run"),
        sa.PrimaryKeyConstraint("date_id", name="pk_campaign_date"),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_campaign_date_in_order")),
        sa.CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name=op.f("ck_campaign_date_withdrawn_by_somebody")),
        comment="days that officers moved or added; nothing is deleted, what was withdrawn says by whom and why",
    )
    op.create_index("uq_campaign_date_in_force", "campaign_date", ["campaign", "cycle"], unique=True,
                    postgresql_where=sa.text("withdrawn_at is null"))  # fmt: skip


def downgrade() -> None:
    op.drop_table("campaign_date")
