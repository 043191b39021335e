"""Define the tables of rows that are set aside and mended: what was said of a row, and what is remembered for the next."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID

from talentpool.model.base import made_at, metadata

quarantine_word = sa.Table(
    "quarantine_word",
    metadata,
    sa.Column("word_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), nullable=False),
    sa.Column("row_no", sa.Integer, nullable=False, comment="line of the delivery: 1 = first data row"),
    sa.Column("county", sa.Text, comment="whose officers see the word; null = the city's alone"),
    sa.Column("act", sa.Text, nullable=False, comment="corrected, released, returned"),
    sa.Column("field", sa.Text, nullable=False, server_default="", comment="corrected: which field"),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, comment="without a name or number"),
    made_at(),
    sa.CheckConstraint("act in ('corrected','released','returned')", name="act"),
    sa.Index("ix_quarantine_word_row", "delivery_id", "row_no"),
    comment="what an officer did about a row that was set aside; only ever appended, names nobody",
)

remembered_value = sa.Table(
    "remembered_value",
    metadata,
    sa.Column("value_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("record_id", UUID, nullable=False),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), nullable=False,
              comment="where the row was read; its data key seals the value"),
    sa.Column("row_no", sa.Integer, nullable=False),
    sa.Column("county", sa.Text, comment="whose officers see it; null = the city's alone"),
    sa.Column("field", sa.Text, nullable=False, comment="which cell; '' = the row is taken as it is"),
    sa.Column("codes", ARRAY(sa.Text), nullable=False, server_default="{}", comment="taken as it is: for what it was set aside"),
    sa.Column("said", UUID, nullable=False, comment="keyed hash of what the partner says: holds while that stays"),
    sa.Column("sealed", BYTEA, comment="the value in place of the partner's; null = taken as it is"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, comment="without a name or number"),
    sa.Column("request_id", sa.BigInteger, comment="the person's own request that asked for it"),
    sa.Column("ended_at", sa.DateTime(timezone=True), comment="null while it holds"),
    sa.Column("end_cause", sa.Text, comment="changed or mended by the partner, replaced or ended by an officer"),
    sa.Column("ended_by", sa.Text, comment="a delivery, or who of the office"),
    made_at(),
    sa.CheckConstraint("end_cause in ('changed','mended','replaced','ended')", name="end_cause"),
    sa.CheckConstraint("(ended_at is null) = (end_cause is null)", name="ended"),
    sa.CheckConstraint("(field = '') = (sealed is null)", name="sealed"),
    sa.Index("uq_remembered_value_holds", "partner", "record_id", "field", unique=True,
             postgresql_where=sa.text("ended_at is null")),
    comment="what an officer put in place of a partner's own value, until the partner changes that",
)  # fmt: skip
