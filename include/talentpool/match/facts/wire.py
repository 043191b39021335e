"""Move columns of fixed width between PostgreSQL and numpy as the wire has them, without an object per value.

A row of COPY BINARY is the number of its fields, then each field's length and bytes; without nulls and with fields of one
width every row is alike, and a whole table is one numpy array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa
from psycopg import sql

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
ROWS = 50_000
JOINED = 10_000
SEND = {"S16": "uuid_send", ">i2": "int2send", ">i4": "int4send", ">i8": "int8send", ">f8": "float8send"}
TYPES = {"S16": "uuid", ">i2": "smallint", ">i4": "integer", ">f8": "float8"}

Kinds = Mapping[str, str]
"""Column -> numpy type as it stands on the wire: S16 a uuid, >i2, >i4, >i8, >f8."""


def row_type(kinds: Kinds) -> np.dtype:
    """A row of these columns on the wire; lengths stand between them."""
    fields = [("fields", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"size of {name}", ">i4"), (name, kind)]
    return np.dtype(fields)


def read_columns(conn: sa.Connection, query: sql.Composable, kinds: Kinds) -> np.ndarray:
    """What `query` gives, its columns in the order of `kinds` and none of them null, as a structured array; the rows in
    no order.

    The server joins many rows to one value: a message for each would cost several times what it holds.
    """
    row = sql.SQL(" || ").join(
        sql.SQL(f"{SEND[kind]}({{}})").format(sql.Identifier(name)) for name, kind in kinds.items()
    )
    joined = sql.SQL(
        "select string_agg(line, ''::bytea), count(*) from"
        " (select {row} as line, row_number() over () / {rows} as part from ({query}) found ({names})) lines group by part"
    ).format(
        row=row, rows=sql.Literal(JOINED), query=query, names=sql.SQL(", ").join(sql.Identifier(name) for name in kinds)
    )
    raw: Any = conn.connection.driver_connection
    with raw.cursor(binary=True) as cursor:
        parts = cursor.execute(joined).fetchall()
    rows = np.frombuffer(b"".join(lines for lines, _ in parts), np.dtype(list(kinds.items())))
    if len(rows) != sum(count for _, count in parts):
        raise ValueError("a column that is read as numbers holds a null")
    return rows


def out(query: sql.Composable) -> sql.Composable:
    """The statement that sends a query's rows in this form."""
    return sql.SQL("copy ({}) to stdout (format binary)").format(query)


def write_columns(conn: sa.Connection, table: str, kinds: Kinds, columns: Mapping[str, np.ndarray]) -> None:
    """Append columns of one length to a (temporary) table whose columns are those of `kinds`, in their order."""
    wire = row_type(kinds)
    raw: Any = conn.connection.driver_connection
    count = len(next(iter(columns.values())))
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, kinds))
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for begin in range(0, count, ROWS):
            rows = np.empty(min(ROWS, count - begin), wire)
            rows["fields"] = len(kinds)
            for name in kinds:
                rows[f"size of {name}"] = wire[name].itemsize
                rows[name] = columns[name][begin : begin + ROWS]
            copy.write(rows.tobytes())
        copy.write(END)


def keep_records(conn: sa.Connection, table: str, records: np.ndarray) -> None:
    """A temporary table of record ids (a column, each once), in place of the one there was."""
    keep(conn, table, {"record_id": "S16"}, {"record_id": records})


def keep(conn: sa.Connection, table: str, kinds: dict[str, str], columns: dict[str, np.ndarray]) -> None:
    """A temporary table of columns, one of its name dropped before."""
    name = conn.dialect.identifier_preparer.quote(table)
    fields = ", ".join(f"{column} {TYPES[kind]}" for column, kind in kinds.items())
    conn.exec_driver_sql(f"drop table if exists pg_temp.{name}")
    conn.exec_driver_sql(f"create temporary table {name} ({fields}) on commit drop")
    write_columns(conn, table, kinds, columns)
    conn.exec_driver_sql(f"analyze {name}")
