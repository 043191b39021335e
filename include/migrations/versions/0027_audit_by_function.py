"""Write the audit log through its owner's functions; keep heads in the database too; make locks rows."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
TABLES = ("work_lock", "audit_end", "audit_waiting", "audit_head")
FUNCTIONS = (
    "audit_checked(text, text, text, text, text, jsonb)", "audit_by_us()", "audit_chained(audit_log, audit_end)",
    "audit_gather()", "audit_write(text, text, text, text, text, jsonb)", "audit_keep(bigint, text, text, text)",
    "reveal_turn()",
)  # fmt: skip
OLD_CHAIN = """
create function audit_chain() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
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


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "work_lock",
        sa.Column("name", sa.Text(), nullable=False, comment="what is done by one at a time"),
        sa.PrimaryKeyConstraint("name", name="pk_work_lock"),
        comment="locks between our own processes; nobody else may lock a row",
    )
    op.create_table(
        "audit_end",
        sa.Column("one", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="number of the newest row of audit_log"),
        sa.Column("hash", sa.Text(), nullable=False, comment="its hash"),
        sa.PrimaryKeyConstraint("one", name="pk_audit_end"),
        sa.CheckConstraint("one", name="ck_audit_end_one"),
        comment="the end of the chain, and the lock of whoever makes it longer",
    )
    op.create_table(
        "audit_waiting",
        sa.Column("waiting_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("login", sa.Text(), nullable=False, comment="database login"),
        sa.Column("actor", sa.Text(), nullable=False, comment="who, as the office knows them"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="person:<id>, delivery:<id>, list:<id>"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="area code"),
        sa.Column("details", postgresql.JSONB(), nullable=False, comment="counts and names of fields, no values"),
        sa.PrimaryKeyConstraint("waiting_id", name="pk_audit_waiting"),
        comment="what officers' own logins wrote, until the next writer of ours chains it into audit_log",
    )
    op.create_table(
        "audit_head",
        sa.Column("head_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="row of audit_log; 0 = the beginning of the chain"),
        sa.Column("hash", sa.Text(), nullable=False, comment="that row's hash"),
        sa.Column("kept_at", sa.Text(), nullable=False, comment="when, as it was signed"),
        sa.Column("signature", sa.Text(), nullable=False, comment="ours, over the three"),
        sa.PrimaryKeyConstraint("head_id", name="pk_audit_head"),
        comment="signed heads of the chain, append-only; the second place has each of them, too",
    )
    run("drop trigger audit_chain on audit_log")
    run("drop function audit_chain()")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    run(
        "insert into audit_end (seq, hash) select coalesce(max(seq), 0),"
        " coalesce((select hash from audit_log order by seq desc limit 1), repeat('0', 64)) from audit_log"
    )
    for name in FUNCTIONS:
        run(f"revoke execute on function {name} from public")
    run("drop policy writer on audit_log")
    run("revoke insert on audit_log from talentpool_reader")
    for table, rule in {
         "audit_end": "(select scope_audits())", "audit_head": "(select scope_audits())",
        "audit_waiting": "(select scope_audits()) or actor = (select scope_actor())",
    }.items():  # fmt: skip
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
    run("grant select on audit_waiting, audit_end, audit_head to talentpool_reader")
    run("grant execute on function audit_by_us() to talentpool_reader, talentpool_pipeline")
    run(f"grant execute on function {FUNCTIONS[4]}, reveal_turn() to talentpool_reader, talentpool_pipeline")
    run("grant execute on function audit_gather() to talentpool_console, talentpool_pipeline")
    run(f"grant execute on function {FUNCTIONS[5]} to talentpool_pipeline")
    run(
        "create trigger audit_stays before update or delete or truncate on audit_head"
        " for each statement execute function audit_stays()"
    )


def downgrade() -> None:
    for name in FUNCTIONS[::-1]:
        run(f"drop function {name}")
    for table in TABLES:
        op.drop_table(table)
    run(OLD_CHAIN)
    run("revoke execute on function audit_chain() from public")
    run("create trigger audit_chain before insert on audit_log for each row execute function audit_chain()")
    run("create policy writer on audit_log for insert to talentpool_reader with check (actor = (select scope_actor()))")
    run("grant insert on audit_log to talentpool_reader")
