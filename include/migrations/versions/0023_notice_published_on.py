"""Record when a version of the notice was published: consent dated before it does not count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column(
        "notice",
        sa.Column("published_on", sa.Date(), comment="nobody could agree to it before; null = not known, any day counts"),
    )


def downgrade() -> None:
    op.drop_column("notice", "published_on")
