"""Say how much is staged of a delivery, and drop it: rows, verdicts, marks, flags."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.errors import StaleStageError
from talentpool.model import STAGING_SCHEMA, parts_table, staging_table, verdict_table


@dataclass(frozen=True)
class Stage:
    """What is staged of a delivery: which table, by its number in the server, and how many rows."""

    table: int
    rows: int


def stage_of(conn: sa.Connection, delivery_id: int, rows: int) -> Stage:
    """StaleStageError when other than `rows` rows are staged: unlogged tables are empty after a crash of the server, and gone
    after a restore; and a run that lost its lock may find another run's."""
    table = staging_table(delivery_id)
    number = conn.scalar(sa.text("select to_regclass(:name)::oid"), {"name": f"{STAGING_SCHEMA}.{table.name}"})
    found = None if number is None else conn.scalar(sa.select(sa.func.count()).select_from(table))
    if found != rows:
        raise StaleStageError(f"delivery {delivery_id}: what was staged is gone or was changed; stage it again")
    return Stage(int(number), rows)


def drop_staged(conn: sa.Connection, delivery_id: int) -> None:
    """Drop everything staged of a delivery; a killed run may have left any part of it.

    With the table go those of its shares, which stand below it.
    """
    quote = conn.dialect.identifier_preparer.quote
    conn.exec_driver_sql(f"drop table if exists {quote(STAGING_SCHEMA)}.{quote(f'flags_{delivery_id}')}")
    tables = (staging_table(delivery_id), verdict_table(delivery_id), parts_table(delivery_id))
    for name in (*(table.name for table in tables), f"marks_{delivery_id}"):
        conn.exec_driver_sql(f"drop table if exists {quote(STAGING_SCHEMA)}.{quote(name)} cascade")
