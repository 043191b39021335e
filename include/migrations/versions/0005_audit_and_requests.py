"""Add the append-only, hash-chained audit log, and people's requests, which record erasures too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

# Every value as <characters>:<value>, so that no two rows read alike; talentpool/guard/audit.py does the same.
HASH = """
create function audit_hash(entry audit_log) returns text language sql immutable as $$
    select encode(sha256(convert_to(string_agg(char_length(value) || ':' || value, '' order by place), 'UTF8')), 'hex')
    from unnest(array[
        entry.seq::text, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.login, entry.actor,
        entry.action, entry.subject, entry.reason, entry.scope, entry.details::text, entry.previous
    ]) with ordinality as part(value, place)
$$
"""
# The advisory lock makes one chain of what several transactions write; a volatile function sees what was committed
# while it waited.
CHAIN = """
create function audit_chain() returns trigger language plpgsql as $$
declare last audit_log;
begin
    perform pg_advisory_xact_lock(7717004);
    select * into last from audit_log order by seq desc limit 1;
    new.seq := coalesce(last.seq, 0) + 1;
    new.previous := coalesce(last.hash, repeat('0', 64));
    new.at := clock_timestamp();
    new.login := session_user;
    new.hash := audit_hash(new);
    return new;
end $$
"""
STAYS = """
create function audit_stays() returns trigger language plpgsql as
$$ begin raise exception 'audit_log is append-only'; end $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False, comment="1, 2, 3 ... without a gap; set by a trigger"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="set by a trigger"),
        sa.Column("login", sa.Text(), nullable=False, comment="database login; set by a trigger"),
        sa.Column("actor", sa.Text(), nullable=False, comment="who, as the office knows them"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="person:<id>, delivery:<id>, list:<id>; never a value of a person"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="area code"),
        sa.Column("details", postgresql.JSONB(), nullable=False, comment="counts and names of fields, no values"),
        sa.Column("previous", sa.Text(), nullable=False, comment="hash of the row before; set by a trigger"),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 over the row and `previous`; set by a trigger"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
        comment="append-only; number, time, login and hashes are set by a trigger (guard/audit.py verifies them)",
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])
    for statement in (HASH, CHAIN, STAYS):
        op.execute(sa.text(statement.replace(":", "\\:")))
    op.execute(sa.text("create trigger audit_chain before insert on audit_log for each row execute function audit_chain()"))
    op.execute(
        sa.text(
            "create trigger audit_stays before update or delete or truncate on audit_log"
            " for each statement execute function audit_stays()"
        )
    )
    op.execute(sa.text("revoke update, delete, truncate on audit_log from public"))
    op.create_table(
        "person_request",
        sa.Column("request_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="withdraw, erase, access"),
        sa.Column("subject", sa.Text(), nullable=False, comment="person:<id>, an opaque id"),
        sa.Column("records", postgresql.ARRAY(postgresql.UUID()), nullable=False, comment="record ids concerned; a restore erases them again"),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False, comment="the office's own promise"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proof", postgresql.JSONB(), nullable=False, server_default="{}", comment="what was done, in counts"),
        sa.Column("done_at", sa.DateTime(timezone=True), comment="null while something of it is still to be done"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("request_id", name="pk_person_request"),
        sa.CheckConstraint("kind in ('withdraw','erase','access')", name="ck_person_request_kind"),
        comment="the journal of erasures too",
    )


def downgrade() -> None:
    op.drop_table("person_request")
    op.execute(sa.text("drop function audit_hash(audit_log)"))  # it takes a row of the table
    op.drop_table("audit_log")
    for name in ("audit_chain()", "audit_stays()"):
        op.execute(sa.text(f"drop function {name}"))
