"""Record the removal of a landed file from its inbox; recognise a sender by the file's bytes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column(
        "handled_offer", sa.Column("sha256", sa.Text(), comment="of the bytes that were landed; null = refused before")
    )
    op.add_column(
        "handled_offer",
        sa.Column("cleared_at", sa.DateTime(timezone=True), comment="when the landed file was removed from the inbox"),
    )
    # what was landed before lies in its inbox still; a hash after a colon is a trial's
    op.execute(
        sa.text(
            "update handled_offer o set sha256 = d.sha256 from delivery d where d.delivery_id = o.delivery_id"
            " and d.state in ('published', 'held') and d.sha256 ~ '^[0-9a-f]{64}$'"
        )
    )
    op.drop_column("handed_on", "placed_ns")


def downgrade() -> None:
    op.add_column(
        "handed_on",
        sa.Column("placed_ns", sa.BigInteger(), comment="the file's time of writing, which a new name leaves as it is"),
    )
    op.drop_column("handled_offer", "cleared_at")
    op.drop_column("handled_offer", "sha256")
