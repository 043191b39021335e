"""Writing what a matching run found: edges of the records replaced, persons minted, events and redirects kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import insert

from talentpool.copy import copy_rows
from talentpool.match.edges import AMBIGUOUS, BORROWED, HUMAN_RULE, SCORED, Scored
from talentpool.match.persons import Assignment
from talentpool.model import edge, person, person_event, person_redirect, record_person

EDGE = ("left_record", "right_record", "rule", "verdict", "score")


def keep_records(conn: sa.Connection, table: str, records: Iterable[UUID]) -> None:
    """A temporary table of record ids, in place of the one there was."""
    raw: Any = conn.connection.driver_connection
    name = sql.Identifier(table)
    with raw.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(name))
        cursor.execute(sql.SQL("create temporary table {} (record_id uuid primary key) on commit drop").format(name))
        with cursor.copy(sql.SQL("copy {} from stdin").format(name)) as copy:
            for record in records:
                copy.write_row((record,))
        cursor.execute(sql.SQL("analyze {}").format(name))


def write_edges(conn: sa.Connection, ids: Sequence[UUID], found: Scored, *, every: bool) -> None:
    """Replace the scored edges of the records in match_again (or all). A human's edges are never touched."""
    if every:
        conn.execute(edge.delete().where(edge.c.rule != HUMAN_RULE))
    else:
        for statement in (
            "delete from edge using match_again a where edge.rule <> 'human' and edge.left_record = a.record_id",
            "delete from edge using match_again a where edge.rule <> 'human' and edge.right_record = a.record_id",
        ):
            conn.exec_driver_sql(statement)
    columns = (found.left, found.right, found.borrowed, found.same, found.score)
    rows = (
        (ids[left], ids[right], BORROWED if lent else SCORED, "same" if same else "review", score)
        for left, right, lent, same, score in zip(*(column.tolist() for column in columns), strict=True)
    )
    copy_rows(conn, edge, EDGE, rows)


def write_assignment(
    conn: sa.Connection,
    assignment: Assignment,
    before: dict[UUID, UUID],
    partner_of: dict[UUID, str],
    doubtful: list[tuple[UUID, UUID, float]],
    run_id: int | None,
    *,
    every: bool,
    cause: str,
) -> None:
    """Persons of the touched records where they are others than before, and the pairs left apart."""
    minted = ((person_id, founded.record, founded.on) for person_id, founded in assignment.minted.items())
    copy_rows(conn, person, ("person_id", "founding_record", "founded_on"), minted)
    moved = [record for record, owner in assignment.person_of.items() if before.get(record) != owner]
    keep_records(conn, "match_moved", moved)
    conn.execute(sa.text("delete from record_person using match_moved m where record_person.record_id = m.record_id"))
    placed = ((record, partner_of[record], assignment.person_of[record]) for record in moved)
    copy_rows(conn, record_person, ("record_id", "partner", "person_id"), placed)
    _write_events(conn, assignment, run_id, cause)
    if not every:  # else all but people's own words went with the edges
        keep_records(conn, "match_seen", partner_of)
        conn.execute(
            sa.text(
                """
                delete from edge where rule = :rule and left_record in (select record_id from match_seen)
                    and right_record in (select record_id from match_seen)
                """
            ),
            {"rule": AMBIGUOUS},
        )
    rows = ((min(a, b), max(a, b), AMBIGUOUS, "review", bits) for a, b, bits in doubtful)
    copy_rows(conn, edge, EDGE, rows)


def _write_events(conn: sa.Connection, assignment: Assignment, run_id: int | None, cause: str) -> None:
    for kind, goes_on, other in assignment.events:
        conn.execute(
            person_event.insert().values(kind=kind, person_id=goes_on, other_id=other, cause=cause, match_run_id=run_id)
        )
        if kind == "merge":
            statement = insert(person_redirect).values(old_id=other, new_id=goes_on)
            conn.execute(statement.on_conflict_do_update(index_elements=["old_id"], set_={"new_id": goes_on}))
            conn.execute(person_redirect.update().where(person_redirect.c.new_id == other).values(new_id=goes_on))
    if assignment.events:  # somebody who is back needs no redirect
        back = sa.exists().where(record_person.c.person_id == person_redirect.c.old_id)
        conn.execute(person_redirect.delete().where(back))
