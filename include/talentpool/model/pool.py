"""Define the tables of the pool: the people of a date, frozen."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from talentpool.model.base import made_at, metadata

pool_snapshot = sa.Table(
    "pool_snapshot",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("partners", JSONB, nullable=False, comment="partner -> {as_of, publish_seq} that it was made from"),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("void", sa.Boolean, nullable=False, server_default=sa.false(), comment="two people said it is wrong"),
    made_at(),
    sa.UniqueConstraint("as_of", "version"),
)

pool_person = sa.Table(
    "pool_person",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), primary_key=True),
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("home_county", sa.Text),
    sa.Column("home_partner", sa.Text, nullable=False),
    sa.Column("home_station", sa.Text, nullable=False),
    sa.Column("home_record", UUID, nullable=False, comment="the record of the longest active spell"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("weak_identity", sa.Boolean, nullable=False),
    sa.Column("birth_date", sa.Date),
    sa.Column("age", sa.SmallInteger, comment="completed years on the as-of"),
    sa.Column("age_band", sa.Text, nullable=False),
    sa.Column("youth", sa.Boolean, nullable=False, comment="inside the configured youth band"),
    sa.Column("sex", sa.SmallInteger, nullable=False),
    sa.Column("occupation", sa.Text, nullable=False),
    sa.Column("provenance", JSONB, nullable=False, comment="golden field -> record id that supplies it"),
)
sa.Index("ix_pool_person_snapshot_id_home_county", pool_person.c.snapshot_id, pool_person.c.home_county)

pool_presence = sa.Table(
    "pool_presence",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("person_id", UUID, nullable=False),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("county", sa.Text),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, comment="active, suspected, suspended, left"),
    sa.Column("spell_from", sa.Date, nullable=False),
    comment="which record, so which county, sees the person: a county reads its own side only",
)
sa.Index("ix_pool_presence_snapshot_id_county", pool_presence.c.snapshot_id, pool_presence.c.county)

pool_count = sa.Table(
    "pool_count",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), primary_key=True),
    sa.Column("side", sa.Text, primary_key=True, comment="'' = the whole area, else the county whose own side it is"),
    sa.Column("dimension", sa.Text, primary_key=True, comment="people, seen, home, partner, band, occupation"),
    sa.Column("code", sa.Text, primary_key=True, comment="of people: active, seen, weak, left; else a value"),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("youth", sa.Integer, nullable=False),
    comment="figures of a snapshot, made with it: a page reads some hundred rows, whatever the pool's size",
)
