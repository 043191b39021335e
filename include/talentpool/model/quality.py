"""Define the tables of validation results: what each rule found in a delivery, and how many rows are without a fault."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.model.base import metadata

SIDE = "empty = the whole delivery; else the county of whose rows it speaks"

rule_result = sa.Table(
    "rule_result",
    metadata,
    sa.Column(
        "delivery_id",
        sa.BigInteger,
        sa.ForeignKey("delivery.delivery_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("side", sa.Text, primary_key=True, comment=SIDE),
    sa.Column("rule", sa.Text, primary_key=True, comment="its name: the reason code, or what a check of staging says"),
    sa.Column("code", sa.Text, nullable=False, comment="of reference/reason_codes.csv"),
    sa.Column("dimension", sa.Text, nullable=False, comment="of GB/T 36344-2018, or uniqueness; in Chinese"),
    sa.Column("level", sa.Text, nullable=False, comment="row, value, delivery or staging"),
    sa.Column("rows", sa.Integer, nullable=False, comment="looked at"),
    sa.Column("failed", sa.Integer, nullable=False, comment="rows; of level delivery, findings"),
    sa.Column("outcome", sa.Text, nullable=False, comment="passed, or what followed for the rows or the delivery"),
    sa.Column(
        "engine", sa.Text, nullable=False,
        comment="gx = Great Expectations and the recount agree; recount = SQL alone; record = from what was on record before",
    ),
    sa.Column(
        "samples", ARRAY(sa.Integer), nullable=False, server_default="{}",
        comment="line numbers of the delivery, five at most; none of rows of which nothing is kept",
    ),
    sa.CheckConstraint("level in ('row','value','delivery','staging')", name="level"),
    sa.CheckConstraint("engine in ('gx','recount','record')", name="engine"),
    sa.CheckConstraint("failed >= 0 and rows >= 0", name="counts"),
    sa.Index("ix_rule_result_rule", "rule", "side"),
    comment="what each rule found in a delivery, in all and in each county that has something; written with the verdict",
)  # fmt: skip

dimension_score = sa.Table(
    "dimension_score",
    metadata,
    sa.Column(
        "delivery_id",
        sa.BigInteger,
        sa.ForeignKey("delivery.delivery_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("side", sa.Text, primary_key=True, comment=SIDE),
    sa.Column("dimension", sa.Text, primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("faulty", sa.Integer, nullable=False, comment="rows with one fault of the dimension or more"),
    sa.Column(
        "exact", sa.Boolean, nullable=False, server_default=sa.true(),
        comment="false = faults were added up, so that a row with two of them counts twice",
    ),
    sa.CheckConstraint("faulty between 0 and rows", name="counts"),
    comment="rows of a delivery without a fault, by dimension, in all and in each county",
)  # fmt: skip
