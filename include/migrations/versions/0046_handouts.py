"""Keep who hands out a list at a place: events, sign-ins for one, and what was signed for."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0046"
down_revision = "0047"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULES = {
    "handout_event": f"{WHOLE} or county = {MINE}",
    "handout_entry": f"{WHOLE} or exists (select from handout_event e where e.event_id = handout_entry.event_id"
    f" and e.county = {MINE})",
}
TABLES = ("handout_event", "handout_pass", "handout_entry")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def made_at() -> sa.Column[object]:
    return sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def upgrade() -> None:
    _events()
    _passes()
    _entries()
    for table in TABLES:
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
    for table, rule in RULES.items():
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def _events() -> None:
    op.create_table(
        "handout_event",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False, comment="whose rows are handed out"),
        sa.Column("reserve", sa.Integer(), nullable=False, comment="as many may go to people who are on no list"),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, comment="no sign-in outlasts it"),
        sa.Column("ended_by", sa.Text(), comment="who ended it before its time"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        made_at(),
        sa.CheckConstraint("reserve >= 0", name=op.f("ck_handout_event_reserve")),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_handout_event_list_id_target_list")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_handout_event")),
        comment="a list is handed out in a county, from when to when",
    )
    op.create_index(op.f("ix_handout_event_list_id"), "handout_event", ["list_id"])


def _passes() -> None:
    op.create_table(
        "handout_pass",
        sa.Column("pass_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("partner", sa.Text(), comment="null = an officer's, for every row of the county"),
        sa.Column("station", sa.Text()),
        sa.Column("holder", sa.Text(), nullable=False,
                  comment="who acts: an officer, or station:<partner>:<county>:<name>"),
        sa.Column("user_id", sa.BigInteger(), comment="of the UI; null = a station's"),
        sa.Column("bound_to", UUID(), comment="keyed hash of the officer's name, password hash and roles"),
        sa.Column("code_hash", UUID(), comment="keyed hash of the code that lets a station in, once"),
        sa.Column("session_hash", UUID(), comment="keyed hash of what the browser shows from then on"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), comment="null while the code waits"),
        sa.Column("ended_by", sa.Text(), comment="who revoked it, or left"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        made_at(),
        sa.CheckConstraint("(partner is null) = (station is null)", name=op.f("ck_handout_pass_place")),
        sa.CheckConstraint("(partner is null) = (user_id is not null and bound_to is not null)",
                           name=op.f("ck_handout_pass_whose")),
        sa.ForeignKeyConstraint(["event_id"], ["handout_event.event_id"],
                                name=op.f("fk_handout_pass_event_id_handout_event")),
        sa.PrimaryKeyConstraint("pass_id", name=op.f("pk_handout_pass")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_handout_pass_code_hash")),
        sa.UniqueConstraint("session_hash", name=op.f("uq_handout_pass_session_hash")),
        comment="who may hand out at an event: a code that is good once, then a session until the event ends",
    )  # fmt: skip
    op.create_index(op.f("ix_handout_pass_event_id"), "handout_pass", ["event_id"])


def _entries() -> None:
    op.create_table(
        "handout_entry",
        sa.Column("entry_key", UUID(), nullable=False, comment="drawn by the browser: what is sent twice counts once"),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("pass_id", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), comment="null = it was known already"),
        sa.Column("row_id", sa.Text(), comment="null = one of the reserve, to somebody who is on no list"),
        sa.Column("signing_id", UUID(), comment="entries that one person signed for together"),
        sa.Column("signer", sa.Text(), comment="who signed: self, head or colleague"),
        made_at(),
        sa.CheckConstraint("signer in ('self','head','colleague')", name=op.f("ck_handout_entry_signer")),
        sa.CheckConstraint("(row_id is null) = (signing_id is null) and (row_id is null) = (signer is null)",
                           name=op.f("ck_handout_entry_signed")),
        sa.ForeignKeyConstraint(["event_id"], ["handout_event.event_id"],
                                name=op.f("fk_handout_entry_event_id_handout_event")),
        sa.ForeignKeyConstraint(["pass_id"], ["handout_pass.pass_id"],
                                name=op.f("fk_handout_entry_pass_id_handout_pass")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.receipt_id"],
                                name=op.f("fk_handout_entry_receipt_id_receipt")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_handout_entry")),
        comment="what was signed for, and what went out of the reserve; only ever appended, and no register of outcomes",
    )  # fmt: skip
    op.create_index(op.f("ix_handout_entry_event_id"), "handout_entry", ["event_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    run("drop function handout_fits")
    run("drop function handout_stays")
