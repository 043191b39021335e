"""Define the tables of retention: what was deleted because its time was over, and what is kept by legal hold."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from talentpool.model.base import made_at, metadata

retention_report = sa.Table(
    "retention_report",
    metadata,
    sa.Column("report_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("day", sa.Date, nullable=False, comment="the office's day whose terms were carried out"),
    sa.Column("kind", sa.Text, nullable=False, comment="a code of include/reference/retention.csv"),
    sa.Column("gone", sa.BigInteger, nullable=False, comment="what went: people, rows, files or entries, by the kind"),
    sa.Column("counts", JSONB, nullable=False, server_default="{}", comment="table -> rows that went with them"),
    sa.Column("on_hold", sa.BigInteger, comment="of the last row of a run: what is due and stays by legal hold"),
    sa.Column("waiting", sa.BigInteger, comment="of the last row of a run: what is due and waits for something else"),
    made_at(),
    sa.Index("ix_retention_report_day", "day", "kind"),
    comment="what went, a row a batch and one at the end of each run of a kind; only ever appended",
)

retention_hold = sa.Table(
    "retention_hold",
    metadata,
    sa.Column("hold_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column(
        "about",
        sa.Text,
        nullable=False,
        comment="kind:<code>, partner:<code>, delivery:<number> or person:<id>, opaque",
    ),
    sa.Column(
        "records", ARRAY(UUID), nullable=False, comment="of a person: the record ids then, whatever the person is later"
    ),
    sa.Column("until_day", sa.Date, nullable=False, comment="the last day on which it holds"),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    made_at(),
    comment="legal holds: what is not deleted though its time is over; only ever appended",
)

retention_hold_word = sa.Table(
    "retention_hold_word",
    metadata,
    sa.Column("word_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("hold_id", sa.BigInteger, sa.ForeignKey("retention_hold.hold_id"), nullable=False, index=True),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("carried_out", sa.Boolean, nullable=False, comment="the second person's word: the hold has ended"),
    made_at(),
    comment="who said that a hold ends before its day; only ever appended",
)
