"""Run a delivery in one transaction that looks like a deployment's engine to the rooms: kept as a whole, or not at all.

What it writes, nobody else sees before; when its process dies, the server takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import sqlalchemy as sa

from talentpool.model import source_record, source_record_history


class _Within:
    """`begin` is a savepoint, `connect` the same connection."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self.dialect, self.url = conn.engine.dialect, conn.engine.url

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        with self._conn.begin_nested():
            yield self._conn

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        yield self._conn


def within(conn: sa.Connection) -> sa.Engine:
    """The rooms' engine, over the caller's transaction: they neither commit nor see more than it does."""
    return cast(sa.Engine, _Within(conn))


@contextmanager
def trial(engine: sa.Engine, counties: Sequence[str] | None = None) -> Iterator[sa.Engine]:
    """Everything that is done with the engine given is taken back at the end. It sees one moment of the pool.

    Args:
        counties: whose people the rooms may see at all; None = everybody. Whatever a room compares, the answer is then the
            same whether somebody of another county is known or not.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        outer = conn.begin()
        try:
            if counties is not None:
                _see_only(conn, counties)
            yield within(conn)
        finally:
            outer.rollback()


def _see_only(conn: sa.Connection, counties: Sequence[str]) -> None:
    """For this transaction views stand before the tables of people: a temporary name is found first."""
    for table in (source_record, source_record_history):
        seen = sa.select(*table.c).where(table.c.county.in_(list(counties)))
        query = seen.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
        name = conn.dialect.identifier_preparer.format_table(table)
        conn.exec_driver_sql(f"create temporary view {name} as {query}")
