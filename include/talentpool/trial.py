"""One transaction that looks like a deployment's engine to the rooms, and of which nothing stays.

What a trial writes, nobody else ever sees; when its process dies, the server takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import sqlalchemy as sa


class _Trial:
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


@contextmanager
def trial(engine: sa.Engine) -> Iterator[sa.Engine]:
    """Everything that is done with the engine given is taken back at the end. It sees one moment of the pool."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        outer = conn.begin()
        try:
            yield cast(sa.Engine, _Trial(conn))
        finally:
            outer.rollback()
