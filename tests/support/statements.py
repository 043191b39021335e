"""Let the engines of a test process share the SQL that they compiled: a test has an engine of its own, and the statements
are those of the test before."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache

SHARED: LRUCache = LRUCache(3000)


class Psycopg(PGDialect_psycopg):
    """The product's dialect; one equals another, because all servers here are of one version, so what one compiled is
    found by all."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is Psycopg

    def __hash__(self) -> int:
        return hash(Psycopg)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=SHARED)


def share() -> None:
    """Engines that this process makes from now on share."""
    registry.register("postgresql.psycopg", __name__, "Psycopg")
