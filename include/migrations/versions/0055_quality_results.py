"""Keep what each rule found in each delivery, and how many rows are without a fault, by dimension and county."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0055"
down_revision = "0058"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULES = {
    # that somebody withdrew is for the city's office to know
    "rule_result": f"{WHOLE} or (side = {MINE} and code not in ('withdrawn', 'withdrawn_doubtful'))",
    "dimension_score": f"{WHOLE} or side = {MINE}",
}
SIDE = "empty = the whole delivery; else the county of whose rows it speaks"


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    _make_results()
    _make_scores()
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")


def _make_results() -> None:
    op.create_table(
        "rule_result",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False, comment=SIDE),
        sa.Column("rule", sa.Text(), nullable=False,
                  comment="its name: the reason code, or what a check of staging says"),
        sa.Column("code", sa.Text(), nullable=False, comment="of reference/reason_codes.csv"),
        sa.Column("dimension", sa.Text(), nullable=False, comment="of GB/T 36344-2018, or uniqueness; in Chinese"),
        sa.Column("level", sa.Text(), nullable=False, comment="row, value, delivery or staging"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="looked at"),
        sa.Column("failed", sa.Integer(), nullable=False, comment="rows; of level delivery, findings"),
        sa.Column("outcome", sa.Text(), nullable=False,
                  comment="passed, or what followed for the rows or the delivery"),
        sa.Column("engine", sa.Text(), nullable=False,
                  comment="gx = Great Expectations and the recount agree; recount = SQL alone; record = from what was on"
                          " record before"),
        sa.Column("samples", ARRAY(sa.Integer()), nullable=False, server_default="{}",
                  comment="line numbers of the delivery, five at most; none of rows of which nothing is kept"),
        sa.CheckConstraint("level in ('row','value','delivery','staging')", name=op.f("ck_rule_result_level")),
        sa.CheckConstraint("engine in ('gx','recount','record')", name=op.f("ck_rule_result_engine")),
        sa.CheckConstraint("failed >= 0 and rows >= 0", name=op.f("ck_rule_result_counts")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"], ondelete="CASCADE",
                                name=op.f("fk_rule_result_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("delivery_id", "side", "rule", name=op.f("pk_rule_result")),
        comment="what each rule found in a delivery, in all and in each county that has something; written with the verdict",
    )  # fmt: skip
    op.create_index("ix_rule_result_rule", "rule_result", ["rule", "side"])


def _make_scores() -> None:
    op.create_table(
        "dimension_score",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False, comment=SIDE),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False, comment="rows with one fault of the dimension or more"),
        sa.Column("exact", sa.Boolean(), nullable=False, server_default=sa.true(),
                  comment="false = faults were added up, so that a row with two of them counts twice"),
        sa.CheckConstraint("faulty between 0 and rows", name=op.f("ck_dimension_score_counts")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"], ondelete="CASCADE",
                                name=op.f("fk_dimension_score_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("delivery_id", "side", "dimension", name=op.f("pk_dimension_score")),
        comment="rows of a delivery without a fault, by dimension, in all and in each county",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("dimension_score")
    op.drop_table("rule_result")
