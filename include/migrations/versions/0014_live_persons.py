"""Remember who was on a roster at the last matching, so that the next one counts only changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "record_person",
        sa.Column("live", sa.Boolean(), nullable=False, server_default="true", comment="on a roster when it was last matched"),
    )
    op.execute(
        sa.text(
            "update record_person p set live = false where not exists"
            " (select from source_record s where s.partner = p.partner and s.record_id = p.record_id)"
        )
    )
    op.add_column("match_run", sa.Column("live_persons", sa.Integer(), comment="on a roster after the run; null = to be counted"))


def downgrade() -> None:
    op.drop_column("match_run", "live_persons")
    op.drop_column("record_person", "live")
