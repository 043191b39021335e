"""Keep what retention did and what is under legal hold in tables that are only appended to; a request may be of retention."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

revision = "0057"
down_revision = "0059"

TABLES = ("retention_report", "retention_hold", "retention_hold_word")
KIND = "ck_person_request_kind"
KINDS = "kind in ('withdraw','erase','access','restore','opt_out','correct'{})"


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def made_at() -> sa.Column:
    return sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def upgrade() -> None:
    op.drop_constraint(op.f(KIND), "person_request")
    op.create_check_constraint(op.f(KIND), "person_request", KINDS.format(",'retention'"))
    op.create_table(
        "retention_report",
        sa.Column("report_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="the office's day whose terms were carried out"),
        sa.Column("kind", sa.Text(), nullable=False, comment="a code of include/reference/retention.csv"),
        sa.Column(
            "gone", sa.BigInteger(), nullable=False, comment="what went: people, rows, files or entries, by the kind"
        ),
        sa.Column("counts", JSONB(), nullable=False, server_default="{}", comment="table -> rows that went with them"),
        sa.Column("on_hold", sa.BigInteger(), comment="of the last row of a run: what is due and stays by legal hold"),
        sa.Column(
            "waiting", sa.BigInteger(), comment="of the last row of a run: what is due and waits for something else"
        ),
        made_at(),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_retention_report")),
        comment="what went, a row a batch and one at the end of each run of a kind; only ever appended",
    )
    op.create_index("ix_retention_report_day", "retention_report", ["day", "kind"])
    op.create_table(
        "retention_hold",
        sa.Column("hold_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False,
                  comment="kind:<code>, partner:<code>, delivery:<number> or person:<id>, opaque"),
        sa.Column("records", ARRAY(UUID()), nullable=False,
                  comment="of a person: the record ids then, whatever the person is later"),
        sa.Column("until_day", sa.Date(), nullable=False, comment="the last day on which it holds"),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        made_at(),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_retention_hold")),
        comment="legal holds: what is not deleted though its time is over; only ever appended",
    )  # fmt: skip
    op.create_table(
        "retention_hold_word",
        sa.Column("word_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("carried_out", sa.Boolean(), nullable=False, comment="the second person's word: the hold has ended"),
        made_at(),
        sa.PrimaryKeyConstraint("word_id", name=op.f("pk_retention_hold_word")),
        sa.ForeignKeyConstraint(["hold_id"], ["retention_hold.hold_id"]),
        comment="who said that a hold ends before its day; only ever appended",
    )
    op.create_index(op.f("ix_retention_hold_word_hold_id"), "retention_hold_word", ["hold_id"])
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    run("drop function retention_stays")
    run("delete from request_step where request_id in (select request_id from person_request where kind = 'retention')")
    run("delete from person_request where kind = 'retention'")
    op.drop_constraint(op.f(KIND), "person_request")
    op.create_check_constraint(op.f(KIND), "person_request", KINDS.format(""))
