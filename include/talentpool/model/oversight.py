"""Define the tables of oversight: who did what, and what people asked about themselves."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID

from talentpool.model.base import made_at, metadata

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False, comment="1, 2, 3 ... without a gap"),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("login", sa.Text, nullable=False, comment="database login"),
    sa.Column("actor", sa.Text, nullable=False, comment="who, as the office knows them"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, comment="person:<id>, delivery:<id>, list:<id>"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False, comment="area code"),
    sa.Column("details", JSONB, nullable=False, comment="counts and names of fields, no values"),
    sa.Column("previous", sa.Text, nullable=False, comment="hash of the row before"),
    sa.Column("hash", sa.Text, nullable=False, comment="SHA-256 over the row and `previous`"),
    sa.Index("ix_audit_log_subject", "subject"),
    sa.Index("ix_audit_log_at", "at"),
    sa.Index("ix_audit_log_reveals", "actor", "at", postgresql_where=sa.text("action = 'reveal'")),
    comment="append-only; number, time, login and hashes are set by a trigger (guard/audit.py verifies them)",
)

audit_end = sa.Table(
    "audit_end",
    metadata,
    sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("seq", sa.BigInteger, nullable=False, comment="number of the newest row of audit_log"),
    sa.Column("hash", sa.Text, nullable=False, comment="its hash"),
    sa.CheckConstraint("one", name="one"),
    comment="the end of the chain, and the lock of whoever makes it longer",
)

audit_waiting = sa.Table(
    "audit_waiting",
    metadata,
    sa.Column("waiting_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("login", sa.Text, nullable=False, comment="database login"),
    sa.Column("actor", sa.Text, nullable=False, comment="who, as the office knows them"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, comment="person:<id>, delivery:<id>, list:<id>"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False, comment="area code"),
    sa.Column("details", JSONB, nullable=False, comment="counts and names of fields, no values"),
    comment="what officers' own logins wrote, until the next writer of ours chains it into audit_log",
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("head_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False, comment="row of audit_log; 0 = the beginning of the chain"),
    sa.Column("hash", sa.Text, nullable=False, comment="that row's hash"),
    sa.Column("kept_at", sa.Text, nullable=False, comment="when, as it was signed"),
    sa.Column("signature", sa.Text, nullable=False, comment="ours, over the three"),
    comment="signed heads of the chain, append-only; the second place has each of them, too",
)

work_lock = sa.Table(
    "work_lock",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="what is done by one at a time"),
    comment="locks between our own processes; nobody else may lock a row",
)

key_rotation = sa.Table(
    "key_rotation",
    metadata,
    sa.Column("rotation_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("key_id", sa.Text, nullable=False, comment="the envelope key that wraps from here on"),
    sa.Column("with_records", sa.Boolean, nullable=False, comment="data keys too: records are sealed anew"),
    sa.Column("up_to", sa.BigInteger, nullable=False, comment="the newest delivery when it began"),
    sa.Column("rewrapped", sa.Integer, nullable=False, server_default="0", comment="data keys wrapped anew"),
    sa.Column("resealed", sa.BigInteger, nullable=False, server_default="0", comment="records sealed anew"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("done_at", sa.DateTime(timezone=True), comment="null while something of it is still to be done"),
    comment="what a rotation of keys has got done; an unfinished one is gone on with",
)

person_request = sa.Table(
    "person_request",
    metadata,
    sa.Column("request_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column(
        "kind",
        sa.Text,
        nullable=False,
        comment="withdraw, erase, access, restore, opt_out, correct; retention: a term was over",
    ),
    sa.Column("subject", sa.Text, nullable=False, comment="person:<id>, an opaque id; retention:<day>"),
    sa.Column("purpose", sa.Text, comment="opt_out: what the person does not want to be used for"),
    sa.Column("on_paper", sa.Boolean, comment="access: the copy is handed out on paper, not as an encrypted file"),
    sa.Column("counties", ARRAY(sa.Text), comment="where the person's records are; their officers see the request"),
    sa.Column("records", ARRAY(UUID), nullable=False, comment="record ids concerned; a restore erases them again"),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False, comment="the office's own promise"),
    sa.Column("decided_by", sa.Text, nullable=False, comment="who registered it"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proof", JSONB, nullable=False, server_default="{}", comment="what was done, in counts"),
    sa.Column("done_at", sa.DateTime(timezone=True), comment="null while something of it is still to be done"),
    made_at(),
    sa.CheckConstraint("kind in ('withdraw','erase','access','restore','opt_out','correct','retention')", name="kind"),
    comment="the journal of erasures too",
)

request_step = sa.Table(
    "request_step",
    metadata,
    sa.Column("step_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False, comment="identity, confirmed, revoked, handed_over"),
    sa.Column("taken_by", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False, comment="how the identity was verified, or why the request was revoked"),
    made_at(),
    sa.CheckConstraint("step in ('identity','confirmed','revoked','handed_over')", name="step"),
    comment="what was done about a request after it was registered, by whom",
)

use_stop = sa.Table(
    "use_stop",
    metadata,
    sa.Column("request_id", sa.BigInteger, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False, server_default="", comment="'' = for everything: a withdrawal"),
    sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("lifted_at", sa.DateTime(timezone=True), comment="when the request was revoked; null while it holds"),
    sa.Index("ix_use_stop_record_id", "record_id"),
    comment="records that a request of the person took out of use, at once and until it is revoked or carried out",
)

officer = sa.Table(
    "officer",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="user name in the UI and on the command line"),
    sa.Column("login", sa.Text, nullable=False, unique=True, comment="own login of the database"),
    sa.Column("role", sa.Text, nullable=False, comment="one: duties that exclude each other never meet"),
    sa.Column("counties", ARRAY(sa.Text), comment="null = the whole area, {} = nobody's people"),
    sa.Column("added_by", sa.Text, nullable=False),
    made_at(),
    sa.Column("removed_at", sa.DateTime(timezone=True), comment="null while in office"),
    comment="who may log in to the database as themselves, and how far they see",
)

upload = sa.Table(
    "upload",
    metadata,
    sa.Column("upload_id", UUID, primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("form", sa.Text, nullable=False, comment="csv or xlsx"),
    sa.Column("uploaded_by", sa.Text, nullable=False),
    sa.Column("counties", ARRAY(sa.Text), comment="whose rows it may hold; null = the whole area"),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("sealed", BYTEA, nullable=False, comment="the file under the landing key; gone once handed on"),
    sa.Column("verdict", JSONB, nullable=False, comment="counts of the trial run"),
    made_at(),
    comment="files that an officer tried and has not handed on yet; forgotten after a day",
)

handed_on = sa.Table(
    "handed_on",
    metadata,
    sa.Column("upload_id", UUID, primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("handed_by", sa.Text, nullable=False),
    sa.Column("counties", ARRAY(sa.Text), comment="whose rows its sender may send; null = the whole area"),
    sa.Column("placed_as", sa.Text, comment="its name in the inbox; null = the file did not get there"),
    sa.Column("delivery_id", sa.BigInteger, comment="which delivery it became; null while it waits in the inbox"),
    made_at(),
    sa.Index("ix_handed_on_partner_sha256", "partner", "sha256"),
    comment="files that officers put into an inbox: a delivery of these bytes is bound by its sender's counties",
)
