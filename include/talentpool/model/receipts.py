"""Define the tables of what comes back of a list: each receipt, and what it says of each row."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from talentpool.model.base import made_at, metadata

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("receipt_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), nullable=False, index=True),
    sa.Column("via", sa.Text, nullable=False, comment="page, command, all_but or correction"),
    sa.Column("received_by", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, comment="of the sheet, which is not kept"),
    sa.Column("lines", sa.Integer, nullable=False, comment="with a row id, or something filled in"),
    sa.Column("taken", sa.Integer, nullable=False, comment="rows of which it said something new"),
    sa.Column("faults", JSONB, nullable=False, comment="code -> lines that were given back"),
    sa.Column("reason", sa.Text, nullable=False, server_default="", comment="of a correction"),
    made_at(),
    comment="what came back of a list, by whom and by which way",
)

receipt_row = sa.Table(
    "receipt_row",
    metadata,
    sa.Column("entry_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("receipt_id", sa.BigInteger, sa.ForeignKey("receipt.receipt_id"), nullable=False, index=True),
    sa.Column("list_id", sa.BigInteger, nullable=False),
    sa.Column("row_id", sa.Text, nullable=False, comment="of the sheet; after an erasure it is nobody's"),
    sa.Column("county", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False, comment="see campaigns/receipts/outcomes.py"),
    sa.Column("delivered", sa.Integer, nullable=False, comment="as many were handed out"),
    sa.Column("on_day", sa.Date, comment="of the hand-out, where the sheet says it"),
    sa.Column("correction", sa.Boolean, nullable=False, comment="an officer's word, against sheets"),
    sa.Index("ix_receipt_row_row", "list_id", "row_id"),
    sa.CheckConstraint("outcome in ('full','part','none','refused','left','unknown')", name="outcome"),
    sa.CheckConstraint("delivered >= 0 and (delivered > 0) = (outcome in ('full','part'))", name="delivered"),
    comment="what was said of a row; only ever appended, and the strongest word stands, or the last correction",
)
