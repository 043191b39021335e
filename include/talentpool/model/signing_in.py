"""Define the tables of signing in: sessions and locks, as keyed hashes of what a visitor shows."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, UUID

from talentpool.model.base import metadata

sign_in_session = sa.Table(
    "sign_in_session",
    metadata,
    sa.Column("session_hash", UUID, primary_key=True, comment="keyed hash of the random id that a token carries"),
    sa.Column("user_id", sa.BigInteger, nullable=False, comment="of the UI"),
    sa.Column("bound_to", UUID, nullable=False, comment="keyed hash of the user's name, password hash and roles"),
    sa.Column("door", sa.Text, nullable=False, comment="page, token"),
    sa.Column("second_factor", sa.Boolean, nullable=False, server_default="false", comment="shown when it began"),
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("ended_at", sa.DateTime(timezone=True), comment="null while nobody ended it"),
    sa.CheckConstraint("door in ('page','token')", name="door"),
    sa.Index("ix_sign_in_session_user_id", "user_id"),
    sa.Index("ix_sign_in_session_began_at", "began_at"),
    comment="a token counts as long as its session does: idle 30 minutes, 12 hours in all, one user's end together",
)

sign_in_lock = sa.Table(
    "sign_in_lock",
    metadata,
    sa.Column("key_hash", UUID, primary_key=True, comment="keyed hash of an account's name or of an address"),
    sa.Column("kind", sa.Text, nullable=False, comment="account, address, office"),
    sa.Column(
        "failures", sa.Integer, nullable=False, server_default="0", comment="since the last success or quiet day"
    ),
    sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("locked_until", sa.DateTime(timezone=True), comment="no attempt is looked at before"),
    sa.CheckConstraint("kind in ('account','address','office')", name="kind"),
    sa.Index("ix_sign_in_lock_failed_at", "failed_at"),
    comment="how often signing in failed, and how long the door stays shut",
)

second_factor = sa.Table(
    "second_factor",
    metadata,
    sa.Column("user_name", sa.Text, primary_key=True, comment="of the UI, in small letters"),
    sa.Column("admission_hash", UUID, comment="keyed hash of the code that lets its owner bind; null once bound"),
    sa.Column("admitted_by", sa.Text, nullable=False, comment="the second person"),
    sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("sealed", BYTEA, comment="the secret under a key of the key ring; null before the owner binds"),
    sa.Column("bound_at", sa.DateTime(timezone=True), comment="null while the owner has not shown a code"),
    sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0", comment="no code counts twice"),
    sa.Column(
        "recovery_hashes", ARRAY(UUID), nullable=False, server_default="{}", comment="keyed hashes of unused codes"
    ),
    comment="what an officer shows beside the password: six digits of a device of their own, or a printed code, once",
)
