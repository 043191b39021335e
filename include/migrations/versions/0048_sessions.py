"""Keep who signed up for which slot of a session until its list is closed, and how many came: never who."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0051"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULES = {table: f"{WHOLE} or county = {MINE}" for table in ("session_signup", "attendance")}
FUNCTIONS = ("signup_fits()", "signup_stays()", "attendance_fits()", "attendance_stays()", "session_slots(bigint)")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "session_signup",
        sa.Column("entry_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False, comment="the sheet that said it"),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False, comment="of the sheet; after an erasure it is nobody's"),
        sa.Column("county", sa.Text()),
        sa.Column("slot", sa.Integer(), nullable=False, comment="in the order of the declaration, from 1; 0 = taken back"),
        sa.CheckConstraint("slot between 0 and 1000", name=op.f("ck_session_signup_slot")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.receipt_id"],
                                name=op.f("fk_session_signup_receipt_id_receipt")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_session_signup")),
        comment="who signed up for which slot; a row's last word stands, and all go when the list is closed",
    )  # fmt: skip
    op.create_index(op.f("ix_session_signup_receipt_id"), "session_signup", ["receipt_id"])
    op.create_index("ix_session_signup_row", "session_signup", ["list_id", "row_id"])
    op.create_table(
        "attendance",
        sa.Column("count_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False, comment="of a session, from 1; 0 = of an event"),
        sa.Column("county", sa.Text(), nullable=False, comment="whose people they are"),
        sa.Column("what", sa.Text(), nullable=False, comment="came, children or signed"),
        sa.Column("number", sa.Integer(), nullable=False, comment="how many; who they are is kept nowhere"),
        sa.Column("note", sa.Text(), nullable=False, server_default="", comment="why another count than the one before"),
        sa.Column("counted_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("number between 0 and 100000", name=op.f("ck_attendance_number")),
        sa.CheckConstraint("what in ('came','children','signed')", name=op.f("ck_attendance_what")),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_attendance_list_id_target_list")),
        sa.PrimaryKeyConstraint("count_id", name=op.f("pk_attendance")),
        comment="how many came to a session or an event, and how many children; the last count stands",
    )
    op.create_index(op.f("ix_attendance_list_id"), "attendance", ["list_id"])
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    before = Path(__file__).with_name("0047_stock_ledger.sql").read_text(encoding="utf-8").split(";")[0]
    run(before.replace("create view", "create or replace view"))
    run("drop trigger receipt_is_no_visit on receipt_row")
    run("drop function receipt_is_no_visit()")
    op.drop_table("attendance")
    op.drop_table("session_signup")
    for name in FUNCTIONS:
        run(f"drop function {name}")
