"""Lock work between our own processes: rows of one table, which no officer's login may touch.

An advisory lock of the server can be taken by whoever may log in; the lock on a row only by who may change the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.model import work_lock


def hold(conn: sa.Connection, *names: str) -> None:
    """Take these locks, in this order, until the transaction ends; waits for whoever has one."""
    for name in names:
        _there(conn, name)
        conn.execute(_row(name).with_for_update())


def try_hold(conn: sa.Connection, name: str) -> bool:
    """The same without waiting; False when somebody has it."""
    _there(conn, name, apart=True)
    return conn.execute(_row(name).with_for_update(skip_locked=True)).one_or_none() is not None


@contextmanager
def held(engine: sa.Engine, name: str, *, shared: bool = False) -> Iterator[None]:
    """A lock for as long as the block takes, on a connection of its own; it ends with its process.

    `shared`: beside others who share it. Whoever waits for it alone is not passed by those who come later: all go
    through one gate.
    """
    gate = f"{name}|gate"
    with engine.connect() as conn, engine.connect() as passing:
        for each in (name, gate):
            _there(conn, each, apart=True)
        with passing.begin():
            passing.execute(_row(gate).with_for_update())
            conn.execute(_row(name).with_for_update(read=shared))
        passing.close()
        try:
            yield
        finally:
            conn.rollback()


def _row(name: str) -> sa.Select[tuple[str]]:
    return sa.select(work_lock.c.name).where(work_lock.c.name == name)


def _there(conn: sa.Connection, name: str, *, apart: bool = False) -> None:
    """The row is there. `apart`: committed at once, so that somebody who only looks can see it."""
    if conn.scalar(_row(name)) is not None:
        return
    made = insert(work_lock).values(name=name).on_conflict_do_nothing()
    if not apart:
        conn.execute(made)
        return
    with conn.engine.begin() as other:
        other.execute(made)
