"""Run Alembic migrations on the connection that talentpool.database.migrate hands in; partitions are made at run time."""

from __future__ import annotations

from typing import Any

from alembic import context

from talentpool.model import metadata


def include_object(_object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """Leave out what the product makes at run time: partitions of source_record, the staging schema."""
    return not (kind == "table" and reflected and (name or "").startswith("source_record_p_"))


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, include_object=include_object)
with context.begin_transaction():
    context.run_migrations()
