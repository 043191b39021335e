"""Bind a delivery that an officer handed on to the officer's counties, also while its file waits in an inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
KEY = "uq_delivery_partner_as_of_sha256"
COUNTIES = "whose rows its sender may send; null = the whole area"
# the log knows what a county handed on before there was a table for it; a code that ends in 00 is a city's or more
WAITING = """
insert into handed_on (upload_id, partner, as_of, sha256, handed_by, counties, made_at)
select substr(subject, 8)::uuid, details->>'partner', (details->>'as_of')::date, details->>'sha256', actor,
       string_to_array(scope, ','), at
from audit_log l
where action = 'upload' and starts_with(subject, 'upload\\:') and not (scope ~ '^[0-9]{4}00$')
  and not exists (select from delivery d where d.partner = l.details->>'partner' and d.sha256 = l.details->>'sha256')
on conflict do nothing
"""


def upgrade() -> None:
    op.add_column(
        "delivery", sa.Column("sent_by", sa.Text(), comment="the officer who handed it on; null = it came from the partner")
    )
    op.add_column("delivery", sa.Column("sent_counties", postgresql.ARRAY(sa.Text()), comment=COUNTIES))
    op.drop_constraint(KEY, "delivery")
    op.create_unique_constraint(
        f"{KEY}_sent_counties", "delivery", ["partner", "as_of", "sha256", "sent_counties"],
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.create_table(
        "handed_on",
        sa.Column("upload_id", postgresql.UUID(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("counties", postgresql.ARRAY(sa.Text()), comment=COUNTIES),
        sa.Column("placed_as", sa.Text(), comment="its name in the inbox; null = the file did not get there"),
        sa.Column("placed_ns", sa.BigInteger(), comment="the file's time of writing, which a new name leaves as it is"),
        sa.Column("delivery_id", sa.BigInteger(), comment="which delivery it became; null while it waits in the inbox"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("upload_id", name="pk_handed_on"),
        comment="files that officers put into an inbox: a delivery of these bytes is bound by its sender's counties",
    )
    op.create_index("ix_handed_on_partner_sha256", "handed_on", ["partner", "sha256"])
    op.execute(sa.text(WAITING))


def downgrade() -> None:
    op.drop_table("handed_on")
    op.drop_constraint(f"{KEY}_sent_counties", "delivery")
    op.drop_column("delivery", "sent_counties")
    op.drop_column("delivery", "sent_by")
    op.create_unique_constraint(KEY, "delivery", ["partner", "as_of", "sha256"])
