"""Define the tables of the bounds of deliveries: what was measured, whom a held one moves, and what an officer pinned."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model.base import made_at, metadata

delivery_measure = sa.Table(
    "delivery_measure",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True, comment="see bounds/metrics.py"),
    sa.Column("field", sa.Text, primary_key=True, comment="the column of the roster; empty = of whole rows"),
    sa.Column("county", sa.Text, primary_key=True, comment="empty = the whole delivery"),
    sa.Column("value", sa.Float, nullable=False, comment="a share, a count of rows or an index"),
    sa.Column("low", sa.Float, comment="the lower bound that it was held against; null = none"),
    sa.Column("high", sa.Float, comment="the upper bound; null = none"),
    sa.Column("origin", sa.Text, comment="of the bounds: declared, learned or pinned; null = none"),
    sa.Column("deliveries", sa.Integer, nullable=False, comment="how many earlier deliveries were looked at"),
    sa.Column("median", sa.Float, comment="of these; null = there are none"),
    sa.Column("mad", sa.Float, comment="the median of their distances from it"),
    sa.CheckConstraint("origin in ('declared','learned','pinned')", name="origin"),
    comment="what the gate decided on, in the transaction of the verdict; no county in which ten people are not reached",
)

delivery_people = sa.Table(
    "delivery_people",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), primary_key=True),
    sa.Column("county", sa.Text, primary_key=True, comment="where they are on record; who is new, where they work"),
    sa.Column("added", sa.Integer, nullable=False, comment="new, or back again"),
    sa.Column("changed", sa.Integer, nullable=False, comment="at work, with another value"),
    sa.Column("staying", sa.Integer, nullable=False, comment="at work, as on record"),
    sa.Column("leaving", sa.Integer, nullable=False, comment="the roster says that they left"),
    sa.Column("missing", sa.Integer, nullable=False, comment="at work, and a full roster does not name them"),
    sa.Column("suspended", sa.Integer, nullable=False, comment="whose consent ends by it"),
    comment="whom a held delivery would move, in counts: what each answer to the question would do",
)

bound_pin = sa.Table(
    "bound_pin",
    metadata,
    sa.Column("pin_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="of delivery: full or delta"),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("county", sa.Text, nullable=False),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float, comment="null, as low is = released: declared or learned again"),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("role", sa.Text, comment="of the page's user; null = the command line"),
    sa.Column("note", sa.Text, nullable=False, comment="why, without a name or number of a person"),
    made_at(),
    sa.CheckConstraint("kind in ('full','delta')", name="kind"),
    sa.CheckConstraint("low is null or high is null or low <= high", name="order"),
    sa.Index("ix_bound_pin_key", "partner", "kind", "metric", "field", "county", "pin_id"),
    comment="bounds that an officer pinned, moved or released; only ever appended, the last word of a bound holds",
)
