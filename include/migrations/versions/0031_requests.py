"""Record a person's request with its steps (registered, verified, confirmed) and the stop of use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"

KINDS = "kind in ('withdraw','erase','access','restore'{})"


def upgrade() -> None:
    op.add_column("person_request", sa.Column("purpose", sa.Text(), comment="opt_out: what the person does not want to be used for"))
    op.add_column("person_request", sa.Column("on_paper", sa.Boolean(), comment="access: the copy is handed out on paper, not as an encrypted file"))
    op.add_column("person_request", sa.Column("counties", postgresql.ARRAY(sa.Text()), comment="where the person's records are; their officers see the request"))
    op.alter_column("person_request", "decided_by", existing_type=sa.Text(), existing_nullable=False, comment="who registered it")
    op.drop_constraint(op.f("ck_person_request_kind"), "person_request")
    op.create_check_constraint(op.f("ck_person_request_kind"), "person_request", KINDS.format(",'opt_out'"))
    op.create_table(
        "request_step",
        sa.Column("step_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False, comment="identity, confirmed, revoked, handed_over"),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False, comment="how the identity was verified, or why the request was revoked"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("step_id", name="pk_request_step"),
        sa.CheckConstraint("step in ('identity','confirmed','revoked','handed_over')", name=op.f("ck_request_step_step")),
        comment="what was done about a request after it was registered, by whom",
    )
    op.create_index("ix_request_step_request_id", "request_step", ["request_id"])
    op.create_table(
        "use_stop",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", postgresql.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False, server_default="", comment="'' = for everything: a withdrawal"),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("lifted_at", sa.DateTime(timezone=True), comment="when the request was revoked; null while it holds"),
        sa.PrimaryKeyConstraint("request_id", "record_id", name="pk_use_stop"),
        comment="records that a request of the person took out of use, at once and until it is revoked or carried out",
    )
    op.create_index("ix_use_stop_record_id", "use_stop", ["record_id"])
    # before, one person's word was carried out at once: what a killed run left is still finished
    op.execute(
        sa.text(
            "insert into request_step (request_id, step, taken_by, how, made_at)"
            " select request_id, 'confirmed', decided_by, '', made_at from person_request where kind in ('withdraw','erase')"
        )
    )


def downgrade() -> None:
    op.drop_table("use_stop")
    op.drop_table("request_step")
    op.execute(sa.text("delete from person_request where kind = 'opt_out'"))
    op.drop_constraint(op.f("ck_person_request_kind"), "person_request")
    op.create_check_constraint(op.f("ck_person_request_kind"), "person_request", KINDS.format(""))
    for name in ("purpose", "on_paper", "counties"):
        op.drop_column("person_request", name)
    op.alter_column("person_request", "decided_by", existing_type=sa.Text(), existing_nullable=False, comment=None)
