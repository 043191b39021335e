"""Define the tables of handing out at a place: events, who signed in for one, and what was signed for under which key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from talentpool.model.base import made_at, metadata

handout_event = sa.Table(
    "handout_event",
    metadata,
    sa.Column("event_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), nullable=False, index=True),
    sa.Column("county", sa.Text, nullable=False, comment="whose rows are handed out"),
    sa.Column("reserve", sa.Integer, nullable=False, comment="as many may go to people who are on no list"),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, comment="no sign-in outlasts it"),
    sa.Column("ended_by", sa.Text, comment="who ended it before its time"),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    made_at(),
    sa.CheckConstraint("reserve >= 0", name="reserve"),
    comment="a list is handed out in a county, from when to when",
)

handout_pass = sa.Table(
    "handout_pass",
    metadata,
    sa.Column("pass_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("event_id", sa.BigInteger, sa.ForeignKey("handout_event.event_id"), nullable=False, index=True),
    sa.Column("partner", sa.Text, comment="null = an officer's, for every row of the county"),
    sa.Column("station", sa.Text),
    sa.Column("holder", sa.Text, nullable=False, comment="who acts: an officer, or station:<partner>:<county>:<name>"),
    sa.Column("user_id", sa.BigInteger, comment="of the UI; null = a station's"),
    sa.Column("bound_to", UUID, comment="keyed hash of the officer's name, password hash and roles"),
    sa.Column("apart", sa.Boolean, nullable=False, server_default=sa.text("false"), comment="on a host apart"),
    sa.Column(
        "code_hash", UUID, unique=True, comment="hash of the code that lets a station in, once; keyed, or by scrypt"
    ),
    sa.Column("session_hash", UUID, unique=True, comment="keyed hash of what the browser shows from then on"),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True), comment="null while the code waits"),
    sa.Column("ended_by", sa.Text, comment="who revoked it, or left"),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    made_at(),
    sa.CheckConstraint("(partner is null) = (station is null)", name="place"),
    sa.CheckConstraint("(partner is null) = (user_id is not null and bound_to is not null)", name="whose"),
    comment="who may hand out at an event: a code that is good once, then a session until the event ends",
)

handout_sealed = sa.Table(
    "handout_sealed",
    metadata,
    sa.Column("sealed_id", UUID, primary_key=True, comment="drawn by the host: what is carried twice counts once"),
    sa.Column("event_id", sa.BigInteger, sa.ForeignKey("handout_event.event_id"), nullable=False, index=True),
    sa.Column("pass_id", sa.BigInteger, sa.ForeignKey("handout_pass.pass_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="entered, looked, marks or left"),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False, comment="by the host's clock"),
    sa.Column("lines", sa.Integer, nullable=False, comment="marks in it"),
    sa.Column("faults", JSONB, nullable=False, comment="code -> marks that were not counted"),
    made_at(),
    sa.CheckConstraint("kind in ('entered','looked','marks','left')", name="kind"),
    comment="what a host apart sealed and the office took; only ever appended",
)

handout_entry = sa.Table(
    "handout_entry",
    metadata,
    sa.Column("entry_key", UUID, primary_key=True, comment="drawn by the browser: what is sent twice counts once"),
    sa.Column("event_id", sa.BigInteger, sa.ForeignKey("handout_event.event_id"), nullable=False, index=True),
    sa.Column("pass_id", sa.BigInteger, sa.ForeignKey("handout_pass.pass_id"), nullable=False),
    sa.Column("receipt_id", sa.BigInteger, sa.ForeignKey("receipt.receipt_id"), comment="null = it was known already"),
    sa.Column("sealed_id", UUID, sa.ForeignKey("handout_sealed.sealed_id"), comment="null = marked here"),
    sa.Column("row_id", sa.Text, comment="null = one of the reserve, to somebody who is on no list"),
    sa.Column("signing_id", UUID, comment="entries that one person signed for together"),
    sa.Column("signer", sa.Text, comment="who signed: self, head or colleague"),
    made_at(),
    sa.CheckConstraint("signer in ('self','head','colleague')", name="signer"),
    sa.CheckConstraint(
        "(row_id is null) = (signing_id is null) and (row_id is null) = (signer is null)", name="signed"
    ),
    comment="what was signed for, and what went out of the reserve; only ever appended, and no register of outcomes",
)
