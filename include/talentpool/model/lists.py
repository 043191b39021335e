"""Define the tables of lists: drafts and locked lists, their rows, approvals and files."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from talentpool.model.base import made_at, metadata

target_list = sa.Table(
    "target_list",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("cycle", sa.Text, nullable=False, comment="one round of the campaign, e.g. 2026"),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="draft, locked or void"),
    sa.Column("declaration_hash", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False, comment="over the rows, never over files"),
    sa.Column("eligible", sa.Integer, nullable=False),
    sa.Column("selected", sa.Integer, nullable=False),
    sa.Column("excluded", JSONB, nullable=False, comment="reason -> count"),
    sa.Column("passport", JSONB, nullable=False, comment="purpose, rules, as-of, snapshot, approvals, hash"),
    sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("locked_at", sa.DateTime(timezone=True)),
    made_at(),
    sa.Index(
        "uq_target_list_locked",
        "campaign",
        "cycle",
        unique=True,
        postgresql_where=sa.text("state = 'locked'"),
    ),
)

target_row = sa.Table(
    "target_row",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("row_id", sa.Text, nullable=False, comment="short id printed on the sheet; keyed, not the person id"),
    sa.Column("selected", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, comment="why in, or the first rule that kept it out"),
    sa.Column("county", sa.Text),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("record_id", UUID, nullable=False, comment="whose name and mobile the sheet shows"),
    sa.Column("facts", JSONB, nullable=False, comment="age, band, status: what the rule saw"),
)

list_approval = sa.Table(
    "list_approval",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("approved_by", sa.Text, primary_key=True),
    made_at(),
)

list_file = sa.Table(
    "list_file",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False, comment="county:<code> or station:<partner>:<county>:<name>"),
    sa.Column("rows", sa.Integer, nullable=False),
    made_at(),
)

void_word = sa.Table(
    "void_word",
    metadata,
    sa.Column("word_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("about", sa.Text, nullable=False, comment="list:<number> or pool:<date>"),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("carried_out", sa.Boolean, nullable=False, comment="the second person's word"),
    made_at(),
    comment="who said of a list or a pool that it is wrong, and why",
)
