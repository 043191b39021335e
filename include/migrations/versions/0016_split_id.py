"""words that one taking apart of a person wrote are known as one, to be taken back together; words are read by age"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    op.add_column(
        "edge",
        sa.Column("split_id", postgresql.UUID(), comment="which taking apart of a person said it; null = a word on this pair alone"),
    )
    op.create_index("ix_edge_human", "edge", [sa.text("made_at desc")], postgresql_where=sa.text("rule = 'human'"))


def downgrade() -> None:
    op.drop_index("ix_edge_human", "edge")
    op.drop_column("edge", "split_id")
