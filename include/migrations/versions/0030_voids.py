"""Let two people declare a wrong list or pool void."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column(
        "pool_snapshot",
        sa.Column("void", sa.Boolean(), nullable=False, server_default=sa.false(), comment="two people said it is wrong"),
    )
    op.create_table(
        "void_word",
        sa.Column("word_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, comment="list:<number> or pool:<date>"),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("carried_out", sa.Boolean(), nullable=False, comment="the second person's word"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("word_id", name="pk_void_word"),
        comment="who said of a list or a pool that it is wrong, and why",
    )


def downgrade() -> None:
    op.drop_table("void_word")
    op.drop_column("pool_snapshot", "void")
