"""Read reference tables: as they are, as they stood on a day, and who changed what."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.model import reference_change
from talentpool.office_day import OFFICE_TIME
from talentpool.reference.tables import TABLES, Key, State, Table


def read(conn: sa.Connection, table: Table) -> State:
    """Key -> row, in the order of the key."""
    stored = table.stored
    query = sa.select(*(stored.c[name] for name in table.columns)).order_by(*(stored.c[name] for name in table.key))
    rows = [{name: _json(value) for name, value in row.items()} for row in conn.execute(query).mappings()]
    return {table.key_of(row): row for row in rows}


def read_all(conn: sa.Connection) -> dict[str, State]:
    """Every table; one picture of them all when the transaction is repeatable read or holds the edit lock."""
    return {name: read(conn, table) for name, table in TABLES.items()}


def read_at(conn: sa.Connection, table: Table, day: date) -> State:
    """As the table stood at the end of `day` in the office: today's rows with the later changes undone.

    Stations that a delivery named for the first time are not edits; they count as having been there always.
    """
    log = reference_change
    later = conn.execute(
        sa.select(log.c.key, log.c.before)
        .where(log.c.table_name == table.name, log.c.made_at >= _end_of(day))
        .order_by(log.c.version.desc())
    )
    state = read(conn, table)
    for change in later:
        key = table.key_of(change.key)
        state.pop(key, None)
        if change.before is not None:
            state[key] = change.before
    return dict(sorted(state.items()))


def versions(conn: sa.Connection, day: date | None = None) -> dict[str, int]:
    """Table -> version now, or at the end of `day`; 0 is the table as seeded."""
    log = reference_change
    query = sa.select(log.c.table_name, sa.func.max(log.c.version)).group_by(log.c.table_name)
    if day is not None:
        query = query.where(log.c.made_at < _end_of(day))
    found = {row[0]: row[1] for row in conn.execute(query)}
    return {name: found.get(name, 0) for name in TABLES}


def history(conn: sa.Connection, table: Table, key: Key = ()) -> list[dict[str, Any]]:
    """Changes of a table, oldest first; `key` may name its first columns only."""
    log = reference_change
    query = (
        sa.select(log.c.version, log.c.key, log.c.before, log.c.after, log.c.changed_by, log.c.reason, log.c.made_at)
        .where(log.c.table_name == table.name)
        .order_by(log.c.version, log.c.change_id)
    )
    for name, value in zip(table.key, key, strict=False):
        query = query.where(log.c.key[name].astext == value)
    return [dict(row) for row in conn.execute(query).mappings()]


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), OFFICE_TIME)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
