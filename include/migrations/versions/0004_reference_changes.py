"""Log every edit of a reference table; a delivery records which versions of the tables read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "reference_change",
        sa.Column("change_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False, comment="division, station, occupation, holiday, notice"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="of that table; one edit or import is one version"
        ),
        sa.Column("key", postgresql.JSONB(), nullable=False, comment="key column -> value"),
        sa.Column("before", postgresql.JSONB(), comment="the whole row; null when it was added"),
        sa.Column("after", postgresql.JSONB(), comment="the whole row; null when it was removed"),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")
        ),
        sa.PrimaryKeyConstraint("change_id", name="pk_reference_change"),
        sa.UniqueConstraint("table_name", "version", "key", name="uq_reference_change_table_name_version_key"),
        comment="every edit of a reference table by the office; append-only by a trigger",
    )
    op.execute(
        sa.text(
            "create function reference_change_stays() returns trigger language plpgsql as"
            " $$ begin raise exception 'reference_change is append-only'; end $$"
        )
    )
    op.execute(
        sa.text(
            "create trigger reference_change_stays before update or delete or truncate on reference_change"
            " for each statement execute function reference_change_stays()"
        )
    )
    op.add_column(
        "delivery",
        sa.Column(
            "reference_version",
            postgresql.JSONB(),
            nullable=False,
            server_default="{}",
            comment="table -> version when staged",
        ),
    )


def downgrade() -> None:
    op.drop_column("delivery", "reference_version")
    op.drop_table("reference_change")
    op.execute(sa.text("drop function reference_change_stays()"))
