"""Record versions of the envelope key and the progress of a key rotation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "key_rotation",
        sa.Column("rotation_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False, comment="the envelope key that wraps from here on"),
        sa.Column("with_records", sa.Boolean(), nullable=False, comment="data keys too: records are sealed anew"),
        sa.Column("up_to", sa.BigInteger(), nullable=False, comment="the newest delivery when it began"),
        sa.Column("rewrapped", sa.Integer(), nullable=False, server_default="0", comment="data keys wrapped anew"),
        sa.Column("resealed", sa.BigInteger(), nullable=False, server_default="0", comment="records sealed anew"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), comment="null while something of it is still to be done"),
        sa.PrimaryKeyConstraint("rotation_id", name="pk_key_rotation"),
        comment="what a rotation of keys has got done; an unfinished one is gone on with",
    )
    op.add_column("delivery", sa.Column("wrapped_by", sa.Text(), server_default="envelope", nullable=False, comment="which envelope key wraps it"))
    op.add_column("delivery", sa.Column("key_tag", sa.Text(), comment="names the data key in backups; stays when it is wrapped anew"))
    op.add_column("delivery", sa.Column("former_key", postgresql.BYTEA(), comment="under the data key: the one before, while records are sealed anew"))
    op.add_column("delivery", sa.Column("resealed_in", sa.BigInteger(), comment="the rotation that gave it its data key; null = its own"))
    # as backups made before say it, so that they still fit
    op.execute(sa.text("update delivery set key_tag = left(encode(sha256(wrapped_key), 'hex'), 16)"))
    op.alter_column("delivery", "key_tag", nullable=False, server_default=sa.text("gen_random_uuid()::text"))
    # keys that are in use cannot be forgotten; old rows are of keys that were checked when they were written
    op.create_foreign_key("fk_delivery_wrapped_by_key_check", "delivery", "key_check", ["wrapped_by"], ["key_id"], postgresql_not_valid=True)
    op.create_index("ix_delivery_wrapped_by", "delivery", ["wrapped_by"])
    op.execute(sa.text("grant select (wrapped_by, former_key) on delivery to talentpool_reader"))


def downgrade() -> None:
    op.execute(sa.text("revoke select (wrapped_by, former_key) on delivery from talentpool_reader"))
    op.drop_index("ix_delivery_wrapped_by", "delivery")
    op.drop_constraint("fk_delivery_wrapped_by_key_check", "delivery")
    for name in ("resealed_in", "former_key", "key_tag", "wrapped_by"):
        op.drop_column("delivery", name)
    op.drop_table("key_rotation")
