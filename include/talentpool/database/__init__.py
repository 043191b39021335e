"""Reach the database: the embedded server or another, a login for each kind of work, the schema and who may do what.

The schema is made and migrated by its owner alone (`talentpool init`); everybody else finds it or is told so.
"""

from talentpool.database.connections import (
    backup_url,
    connect,
    connect_backup,
    connect_owner,
    database_url,
    engine_of,
    initialise,
    owner_url,
)
from talentpool.database.embedded import DATABASE, embedded_url
from talentpool.database.schema import alone_with_schema, migrate, migrate_within, migrations

__all__ = [
    "DATABASE", "alone_with_schema", "backup_url", "connect", "connect_backup", "connect_owner", "database_url",
    "embedded_url", "engine_of", "initialise", "migrate", "migrate_within", "migrations", "owner_url",
]  # fmt: skip
