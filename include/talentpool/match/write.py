"""Writing what a matching run found: edges of changed records replaced, persons minted, events and redirects kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.copy import copy_rows
from talentpool.match.persons import Assignment
from talentpool.match.rules import AMBIGUOUS
from talentpool.model import edge, person, person_event, person_redirect, record_person

BATCH = 10_000


def write_edges(conn: sa.Connection, edges: Iterable[dict[str, Any]]) -> None:
    """Replace the rule edges of the changed records (table match_changed). A human's edges are never touched."""
    conn.execute(
        sa.text(
            """
            delete from edge using match_changed c
            where edge.rule <> 'human' and (edge.left_record = c.record_id or edge.right_record = c.record_id)
            """
        )
    )
    for batch in _batches(edges):
        conn.execute(insert(edge).on_conflict_do_nothing(), batch)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def write_assignment(
    conn: sa.Connection,
    assignment: Assignment,
    touched: dict[UUID, sa.Row],
    ambiguous: set[tuple[UUID, UUID]],
    run_id: int | None,
) -> None:
    """Persons of the touched records (table match_touched), in place of what they had."""
    minted = ((person_id, founded.record, founded.on) for person_id, founded in assignment.minted.items())
    copy_rows(conn, person, ("person_id", "founding_record", "founded_on"), minted)
    conn.execute(sa.text("delete from record_person using match_touched t where record_person.record_id = t.record_id"))
    placed = ((record, touched[record].partner, person_id) for record, person_id in assignment.person_of.items())
    copy_rows(conn, record_person, ("record_id", "partner", "person_id"), placed)
    _write_events(conn, assignment, run_id)
    conn.execute(
        sa.text(
            """
            delete from edge where rule = :rule and left_record in (select record_id from match_touched)
                and right_record in (select record_id from match_touched)
            """
        ),
        {"rule": AMBIGUOUS},
    )
    review = (
        {"left_record": min(p), "right_record": max(p), "rule": AMBIGUOUS, "verdict": "review", "score": 0.5}
        for p in sorted(ambiguous)
    )
    for batch in _batches(review):
        conn.execute(insert(edge).on_conflict_do_nothing(), batch)


def _write_events(conn: sa.Connection, assignment: Assignment, run_id: int | None) -> None:
    for kind, goes_on, other in assignment.events:
        conn.execute(
            person_event.insert().values(
                kind=kind, person_id=goes_on, other_id=other, cause="rules", match_run_id=run_id
            )
        )
        if kind == "merge":
            statement = insert(person_redirect).values(old_id=other, new_id=goes_on)
            conn.execute(statement.on_conflict_do_update(index_elements=["old_id"], set_={"new_id": goes_on}))
            conn.execute(person_redirect.update().where(person_redirect.c.new_id == other).values(new_id=goes_on))
    if assignment.events:  # somebody who is back needs no redirect
        alive = sorted(set(assignment.person_of.values()))
        conn.execute(person_redirect.delete().where(person_redirect.c.old_id.in_(alive)))
