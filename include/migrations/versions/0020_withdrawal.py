"""Recognise a person who withdrew; keep the office's decisions on doubtful rows and consent given anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
UNNAMED = "00000000-0000-0000-0000-000000000000"
KINDS = "kind in ('withdraw','erase','access'{})"


def drop_kinds() -> None:
    for name in ("ck_person_request_kind", "ck_person_request_ck_person_request_kind"):
        op.execute(sa.text(f"alter table person_request drop constraint if exists {name}"))


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("withdrawal_id", postgresql.UUID(), nullable=False, comment="random"),
        sa.Column("withdrawn_on", sa.Date(), nullable=False, comment="consent dated after this day is another consent"),
        sa.Column("facets", postgresql.JSONB(), nullable=False, comment="kind -> keyed hashes of a value and the withdrawal"),
        sa.Column("name_buckets", postgresql.ARRAY(sa.Integer()), nullable=False, comment="16 bits of a keyed hash each"),
        sa.Column("birth_buckets", postgresql.ARRAY(sa.Integer()), nullable=False, comment="16 bits of a keyed hash each"),
        sa.Column("restored_at", sa.DateTime(timezone=True), comment="when consent given anew was put down"),
        sa.Column("restored_by", sa.Text()),
        sa.Column("restored_for", sa.Text(), comment="the proof of the new consent, by its reference"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("withdrawal_id", name="pk_withdrawal"),
        comment="a person who withdrew, by what tells them from others: hashes alone",
    )
    op.create_table(
        "suppression_word",
        sa.Column("word_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token", postgresql.UUID(), nullable=False, comment="HMAC of record and name under the suppression key"),
        sa.Column("verdict", sa.Text(), nullable=False, comment="same, different"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("word_id", name="pk_suppression_word"),
        sa.CheckConstraint("verdict in ('same','different')", name=op.f("ck_suppression_word_verdict")),
        comment="whether a doubtful row is the person who withdrew: the office's word, the newest holds",
    )
    op.create_table(
        "stop_notice",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False, comment="when the person asked for it in writing"),
        sa.PrimaryKeyConstraint("partner", "staff_no", name="pk_stop_notice"),
        comment="停止报送: whom a partner is to stop sending, by the person's own wish; gone when the partner was told",
    )
    # tokens there are keep refusing: they are of the withdrawal of all zeros, on which a hit is certain
    op.add_column(
        "suppression",
        sa.Column("withdrawal_id", postgresql.UUID(), nullable=False, server_default=UNNAMED,
                  comment="whose it is; all zeros = of before withdrawals were put down"),
    )
    op.drop_constraint("pk_suppression", "suppression")
    op.create_primary_key("pk_suppression", "suppression", ["token", "withdrawal_id"])
    drop_kinds()
    op.create_check_constraint(op.f("ck_person_request_kind"), "person_request", KINDS.format(",'restore'"))


def downgrade() -> None:
    op.execute(sa.text("delete from person_request where kind = 'restore'"))
    drop_kinds()
    op.create_check_constraint(op.f("ck_person_request_kind"), "person_request", KINDS.format(""))
    op.execute(sa.text("delete from suppression a using suppression b where a.token = b.token and a.withdrawal_id > b.withdrawal_id"))
    op.drop_constraint("pk_suppression", "suppression")
    op.drop_column("suppression", "withdrawal_id")
    op.create_primary_key("pk_suppression", "suppression", ["token"])
    for table in ("stop_notice", "suppression_word", "withdrawal"):
        op.drop_table(table)
