"""Copy many rows at once into a table under row-level security, which COPY itself does not pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from psycopg import sql


def copy_rows(conn: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into a temporary table, then INSERT them from there; inside the caller's transaction."""
    raw: Any = conn.connection.driver_connection
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    target, waiting = sql.Identifier(table.name), sql.Identifier("pg_temp", f"copied_{table.name}")
    with raw.cursor() as cursor:
        cursor.execute(
            sql.SQL("create temporary table {} as select {} from {} with no data").format(
                sql.Identifier(f"copied_{table.name}"), names, target
            )
        )
        with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(waiting, names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(sql.SQL("insert into {} ({}) select {} from {}").format(target, names, names, waiting))
        cursor.execute(sql.SQL("drop table {}").format(waiting))
