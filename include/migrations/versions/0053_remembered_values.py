"""Keep what officers did about rows that were set aside, and the values that they put in place of a partner's own."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID

revision = "0053"
down_revision = "0048"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
TABLES = ("quarantine_word", "remembered_value")
KINDS = "kind in ('withdraw','erase','access','restore','opt_out'{})"


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    _make_words()
    _make_values()
    for table in TABLES:
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({WHOLE} or county = {MINE})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    _let_kinds(",'correct'")


def _made_at() -> sa.Column:
    return sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def _make_words() -> None:
    op.create_table(
        "quarantine_word",
        sa.Column("word_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="line of the delivery: 1 = first data row"),
        sa.Column("county", sa.Text(), comment="whose officers see the word; null = the city's alone"),
        sa.Column("act", sa.Text(), nullable=False, comment="corrected, released, returned"),
        sa.Column("field", sa.Text(), nullable=False, server_default="", comment="corrected: which field"),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="without a name or number"),
        _made_at(),
        sa.CheckConstraint("act in ('corrected','released','returned')", name=op.f("ck_quarantine_word_act")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.delivery_id"], name=op.f("fk_quarantine_word_delivery_id_delivery")
        ),
        sa.PrimaryKeyConstraint("word_id", name=op.f("pk_quarantine_word")),
        comment="what an officer did about a row that was set aside; only ever appended, names nobody",
    )
    op.create_index("ix_quarantine_word_row", "quarantine_word", ["delivery_id", "row_no"])


def _make_values() -> None:
    op.create_table(
        "remembered_value",
        sa.Column("value_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("record_id", UUID(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False,
                  comment="where the row was read; its data key seals the value"),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("county", sa.Text(), comment="whose officers see it; null = the city's alone"),
        sa.Column("field", sa.Text(), nullable=False, comment="which cell; '' = the row is taken as it is"),
        sa.Column("codes", ARRAY(sa.Text()), nullable=False, server_default="{}",
                  comment="taken as it is: for what it was set aside"),
        sa.Column("said", UUID(), nullable=False, comment="keyed hash of what the partner says: holds while that stays"),
        sa.Column("sealed", BYTEA(), comment="the value in place of the partner's; null = taken as it is"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="without a name or number"),
        sa.Column("request_id", sa.BigInteger(), comment="the person's own request that asked for it"),
        sa.Column("ended_at", sa.DateTime(timezone=True), comment="null while it holds"),
        sa.Column("end_cause", sa.Text(), comment="changed or mended by the partner, replaced or ended by an officer"),
        sa.Column("ended_by", sa.Text(), comment="a delivery, or who of the office"),
        _made_at(),
        sa.CheckConstraint("end_cause in ('changed','mended','replaced','ended')",
                           name=op.f("ck_remembered_value_end_cause")),
        sa.CheckConstraint("(ended_at is null) = (end_cause is null)", name=op.f("ck_remembered_value_ended")),
        sa.CheckConstraint("(field = '') = (sealed is null)", name=op.f("ck_remembered_value_sealed")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"],
                                name=op.f("fk_remembered_value_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("value_id", name=op.f("pk_remembered_value")),
        comment="what an officer put in place of a partner's own value, until the partner changes that",
    )  # fmt: skip
    op.create_index("uq_remembered_value_holds", "remembered_value", ["partner", "record_id", "field"], unique=True,
                    postgresql_where=sa.text("ended_at is null"))  # fmt: skip


def _let_kinds(more: str) -> None:
    op.drop_constraint(op.f("ck_person_request_kind"), "person_request")
    op.create_check_constraint(op.f("ck_person_request_kind"), "person_request", KINDS.format(more))


def downgrade() -> None:
    run("delete from request_step s using person_request r where r.request_id = s.request_id and r.kind = 'correct'")
    run("delete from person_request where kind = 'correct'")
    _let_kinds("")
    for table in TABLES[::-1]:
        op.drop_table(table)
    run("drop function quarantine_word_stays")
