"""Partition source_record by partner: build a partner's first million rows beside the others, then attach them."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import source_record

PREFIX = "source_record_p_"


def partition_name(partner: str) -> str:
    return PREFIX + partner


def exists(conn: sa.Connection, partner: str) -> bool:
    return bool(conn.scalar(sa.select(sa.func.to_regclass(partition_name(partner)).is_not(None))))


def create_detached(conn: sa.Connection, partner: str) -> sa.Table:
    """A table shaped like the parent, without indexes, not yet attached; the schema's owner makes it."""
    name = conn.scalar(sa.select(sa.func.partner_partition_make(partner)))
    return source_record.to_metadata(sa.MetaData(), name=name)


def attach(conn: sa.Connection, partner: str) -> None:
    """Attach the filled table; PostgreSQL builds the parent's key and indexes on it."""
    conn.execute(sa.select(sa.func.partner_partition_attach(partner)))
