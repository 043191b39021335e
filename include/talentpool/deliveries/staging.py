"""Drop all that was staged of a delivery: rows, verdicts, marks, flags."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import STAGING_SCHEMA, parts_table, staging_table, verdict_table


def drop_staged(conn: sa.Connection, delivery_id: int) -> None:
    """Drop everything staged of a delivery; a killed run may have left any part of it.

    With the table go those of its shares, which stand below it.
    """
    quote = conn.dialect.identifier_preparer.quote
    conn.exec_driver_sql(f"drop table if exists {quote(STAGING_SCHEMA)}.{quote(f'flags_{delivery_id}')}")
    tables = (staging_table(delivery_id), verdict_table(delivery_id), parts_table(delivery_id))
    for name in (*(table.name for table in tables), f"marks_{delivery_id}"):
        conn.exec_driver_sql(f"drop table if exists {quote(STAGING_SCHEMA)}.{quote(name)} cascade")
