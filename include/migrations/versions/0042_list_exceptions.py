"""Keep people off a campaign's lists, or put them on, by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "list_exception",
        sa.Column("exception_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False, comment="in or out"),
        sa.Column("reason", sa.Text(), nullable=False, comment="a code of campaigns/selection/exceptions.py"),
        sa.Column("until_day", sa.Date(), nullable=False, comment="the last as-of on which it holds"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), comment="another person; null while it holds for nothing"),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("effect in ('in','out')", name=op.f("ck_list_exception_effect")),
        sa.CheckConstraint(
            "confirmed_by is null or lower(trim(confirmed_by)) <> lower(trim(asked_by))",
            name=op.f("ck_list_exception_two_people"),
        ),
        sa.PrimaryKeyConstraint("exception_id", name=op.f("pk_list_exception")),
        comment="who is kept off a campaign's lists, or put on, by hand and by two people",
    )
    op.create_index(op.f("ix_list_exception_person_id"), "list_exception", ["person_id"])


def downgrade() -> None:
    op.drop_table("list_exception")
