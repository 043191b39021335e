"""Log decisions on held deliveries; the decision in force stands on the delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "delivery", sa.Column("decided", sa.Text(), comment="the decision in force: all, no-removals, reject")
    )
    op.drop_constraint("pk_delivery_decision", "delivery_decision", type_="primary")
    op.add_column("delivery_decision", sa.Column("decision_id", sa.BigInteger(), sa.Identity(), nullable=False))
    op.create_primary_key("pk_delivery_decision", "delivery_decision", ["decision_id"])
    op.add_column(
        "delivery_decision",
        sa.Column(
            "findings",
            postgresql.JSONB(),
            nullable=False,
            server_default="[]",
            comment="what the person knew of: a finding that is not among these holds the delivery again",
        ),
    )
    op.alter_column("delivery_decision", "choice", comment="all, no-removals, reject, superseded")
    op.create_index("ix_delivery_decision_delivery_id", "delivery_decision", ["delivery_id"])
    op.execute(
        sa.text("update delivery d set decided = x.choice from delivery_decision x where x.delivery_id = d.delivery_id")
    )


def downgrade() -> None:
    op.execute(
        sa.text(
            "delete from delivery_decision a using delivery_decision b"
            " where a.delivery_id = b.delivery_id and a.decision_id < b.decision_id"
        )
    )
    op.drop_index("ix_delivery_decision_delivery_id", "delivery_decision")
    op.drop_column("delivery_decision", "findings")
    op.drop_column("delivery_decision", "decision_id")
    op.create_primary_key("pk_delivery_decision", "delivery_decision", ["delivery_id"])
    op.alter_column("delivery_decision", "choice", comment="all, no-removals, reject")
    op.drop_column("delivery", "decided")
