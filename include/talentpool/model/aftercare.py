"""Define the tables of what is asked and heard once a list is handed out: the sample that is called back, and complaints."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model.base import made_at, metadata

spot_check = sa.Table(
    "spot_check",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False, comment="drawn"),
    sa.Column("of_rows", sa.Integer, nullable=False, comment="from so many that stood as received"),
    sa.Column("seed", sa.Text, nullable=False, comment="of the lottery, 32 hex digits; keyed, chosen by nobody"),
    sa.Column("drawn_by", sa.Text, nullable=False),
    made_at(),
    comment="the one random sample of a list that is called back",
)

spot_check_row = sa.Table(
    "spot_check_row",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("spot_check.list_id"), primary_key=True),
    sa.Column("row_id", sa.Text, primary_key=True, comment="of the sheet; after an erasure it is nobody's"),
    sa.Column("place", sa.Integer, nullable=False, comment="in the lottery, from 1"),
    sa.Column("county", sa.Text),
    comment="which rows are called back",
)

spot_check_word = sa.Table(
    "spot_check_word",
    metadata,
    sa.Column("word_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, nullable=False),
    sa.Column("row_id", sa.Text, nullable=False),
    sa.Column("county", sa.Text),
    sa.Column("answer", sa.Text, nullable=False, comment="see campaigns/following/spot_check.py"),
    sa.Column("said_by", sa.Text, nullable=False),
    made_at(),
    sa.ForeignKeyConstraint(["list_id", "row_id"], ["spot_check_row.list_id", "spot_check_row.row_id"]),
    sa.Index("ix_spot_check_word_row", "list_id", "row_id"),
    sa.CheckConstraint("answer in ('confirmed','not_received','other_thing','unreachable','not_asked')", name="answer"),
    comment="what was answered; only ever appended, the last word stands, and no receipt changes by it",
)

complaint = sa.Table(
    "complaint",
    metadata,
    sa.Column("complaint_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), nullable=False, index=True),
    sa.Column("category", sa.Text, nullable=False, comment="see campaigns/following/complaints.py"),
    sa.Column("county", sa.Text, nullable=False),
    sa.Column("on_day", sa.Date, nullable=False, comment="on which it was made"),
    sa.Column("row_id", sa.Text, comment="of whom, where that is known; after an erasure it is nobody's"),
    sa.Column("note", sa.Text, nullable=False, server_default="", comment="without a name or number"),
    sa.Column("noted_by", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False, server_default="", comment="what was done, without a name or number"),
    sa.Column("answered_by", sa.Text, comment="null while it is open"),
    sa.Column("answered_at", sa.DateTime(timezone=True)),
    made_at(),
    sa.CheckConstraint(
        "category in ('not_received','too_little','wrong_thing','faulty','manner','fairness','privacy','other')",
        name="category",
    ),
    sa.CheckConstraint("(answered_by is null) = (answered_at is null)", name="answered"),
    comment="what people complained of; answered once, otherwise it stays as it was noted",
)
