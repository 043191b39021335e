"""Define the tables of sessions and events: who signed up, until the list is closed; and how many came, never who."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model.base import made_at, metadata

session_signup = sa.Table(
    "session_signup",
    metadata,
    sa.Column("entry_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column(
        "receipt_id",
        sa.BigInteger,
        sa.ForeignKey("receipt.receipt_id"),
        nullable=False,
        index=True,
        comment="the sheet that said it",
    ),
    sa.Column("list_id", sa.BigInteger, nullable=False),
    sa.Column("row_id", sa.Text, nullable=False, comment="of the sheet; after an erasure it is nobody's"),
    sa.Column("county", sa.Text),
    sa.Column("slot", sa.Integer, nullable=False, comment="in the order of the declaration, from 1; 0 = taken back"),
    sa.Index("ix_session_signup_row", "list_id", "row_id"),
    sa.CheckConstraint("slot between 0 and 1000", name="slot"),
    comment="who signed up for which slot; a row's last word stands, and all go when the list is closed",
)

attendance = sa.Table(
    "attendance",
    metadata,
    sa.Column("count_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), nullable=False, index=True),
    sa.Column("slot", sa.Integer, nullable=False, comment="of a session, from 1; 0 = of an event"),
    sa.Column("county", sa.Text, nullable=False, comment="whose people they are"),
    sa.Column("what", sa.Text, nullable=False, comment="came, children or signed"),
    sa.Column("number", sa.Integer, nullable=False, comment="how many; who they are is kept nowhere"),
    sa.Column("note", sa.Text, nullable=False, server_default="", comment="why another count than the one before"),
    sa.Column("counted_by", sa.Text, nullable=False),
    made_at(),
    sa.CheckConstraint("number between 0 and 100000", name="number"),
    sa.CheckConstraint("what in ('came','children','signed')", name="what"),
    comment="how many came to a session or an event, and how many children; the last count stands",
)
