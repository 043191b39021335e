"""Find a station's rows on a list of a million: the hand-out page read the whole list for each phone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0055"
PLACE = ["list_id", "county", "partner", "station"]


def upgrade() -> None:
    op.create_index("ix_target_row_place", "target_row", PLACE, postgresql_where=sa.text("selected"))


def downgrade() -> None:
    op.drop_index("ix_target_row_place", "target_row")
