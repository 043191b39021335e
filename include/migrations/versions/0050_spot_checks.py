"""Keep what is asked and heard once a list is handed out: the sample that is called back, its answers, and complaints."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULES = {
    "spot_check": f"{WHOLE} or exists (select from spot_check_row r where r.list_id = spot_check.list_id)",
    "spot_check_row": f"{WHOLE} or county = {MINE}",
    "spot_check_word": f"{WHOLE} or county = {MINE}",
    "complaint": f"{WHOLE} or county = {MINE}",
}


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    _make_checks()
    _make_complaints()
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def _made_at() -> sa.Column:
    return sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def _make_checks() -> None:
    op.create_table(
        "spot_check",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False, comment="drawn"),
        sa.Column("of_rows", sa.Integer(), nullable=False, comment="from so many that stood as received"),
        sa.Column("seed", sa.Text(), nullable=False, comment="of the lottery, 32 hex digits; keyed, chosen by nobody"),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        _made_at(),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_spot_check_list_id_target_list")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_spot_check")),
        comment="the one random sample of a list that is called back",
    )
    op.create_table(
        "spot_check_row",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False, comment="of the sheet; after an erasure it is nobody's"),
        sa.Column("place", sa.Integer(), nullable=False, comment="in the lottery, from 1"),
        sa.Column("county", sa.Text()),
        sa.ForeignKeyConstraint(["list_id"], ["spot_check.list_id"], name=op.f("fk_spot_check_row_list_id_spot_check")),
        sa.PrimaryKeyConstraint("list_id", "row_id", name=op.f("pk_spot_check_row")),
        comment="which rows are called back",
    )
    op.create_table(
        "spot_check_word",
        sa.Column("word_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("county", sa.Text()),
        sa.Column("answer", sa.Text(), nullable=False, comment="see campaigns/following/spot_check.py"),
        sa.Column("said_by", sa.Text(), nullable=False),
        _made_at(),
        sa.CheckConstraint("answer in ('confirmed','not_received','other_thing','unreachable','not_asked')",
                           name=op.f("ck_spot_check_word_answer")),
        sa.ForeignKeyConstraint(["list_id", "row_id"], ["spot_check_row.list_id", "spot_check_row.row_id"],
                                name=op.f("fk_spot_check_word_list_id_spot_check_row")),
        sa.PrimaryKeyConstraint("word_id", name=op.f("pk_spot_check_word")),
        comment="what was answered; only ever appended, the last word stands, and no receipt changes by it",
    )  # fmt: skip
    op.create_index("ix_spot_check_word_row", "spot_check_word", ["list_id", "row_id"])


def _make_complaints() -> None:
    op.create_table(
        "complaint",
        sa.Column("complaint_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False, comment="see campaigns/following/complaints.py"),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False, comment="on which it was made"),
        sa.Column("row_id", sa.Text(), comment="of whom, where that is known; after an erasure it is nobody's"),
        sa.Column("note", sa.Text(), nullable=False, server_default="", comment="without a name or number"),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default="",
                  comment="what was done, without a name or number"),
        sa.Column("answered_by", sa.Text(), comment="null while it is open"),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        _made_at(),
        sa.CheckConstraint(
            "category in ('not_received','too_little','wrong_thing','faulty','manner','fairness','privacy','other')",
            name=op.f("ck_complaint_category")),
        sa.CheckConstraint("(answered_by is null) = (answered_at is null)", name=op.f("ck_complaint_answered")),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_complaint_list_id_target_list")),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaint")),
        comment="what people complained of; answered once, otherwise it stays as it was noted",
    )  # fmt: skip
    op.create_index(op.f("ix_complaint_list_id"), "complaint", ["list_id"])


def downgrade() -> None:
    run("drop policy reader on spot_check")  # it reads spot_check_row
    for table in ("complaint", "spot_check_word", "spot_check_row", "spot_check"):
        op.drop_table(table)
    run("drop function complaint_fits")
    run("drop function complaint_stays")
    run("drop function spot_check_fits")
    run("drop function spot_check_stays")
