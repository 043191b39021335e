"""Keep what a question in Airflow showed, and the role that entitled the person who decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column(
        "delivery_decision",
        sa.Column("role", sa.Text(), comment="checked when the answer arrived; null = the command line, or no person"),
    )
    op.create_table(
        "delivery_question",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False, comment="the run of Airflow that asks"),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False, comment="what the question shows"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("dag_id", "run_id", name="pk_delivery_question"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.delivery_id"], name="fk_delivery_question_delivery_id_delivery"
        ),
        comment="which delivery a run asks about: an answer counts for what was shown, whatever the run's conf says",
    )


def downgrade() -> None:
    op.drop_table("delivery_question")
    op.drop_column("delivery_decision", "role")
