"""Store sessions, locked sign-ins and second factors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "sign_in_session",
        sa.Column("session_hash", postgresql.UUID(), nullable=False, comment="keyed hash of the random id that a token carries"),
        sa.Column("user_id", sa.BigInteger(), nullable=False, comment="of the UI"),
        sa.Column("bound_to", postgresql.UUID(), nullable=False,
                  comment="keyed hash of the user's name, password hash and roles"),
        sa.Column("door", sa.Text(), nullable=False, comment="page, token"),
        sa.Column("second_factor", sa.Boolean(), nullable=False, server_default="false", comment="shown when it began"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("ended_at", sa.DateTime(timezone=True), comment="null while nobody ended it"),
        sa.PrimaryKeyConstraint("session_hash", name="pk_sign_in_session"),
        sa.CheckConstraint("door in ('page','token')", name=op.f("ck_sign_in_session_door")),
        comment="a token counts as long as its session does: idle 30 minutes, 12 hours in all, one user's end together",
    )  # fmt: skip
    op.create_index("ix_sign_in_session_user_id", "sign_in_session", ["user_id"])
    op.create_index("ix_sign_in_session_began_at", "sign_in_session", ["began_at"])
    op.create_table(
        "sign_in_lock",
        sa.Column("key_hash", postgresql.UUID(), nullable=False, comment="keyed hash of an account's name or of an address"),
        sa.Column("kind", sa.Text(), nullable=False, comment="account, address, office"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0",
                  comment="since the last success or quiet day"),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("locked_until", sa.DateTime(timezone=True), comment="no attempt is looked at before"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_sign_in_lock"),
        sa.CheckConstraint("kind in ('account','address','office')", name=op.f("ck_sign_in_lock_kind")),
        comment="how often signing in failed, and how long the door stays shut",
    )  # fmt: skip
    op.create_index("ix_sign_in_lock_failed_at", "sign_in_lock", ["failed_at"])
    op.create_table(
        "second_factor",
        sa.Column("user_name", sa.Text(), nullable=False, comment="of the UI, in small letters"),
        sa.Column("admission_hash", postgresql.UUID(),
                  comment="keyed hash of the code that lets its owner bind; null once bound"),
        sa.Column("admitted_by", sa.Text(), nullable=False, comment="the second person"),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("sealed", postgresql.BYTEA(),
                  comment="the secret under a key of the key ring; null before the owner binds"),
        sa.Column("bound_at", sa.DateTime(timezone=True), comment="null while the owner has not shown a code"),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0", comment="no code counts twice"),
        sa.Column("recovery_hashes", postgresql.ARRAY(postgresql.UUID()), nullable=False, server_default="{}",
                  comment="keyed hashes of unused codes"),
        sa.PrimaryKeyConstraint("user_name", name="pk_second_factor"),
        comment="what an officer shows beside the password: six digits of a device of their own, or a printed code, once",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("second_factor")
    op.drop_table("sign_in_lock")
    op.drop_table("sign_in_session")
