"""Define the tables of lists: drafts and locked lists, their rows, approvals, who decided what, and files."""

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
    sa.Column("state", sa.Text, nullable=False, comment="see campaigns/life/states.py; a trigger holds the order"),
    sa.Column(
        "supplement", sa.Integer, nullable=False, server_default="0", comment="0 = the round's list; 1.. = late names"
    ),
    sa.Column(
        "follows", sa.BigInteger, sa.ForeignKey("target_list.list_id"), comment="of a follow-up: the list it follows"
    ),
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
        "supplement",
        unique=True,
        postgresql_where=sa.text("state in ('locked','released','receipts_open','closed')"),
    ),
    sa.Index(
        "uq_target_list_followed",
        "follows",
        unique=True,
        postgresql_where=sa.text("state in ('locked','released','receipts_open','closed')"),
    ),
    sa.CheckConstraint(
        "state in ('draft','county_approved','city_approved','locked','released','receipts_open','closed','cancelled',"
        "'void')",
        name="state",
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
    sa.Index("uq_target_row_row", "list_id", "row_id", unique=True, postgresql_where=sa.text("selected")),
    sa.Index("ix_target_row_record", "record_id", postgresql_where=sa.text("selected")),
    sa.Index("ix_target_row_place", "list_id", "county", "partner", "station", postgresql_where=sa.text("selected")),
)

list_step = sa.Table(
    "list_step",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, comment="counties first, then the city"),
    sa.Column("role", sa.Text, nullable=False, comment="county_officer, city_officer or city_approver"),
    sa.Column("county", sa.Text, comment="whose share; null = the whole list"),
    sa.Column("people", sa.Integer, nullable=False, comment="how many are on that share"),
    sa.Column("share_hash", sa.Text, nullable=False, comment="over the share's rows: what an approval covers"),
    sa.Column("approved_by", sa.Text, comment="null while it is missing"),
    sa.Column("approved_as", sa.Text, comment="the role that entitled, or the deputy's word for whom"),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    comment="the approvals that a list needs; triggers keep drafters out and a locked list's as they are",
)

list_decision = sa.Table(
    "list_decision",
    metadata,
    sa.Column("decision_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, nullable=False, index=True, comment="a draft of then may be gone"),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("cycle", sa.Text, nullable=False),
    sa.Column("county", sa.Text, comment="whose share; null = the whole list"),
    sa.Column(
        "decision",
        sa.Text,
        nullable=False,
        comment="approve, return, set_apart, cancel, resume, withdraw, lock, release, close",
    ),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False, comment="which entitled"),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.Column("share_hash", sa.Text, nullable=False, comment="of what was looked at"),
    made_at(),
    sa.Index("ix_list_decision_round", "campaign", "cycle"),
    comment="who said what of which list, in order; only ever appended",
)

list_question = sa.Table(
    "list_question",
    metadata,
    sa.Column("dag_id", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, primary_key=True, comment="the run of Airflow that asks"),
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("map_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("list_id", sa.BigInteger, nullable=False, comment="a draft of then may be gone"),
    sa.Column("number", sa.Integer, nullable=False, comment="of the list's step: a county's share, or the whole"),
    sa.Column("county", sa.Text, comment="whose share; null = the whole list"),
    sa.Column("content_hash", sa.Text, nullable=False, comment="of the list that is shown"),
    sa.Column("body", sa.Text, nullable=False, comment="what the question shows: counts, and no person"),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    comment="which share of which list a task asks about: an answer counts for what was shown",
)

deputy = sa.Table(
    "deputy",
    metadata,
    sa.Column("deputy_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("role", sa.Text, nullable=False, comment="whose approvals: city_approver, county_officer_<code>"),
    sa.Column("name", sa.Text, nullable=False, comment="who stands in"),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("until_day", sa.Date, nullable=False),
    sa.Column("named_by", sa.Text, nullable=False),
    sa.Column("ended_by", sa.Text, comment="who took it back"),
    made_at(),
    sa.CheckConstraint("until_day >= from_day", name="days"),
    comment="who approves lists in somebody's place, and until when",
)

list_exception = sa.Table(
    "list_exception",
    metadata,
    sa.Column("exception_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("person_id", UUID, nullable=False, index=True),
    sa.Column("effect", sa.Text, nullable=False, comment="in or out"),
    sa.Column("reason", sa.Text, nullable=False, comment="a code of campaigns/selection/exceptions.py"),
    sa.Column("until_day", sa.Date, nullable=False, comment="the last as-of on which it holds"),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("confirmed_by", sa.Text, comment="another person; null while it holds for nothing"),
    sa.Column("confirmed_at", sa.DateTime(timezone=True)),
    sa.Column("ended_by", sa.Text),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    made_at(),
    sa.CheckConstraint("effect in ('in','out')", name="effect"),
    sa.CheckConstraint("confirmed_by is null or lower(trim(confirmed_by)) <> lower(trim(asked_by))", name="two_people"),
    comment="who is kept off a campaign's lists, or put on, by hand and by two people",
)

cancelled_round = sa.Table(
    "cancelled_round",
    metadata,
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("cycle", sa.Text, primary_key=True),
    sa.Column("cancelled_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    made_at(),
    comment="rounds that do not take place",
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
