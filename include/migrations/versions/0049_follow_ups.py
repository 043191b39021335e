"""Let a list follow another one of its round: for whom that one did not reach. Nobody receives twice in a round."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0043"


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.add_column(
        "target_list", sa.Column("follows", sa.BigInteger(), comment="of a follow-up: the list it follows")
    )
    op.create_foreign_key(
        op.f("fk_target_list_follows_target_list"), "target_list", "target_list", ["follows"], ["list_id"]
    )
    op.create_index("uq_target_list_followed", "target_list", ["follows"], unique=True,
                    postgresql_where=sa.text("state in ('locked','released','receipts_open','closed')"))  # fmt: skip
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    run("drop trigger received_once on receipt_row")
    run("drop trigger follow_fits on target_list")
    run("drop function received_once")
    run("drop function follow_fits")
    run("drop function what_stands")
    op.drop_index("uq_target_list_followed", "target_list")
    op.drop_constraint(op.f("fk_target_list_follows_target_list"), "target_list", type_="foreignkey")
    op.drop_column("target_list", "follows")
