"""Keep what comes back of a list: receipts, and what each says of a row."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0040"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULES = {
    "receipt": f"{WHOLE} or received_by = (select scope_actor())",
    "receipt_row": f"{WHOLE} or county = {MINE}",
}


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False, comment="page, command, all_but or correction"),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), comment="of the sheet, which is not kept"),
        sa.Column("lines", sa.Integer(), nullable=False, comment="with a row id, or something filled in"),
        sa.Column("taken", sa.Integer(), nullable=False, comment="rows of which it said something new"),
        sa.Column("faults", JSONB(), nullable=False, comment="code -> lines that were given back"),
        sa.Column("reason", sa.Text(), nullable=False, server_default="", comment="of a correction"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_receipt_list_id_target_list")),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipt")),
        comment="what came back of a list, by whom and by which way",
    )
    op.create_index(op.f("ix_receipt_list_id"), "receipt", ["list_id"])
    op.create_table(
        "receipt_row",
        sa.Column("entry_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False, comment="of the sheet; after an erasure it is nobody's"),
        sa.Column("county", sa.Text()),
        sa.Column("outcome", sa.Text(), nullable=False, comment="see campaigns/receipts/outcomes.py"),
        sa.Column("delivered", sa.Integer(), nullable=False, comment="as many were handed out"),
        sa.Column("on_day", sa.Date(), comment="of the hand-out, where the sheet says it"),
        sa.Column("correction", sa.Boolean(), nullable=False, comment="an officer's word, against sheets"),
        sa.CheckConstraint("outcome in ('full','part','none','refused','left','unknown')",
                           name=op.f("ck_receipt_row_outcome")),
        sa.CheckConstraint("delivered >= 0 and (delivered > 0) = (outcome in ('full','part'))",
                           name=op.f("ck_receipt_row_delivered")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.receipt_id"], name=op.f("fk_receipt_row_receipt_id_receipt")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_receipt_row")),
        comment="what was said of a row; only ever appended, and the strongest word stands, or the last correction",
    )  # fmt: skip
    op.create_index(op.f("ix_receipt_row_receipt_id"), "receipt_row", ["receipt_id"])
    op.create_index("ix_receipt_row_row", "receipt_row", ["list_id", "row_id"])
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    run("drop policy reader on receipt")  # it reads receipt_row
    op.drop_table("receipt_row")
    op.drop_table("receipt")
    run("drop function receipt_fits")
    run("drop function receipt_stays")
