"""Keep what the gate measured of each delivery, whom a held one would move, and the bounds that officers pinned."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0052"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULES = {
    "delivery_measure": f"{WHOLE} or county = {MINE}",
    "delivery_people": f"{WHOLE} or county = {MINE}",
    "bound_pin": f"{WHOLE} or county = {MINE}",
}


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    _make_facts()
    _make_pins()
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def _of_delivery(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["delivery_id"], ["delivery.delivery_id"], name=op.f(f"fk_{table}_delivery_id_delivery")
    )


def _make_facts() -> None:
    op.create_table(
        "delivery_measure",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False, comment="see bounds/metrics.py"),
        sa.Column("field", sa.Text(), nullable=False, comment="the column of the roster; empty = of whole rows"),
        sa.Column("county", sa.Text(), nullable=False, comment="empty = the whole delivery"),
        sa.Column("value", sa.Float(), nullable=False, comment="a share, a count of rows or an index"),
        sa.Column("low", sa.Float(), comment="the lower bound that it was held against; null = none"),
        sa.Column("high", sa.Float(), comment="the upper bound; null = none"),
        sa.Column("origin", sa.Text(), comment="of the bounds: declared, learned or pinned; null = none"),
        sa.Column("deliveries", sa.Integer(), nullable=False, comment="how many earlier deliveries were looked at"),
        sa.Column("median", sa.Float(), comment="of these; null = there are none"),
        sa.Column("mad", sa.Float(), comment="the median of their distances from it"),
        sa.CheckConstraint("origin in ('declared','learned','pinned')", name=op.f("ck_delivery_measure_origin")),
        _of_delivery("delivery_measure"),
        sa.PrimaryKeyConstraint("delivery_id", "metric", "field", "county", name=op.f("pk_delivery_measure")),
        comment="what the gate decided on, in the transaction of the verdict; no county in which ten people are not reached",
    )  # fmt: skip
    op.create_table(
        "delivery_people",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False, comment="where they are on record; who is new, where they work"),
        sa.Column("added", sa.Integer(), nullable=False, comment="new, or back again"),
        sa.Column("changed", sa.Integer(), nullable=False, comment="at work, with another value"),
        sa.Column("staying", sa.Integer(), nullable=False, comment="at work, as on record"),
        sa.Column("leaving", sa.Integer(), nullable=False, comment="the roster says that they left"),
        sa.Column("missing", sa.Integer(), nullable=False, comment="at work, and a full roster does not name them"),
        sa.Column("suspended", sa.Integer(), nullable=False, comment="whose consent ends by it"),
        _of_delivery("delivery_people"),
        sa.PrimaryKeyConstraint("delivery_id", "county", name=op.f("pk_delivery_people")),
        comment="whom a held delivery would move, in counts: what each answer to the question would do",
    )


def _make_pins() -> None:
    op.create_table(
        "bound_pin",
        sa.Column("pin_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="of delivery: full or delta"),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float(), comment="null, as low is = released: declared or learned again"),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), comment="of the page's user; null = the command line"),
        sa.Column("note", sa.Text(), nullable=False, comment="why, without a name or number of a person"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("kind in ('full','delta')", name=op.f("ck_bound_pin_kind")),
        sa.CheckConstraint("low is null or high is null or low <= high", name=op.f("ck_bound_pin_order")),
        sa.PrimaryKeyConstraint("pin_id", name=op.f("pk_bound_pin")),
        comment="bounds that an officer pinned, moved or released; only ever appended, the last word of a bound holds",
    )
    op.create_index("ix_bound_pin_key", "bound_pin", ["partner", "kind", "metric", "field", "county", "pin_id"])


def downgrade() -> None:
    for table in reversed(RULES):
        op.drop_table(table)
    run("drop function bound_pin_stays()")
