"""Keep what a host apart sealed, and count its marks by when they were made."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0052"
down_revision = "0054"

HERE = Path(__file__)


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    apart = sa.Column("apart", sa.Boolean(), nullable=False, server_default=sa.text("false"), comment="on a host apart")
    op.add_column("handout_pass", apart)
    op.alter_column("handout_pass", "code_hash",
                    comment="hash of the code that lets a station in, once; keyed, or by scrypt")  # fmt: skip
    op.create_table(
        "handout_sealed",
        sa.Column("sealed_id", UUID(), nullable=False, comment="drawn by the host: what is carried twice counts once"),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("pass_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="entered, looked, marks or left"),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False, comment="by the host's clock"),
        sa.Column("lines", sa.Integer(), nullable=False, comment="marks in it"),
        sa.Column("faults", JSONB(), nullable=False, comment="code -> marks that were not counted"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("kind in ('entered','looked','marks','left')", name=op.f("ck_handout_sealed_kind")),
        sa.ForeignKeyConstraint(["event_id"], ["handout_event.event_id"],
                                name=op.f("fk_handout_sealed_event_id_handout_event")),
        sa.ForeignKeyConstraint(["pass_id"], ["handout_pass.pass_id"],
                                name=op.f("fk_handout_sealed_pass_id_handout_pass")),
        sa.PrimaryKeyConstraint("sealed_id", name=op.f("pk_handout_sealed")),
        comment="what a host apart sealed and the office took; only ever appended",
    )  # fmt: skip
    op.create_index(op.f("ix_handout_sealed_event_id"), "handout_sealed", ["event_id"])
    op.add_column("handout_entry", sa.Column("sealed_id", UUID(), comment="null = marked here"))
    op.create_foreign_key(op.f("fk_handout_entry_sealed_id_handout_sealed"), "handout_entry", "handout_sealed",
                          ["sealed_id"], ["sealed_id"])  # fmt: skip
    run("alter table handout_sealed enable row level security")
    run("alter table handout_sealed force row level security")
    run("create policy pipeline on handout_sealed to talentpool_pipeline using (true) with check (true)")
    run(HERE.with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    before = HERE.with_name("0046_handouts.sql").read_text(encoding="utf-8").split("create trigger")[0]
    run(before.replace("create function", "create or replace function"))
    op.drop_column("handout_entry", "sealed_id")
    op.drop_table("handout_sealed")
    op.drop_column("handout_pass", "apart")
