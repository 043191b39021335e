"""source_record is partitioned by partner: a partner's first million is built beside the others, then attached."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from talentpool.model import source_record

PREFIX = "source_record_p_"


def partition_name(partner: str) -> str:
    return PREFIX + partner


def exists(conn: sa.Connection, partner: str) -> bool:
    return bool(conn.scalar(sa.select(sa.func.to_regclass(partition_name(partner)).is_not(None))))


def create_detached(conn: sa.Connection, partner: str) -> sa.Table:
    """A table shaped like the parent, without indexes, not yet attached."""
    quote = conn.dialect.identifier_preparer.quote
    name = partition_name(partner)
    conn.exec_driver_sql(f"create table {quote(name)} (like source_record including defaults including comments)")
    return source_record.to_metadata(sa.MetaData(), name=name)


def attach(conn: sa.Connection, partner: str) -> None:
    """Build the indexes on the filled table, then attach it; PostgreSQL takes them over as the parent's."""
    quote = conn.dialect.identifier_preparer.quote
    name = partition_name(partner)
    conn.exec_driver_sql(f"alter table {quote(name)} add primary key (partner, record_id)")
    for index in sorted(source_record.indexes, key=lambda i: i.name or ""):
        columns = ", ".join(quote(column.name) for column in index.columns)
        where = index.dialect_options["postgresql"]["where"]
        suffix = f" where {where}" if where is not None else ""
        mark = hashlib.sha256(f"{name}{index.name}".encode()).hexdigest()[:12]
        conn.exec_driver_sql(f"create index {quote(f'ix_{mark}')} on {quote(name)} ({columns}){suffix}")
    literal = partner.replace("'", "''")
    conn.exec_driver_sql(f"alter table {quote(name)} add constraint p check (partner = '{literal}')")
    conn.exec_driver_sql(f"alter table source_record attach partition {quote(name)} for values in ('{literal}')")
    conn.exec_driver_sql(f"alter table {quote(name)} drop constraint p")
    keys = {column.name for index in source_record.indexes for column in index.columns} | {"partner", "record_id"}
    conn.exec_driver_sql(f"analyze {quote(name)} ({', '.join(sorted(map(quote, keys)))})")
