"""Keep the ledger of what a round has to hand out: entries between accounts, and views of what is where."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0050"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
RULE = f"{WHOLE} or from_county = {MINE} or to_county = {MINE}"
COUNTY = "case when {0} like 'county:%' then substr({0}, 8) when {0} like 'station:%' then split_part({0}, ':', 3) end"
PLACE = "(city|county:[0-9]{6}|station:[^:]+:[0-9]{6}:.+)"
CHECKS = {
    "kind": "kind in ('bought','donated','allocated','returned','damaged','correction')",
    "number": "number between 1 and 10000000",
    "accounts": f"from_account ~ '^({PLACE}|bought|donated|returned|damaged)$'"
    f" and to_account ~ '^({PLACE}|bought|donated|returned|damaged)$' and from_account <> to_account",
    "way": "case kind when 'bought' then from_account = 'bought' and to_account ~ '^(city$|county:)'"
    " when 'donated' then from_account = 'donated' and to_account ~ '^(city$|county:)'"
    " when 'allocated' then from_account = 'city' and to_account like 'county:%'"
    " or from_account like 'county:%' and to_account like 'station:%' and from_county = to_county"
    " when 'returned' then from_account like 'station:%' and to_account like 'county:%' and from_county = to_county"
    " or from_account like 'county:%' and to_account = 'city'"
    " or from_account ~ '^(city$|county:)' and to_account = 'returned'"
    " when 'damaged' then from_account ~ '^(city$|county:|station:)' and to_account = 'damaged'"
    " else true end",
    "donor": "(kind = 'donated') = (donor <> '')",
    "corrects": "(kind = 'correction') = (corrects is not null)",
    "why": "kind not in ('damaged','correction') or note <> ''",
}


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "stock_move",
        sa.Column("move_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False, comment="one round of the campaign, e.g. 2026"),
        sa.Column("kind", sa.Text(), nullable=False,
                  comment="bought, donated, allocated, returned, damaged or correction"),
        sa.Column("from_account", sa.Text(), nullable=False, comment="see campaigns/ledger/accounts.py"),
        sa.Column("to_account", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="how many went from the one to the other"),
        sa.Column("donor", sa.Text(), nullable=False, server_default="", comment="a company or an office"),
        sa.Column("note", sa.Text(), nullable=False, server_default="",
                  comment="contract, delivery note, reason; nothing of a person"),
        sa.Column("corrects", sa.BigInteger(), comment="the entry that it turns back, or a part of it"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("from_county", sa.Text(), sa.Computed(COUNTY.format("from_account"), persisted=True)),
        sa.Column("to_county", sa.Text(), sa.Computed(COUNTY.format("to_account"), persisted=True)),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_stock_move_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["corrects"], ["stock_move.move_id"], name=op.f("fk_stock_move_corrects_stock_move")),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_stock_move")),
        comment="the ledger of what a round has to hand out; what was handed out stands in the receipts alone",
    )  # fmt: skip
    op.create_index("ix_stock_move_round", "stock_move", ["campaign", "cycle"])
    op.create_index(op.f("ix_stock_move_corrects"), "stock_move", ["corrects"])
    run("alter table stock_move enable row level security")
    run("alter table stock_move force row level security")
    run("create policy pipeline on stock_move to talentpool_pipeline using (true) with check (true)")
    run(f"create policy reader on stock_move for select to talentpool_reader using ({RULE})")
    run("grant select on stock_move to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    run("grant select on stock_handed, stock_account to talentpool_reader")


def downgrade() -> None:
    run("drop trigger stock_fits on stock_move")
    run("drop trigger stock_stays on stock_move")
    for name in ("stock_fits()", "stock_stays()", "stock_left(text, text, text)"):
        run(f"drop function {name}")
    run("drop view stock_account")
    run("drop view stock_handed")
    op.drop_table("stock_move")
