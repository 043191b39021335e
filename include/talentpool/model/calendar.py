"""Define the table of days that officers made for campaigns: moved ones and extra rounds."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model.base import made_at, metadata

campaign_date = sa.Table(
    "campaign_date",
    metadata,
    sa.Column("date_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column(
        "cycle", sa.Text, nullable=False, comment="the round that is moved, or an extra one of its own: 2027-X0308"
    ),
    sa.Column("replaces", sa.Date, comment="the first day before it was moved; null = an extra round"),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    made_at(),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("withdrawn_for", sa.Text, comment="why"),
    sa.Column("withdrawn_at", sa.DateTime(timezone=True), comment="null while it holds"),
    sa.Column("started_at", sa.DateTime(timezone=True), comment="when its run began: a day starts one run"),
    sa.CheckConstraint("last_day >= first_day", name="in_order"),
    sa.CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name="withdrawn_by_somebody"),
    sa.Index(
        "uq_campaign_date_in_force",
        "campaign",
        "cycle",
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    ),
    comment="days that officers moved or added; nothing is deleted, what was withdrawn says by whom and why",
)
