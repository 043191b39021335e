"""Keep which list, share and content a question in Airflow showed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0042"


def upgrade() -> None:
    op.create_table(
        "list_question",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False, comment="the run of Airflow that asks"),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("map_index", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False, comment="a draft of then may be gone"),
        sa.Column("number", sa.Integer(), nullable=False, comment="of the list's step: a county's share, or the whole"),
        sa.Column("county", sa.Text(), comment="whose share; null = the whole list"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="of the list that is shown"),
        sa.Column("body", sa.Text(), nullable=False, comment="what the question shows: counts, and no person"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "task_id", "map_index", name="pk_list_question"),
        comment="which share of which list a task asks about: an answer counts for what was shown",
    )


def downgrade() -> None:
    op.drop_table("list_question")
