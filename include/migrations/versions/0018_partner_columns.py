"""Remember answers about a partner's columns; a delivery names the columns that were dropped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column(
            "dropped_columns", postgresql.JSONB(), nullable=False, server_default="[]",
            comment="names of columns that are no field's",
        ),
    )
    op.create_table(
        "partner_column",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False, comment="the column's name as compared: letters and digits, simplified"),
        sa.Column("field", sa.Text(), comment="the field it is; null = no field's, dropped without asking"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), comment="which one asked; null = none did"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1", comment="how often it was answered"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"], name="fk_partner_column_delivery_id_delivery"),
        sa.PrimaryKeyConstraint("partner", "header", name="pk_partner_column"),
        comment="what a person said of a partner's columns; earlier answers stand in audit_log",
    )


def downgrade() -> None:
    op.drop_table("partner_column")
    op.drop_column("delivery", "dropped_columns")
