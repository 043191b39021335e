"""Add the contacts for corrections and withdrawal that every sheet prints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("area", sa.Text(), nullable=False, comment="code of the division whose people turn to it"),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False, comment="telephone, address, hours: as printed"),
        sa.PrimaryKeyConstraint("area", name="pk_contact"),
        comment="whom people turn to for corrections and withdrawal; printed on every sheet that leaves",
    )
    op.execute(sa.text("grant select on contact to talentpool_reader"))


def downgrade() -> None:
    op.drop_table("contact")
