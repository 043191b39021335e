"""Suspend a known person whose consent ended: no page shows them, no list takes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
SIGHT = "(select scope_whole()) or county = any((select scope_counties())::text[])"


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "consent_end",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("record_id", postgresql.UUID(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False, comment="the roster that named a known person without valid consent"),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False, comment="missing: no valid evidence; withdrawn: the partner says so"),
        sa.Column("lifted_on", sa.Date(), comment="as-of from which consent counts again; null while the person is suspended"),
        sa.Column("lifted_by", sa.Text(), comment="a delivery, or who of the office"),
        sa.PrimaryKeyConstraint("partner", "record_id", "as_of", name="pk_consent_end"),
        sa.CheckConstraint("cause in ('missing','withdrawn')", name=op.f("ck_consent_end_cause")),
        comment="when the consent of a known person ended: suspended until it counts again or the person is erased",
    )
    op.create_index(
        "ix_consent_end_open", "consent_end", ["partner", "record_id"], postgresql_where=sa.text("lifted_on is null")
    )
    run("alter table consent_end enable row level security")
    run("alter table consent_end force row level security")
    run("create policy pipeline on consent_end to talentpool_pipeline using (true) with check (true)")
    run(f"alter policy reader on source_record using (status <> 'suspended' and ({SIGHT}))")


def downgrade() -> None:
    run(f"alter policy reader on source_record using ({SIGHT})")
    run("update source_record set status = 'active' where status = 'suspended'")
    op.drop_table("consent_end")
