"""Count the records of each typed birth date, so that a form's default is no evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column(
        "match_run",
        sa.Column(
            "births",
            sa.LargeBinary(),
            comment="records by roster and typed birth date; of the newest run alone",
        ),
    )
    op.add_column(
        "match_run",
        sa.Column(
            "crowds",
            postgresql.JSONB(),
            comment="roster|birth date -> bits that it says less, being borne by many; null = not counted",
        ),
    )
    op.add_column(
        "match_key",
        sa.Column("birth", sa.Integer(), nullable=False, server_default="-2147483648",
                  comment="typed birth date in days since 1970, the least number for none: what match_run.births counts"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("match_key", "birth")
    op.drop_column("match_run", "crowds")
    op.drop_column("match_run", "births")
