"""Tell which rows live records use: such a row may be abolished with a successor, but not removed."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.model import source_record
from talentpool.reference.rules import Finding, Tables, current_divisions
from talentpool.reference.tables import Key, State

SAID_IN = {"division": "county", "occupation": "occupation", "notice": "notice_version"}
"""Table -> the column of a record that holds the first column of its key."""


def refuse_used(conn: sa.Connection, table: str, before: State, after: State) -> None:
    """UsageError with the count of live records when `after` lacks something that they say."""
    for key in _lost(table, before, after):
        said = source_record.c[SAID_IN[table]]
        count = conn.scalar(sa.select(sa.func.count()).where(said == key[0]))
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
        return {(code,) for code in _placed(before) - _placed(after)}
    if table == "occupation":
        return set(before.keys() - after.keys())
    if table == "notice":
        return {(version,) for version in {key[0] for key in before} - {key[0] for key in after}}
    return set()


def _placed(divisions: State) -> set[str]:
    """Codes of which is known where they are today: current, or with a successor."""
    return {row["code"] for row in divisions.values() if row["status"] == "current" or row["successor_code"]}


def stale(conn: sa.Connection, tables: Tables) -> Iterator[Finding]:
    """Live records that say what the tables no longer do; empty is no saying."""
    current = current_divisions(tables["division"])
    known = {
        "division": {row["code"] for row in tables["division"].values()},
        "occupation": {key[0] for key in tables["occupation"]},
        "notice": {key[0] for key in tables["notice"]} | {""},
    }
    for table, column in SAID_IN.items():
        said = source_record.c[column]
        counted = (
            sa.select(source_record.c.partner, said, sa.func.count())
            .where(said.is_not(None))
            .group_by(source_record.c.partner, said)
            .order_by(source_record.c.partner, said)
        )
        for partner, value, count in conn.execute(counted):
            if value not in known[table]:
                text = f"{count} live records of {partner} say it and the table lacks it; add it again"
                yield Finding(table, "used_and_missing", (value,), text)
            elif table == "division" and value not in current:
                text = f"{count} live records of {partner} still stand here; the partner's next full roster moves them"
                yield Finding(table, "used_and_abolished", (value,), text)
