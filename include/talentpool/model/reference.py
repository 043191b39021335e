"""Define the reference tables (seeded by migration, edited by the office), and the check of keys."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from talentpool.model.base import made_at, metadata

division = sa.Table(
    "division",
    metadata,
    sa.Column("code", sa.Text, primary_key=True, comment="codes were given twice over the years: code and name"),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("level", sa.Text, nullable=False, comment="province, prefecture, county"),
    sa.Column("parent_code", sa.Text),
    sa.Column("status", sa.Text, nullable=False, comment="current or abolished"),
    sa.Column("from_year", sa.SmallInteger),
    sa.Column("to_year", sa.SmallInteger),
    sa.Column("successor_code", sa.Text, comment="the one successor, when there is exactly one"),
)

station = sa.Table(
    "station",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("head", sa.Text),
    sa.Column("recipient_key", sa.Text, comment="public key that lists for the head are encrypted to"),
)

occupation = sa.Table(
    "occupation",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("aliases", JSONB, nullable=False, server_default="[]"),
)

holiday = sa.Table(
    "holiday",
    metadata,
    sa.Column("date", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="holiday or adjusted workday"),
    sa.Column("name", sa.Text, nullable=False),
)

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("published_on", sa.Date, comment="nobody could agree to it before; null = not known, any day counts"),
)

contact = sa.Table(
    "contact",
    metadata,
    sa.Column("area", sa.Text, primary_key=True, comment="code of the division whose people turn to it"),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("reach", sa.Text, nullable=False, comment="telephone, address, hours: as printed"),
    comment="whom people turn to for corrections and withdrawal; printed on every sheet that leaves",
)

reference_change = sa.Table(
    "reference_change",
    metadata,
    sa.Column("change_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("table_name", sa.Text, nullable=False, comment="division, station, occupation, ..."),
    sa.Column("version", sa.Integer, nullable=False, comment="of that table; one edit or import is one version"),
    sa.Column("key", JSONB, nullable=False, comment="key column -> value"),
    sa.Column("before", JSONB(none_as_null=True), comment="the whole row; null when it was added"),
    sa.Column("after", JSONB(none_as_null=True), comment="the whole row; null when it was removed"),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # not the start of the transaction: who waited for the lock changed later
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.UniqueConstraint("table_name", "version", "key"),
    comment="every edit of a reference table by the office; append-only by a trigger",
)

key_check = sa.Table(
    "key_check",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False, comment="keyed hash of a constant; not the key"),
    comment="tells a wrong key from a right one before any data is touched",
)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("token", UUID, primary_key=True, comment="HMAC under the suppression key; see guard/blind.py"),
    sa.Column(
        "withdrawal_id",
        UUID,
        primary_key=True,
        server_default="00000000-0000-0000-0000-000000000000",
        comment="whose it is; all zeros = of before withdrawals were put down",
    ),
    made_at(),
    comment="the withdrawn: checked on every load, never told to a partner",
)

withdrawal = sa.Table(
    "withdrawal",
    metadata,
    sa.Column("withdrawal_id", UUID, primary_key=True, comment="random"),
    sa.Column("withdrawn_on", sa.Date, nullable=False, comment="consent dated after this day is another consent"),
    sa.Column("facets", JSONB, nullable=False, comment="kind -> keyed hashes of a value and the withdrawal"),
    sa.Column("name_buckets", ARRAY(sa.Integer), nullable=False, comment="16 bits of a keyed hash each"),
    sa.Column("birth_buckets", ARRAY(sa.Integer), nullable=False, comment="16 bits of a keyed hash each"),
    sa.Column("restored_at", sa.DateTime(timezone=True), comment="when consent given anew was put down"),
    sa.Column("restored_by", sa.Text),
    sa.Column("restored_for", sa.Text, comment="the proof of the new consent, by its reference"),
    made_at(),
    comment="a person who withdrew, by what tells them from others: hashes alone",
)

suppression_word = sa.Table(
    "suppression_word",
    metadata,
    sa.Column("word_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("token", UUID, nullable=False, comment="HMAC of record and name under the suppression key"),
    sa.Column("verdict", sa.Text, nullable=False, comment="same, different"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # not the start of the transaction: who waited for the lock spoke later
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.CheckConstraint("verdict in ('same','different')", name="verdict"),
    comment="whether a doubtful row is the person who withdrew: the office's word, the newest holds",
)

stop_notice = sa.Table(
    "stop_notice",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("staff_no", sa.Text, primary_key=True),
    sa.Column("asked_on", sa.Date, nullable=False, comment="when the person asked for it in writing"),
    comment="停止报送: whom a partner is to stop sending, by the person's own wish; gone when the partner was told",
)
