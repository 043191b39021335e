"""What live records stand on may be abolished, with a successor, but not taken away."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.model import source_record
from talentpool.reference.rules import current_divisions
from talentpool.reference.tables import Key, State


def refuse_used(conn: sa.Connection, table: str, before: State, after: State) -> None:
    """UsageError with the count of live records when `after` lacks something that they say."""
    for key in _lost(table, before, after):
        column = {"division": "county", "occupation": "occupation", "notice": "notice_version"}[table]
        count = conn.scalar(
            sa.select(sa.func.count()).select_from(source_record).where(source_record.c[column] == key[0])
        )
        if count:
            instead = {
                "division": "abolish it (status=abolished) with a successor_code instead",
                "occupation": "keep it; its words can be moved to another occupation as aliases",
                "notice": "keep one purpose of it; removing all would leave these people without a notice",
            }[table]
            raise UsageError(f"{count} live records use {table} {key[0]}; {instead}")


def _lost(table: str, before: State, after: State) -> set[Key]:
    """First key values that a record can hold before and not after."""
    if table == "division":
        led_on = {row["code"] for row in after.values() if row["successor_code"]}
        return {(code,) for code in current_divisions(before).keys() - current_divisions(after).keys() - led_on}
    if table == "occupation":
        return set(before.keys() - after.keys())
    if table == "notice":
        return {(version,) for version in {key[0] for key in before} - {key[0] for key in after}}
    return set()
