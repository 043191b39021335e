"""The matching run: candidates of what changed, edges, clusters of what they touch, persons. One transaction.

A crash in the middle leaves the previous assignment in place. Records of history that are not live take part too, so
that a past pool can count their people.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.guard import KeyRing
from talentpool.match.cluster import Clustering, cluster
from talentpool.match.persons import Assignment, Founded, assign
from talentpool.match.rules import AMBIGUOUS, BLOCK_MAX, BORROWED, RULES, SAME_ID, SHARED_MOBILE_MAX, VALID_ID
from talentpool.match.write import write_assignment, write_edges
from talentpool.model import (
    delivery,
    edge,
    match_run,
    person,
    record_person,
    source_record,
    source_record_history,
)

MATCH_LOCK = 7_717_002
KEYS = (
    "partner", "record_id", "first_seen", "id_number_status", "id_index", "mobile_index", "mobile2_index", "name_id_key",
    "name_mobile_key", "name_mobile2_key", "name_birth_county_key", "delivery_id",
)  # fmt: skip
FIND_CANDIDATES = (Path(__file__).with_name("find_candidates.sql")).read_text(encoding="utf-8")
SCORE = {rule.name: rule.score for rule in RULES}


@dataclass(frozen=True)
class MatchResult:
    """Counts of a run. `pairs`: edges that say "same"; `persons`: of all current records."""

    records: int
    changed: int
    pairs: int
    persons: int
    review_pending: int
    seconds: float


def match(engine: sa.Engine, keys: KeyRing, *, full: bool = False) -> MatchResult:
    """Bring person ids up to date; `full` looks at every record again and must give the same persons."""
    started = time.monotonic()
    with engine.begin() as conn:
        conn.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": MATCH_LOCK})
        newest = conn.scalar(sa.select(sa.func.coalesce(sa.func.max(delivery.c.publish_seq), 0))) or 0
        done = conn.scalar(sa.select(sa.func.coalesce(sa.func.max(match_run.c.up_to_seq), 0))) or 0
        changed = 0
        if full or newest > done:
            _collect(conn, 0 if full else done)
            changed = conn.scalar(sa.text("select count(*) from match_changed")) or 0
            write_edges(conn, _edges(conn))
            clustering, touched = _cluster(conn)
            assignment = _assign(conn, keys, clustering, touched)
            run = {
                "up_to_seq": newest,
                "records": len(touched),
                "changed": changed,
                "pairs": 0,
                "persons": len(set(assignment.person_of.values())),
                "seconds": round(time.monotonic() - started, 3),
            }
            run_id = conn.scalar(match_run.insert().values(run).returning(match_run.c.match_run_id))
            write_assignment(conn, assignment, touched, clustering.ambiguous, run_id)
        return _result(conn, changed, started)


def _collect(conn: sa.Connection, since: int) -> None:
    """Temporary tables: match_record = what can be matched; match_changed = what is to be matched (again)."""
    live, past = source_record, source_record_history
    latest = (
        sa.select(*(past.c[name] for name in KEYS))
        .where(~sa.exists().where(live.c.partner == past.c.partner, live.c.record_id == past.c.record_id))
        .ext(distinct_on(past.c.record_id))
        .order_by(past.c.record_id, past.c.valid_from.desc())
        .subquery()
    )
    seq = sa.select(delivery.c.publish_seq).where(delivery.c.delivery_id == latest.c.delivery_id).scalar_subquery()
    every = sa.union_all(
        sa.select(*(live.c[name] for name in KEYS), live.c.changed_seq.label("seq")),
        sa.select(*(latest.c[name] for name in KEYS), seq.label("seq")),
    ).subquery()
    _temporary(conn, "match_record", sa.select(every))
    record = sa.table("match_record", sa.column("record_id"), sa.column("seq"))
    _temporary(conn, "match_changed", sa.select(record.c.record_id).where(record.c.seq > since))
    conn.exec_driver_sql("create index on match_record (record_id)")
    conn.exec_driver_sql("analyze match_record")
    conn.exec_driver_sql("analyze match_changed")


def _temporary(conn: sa.Connection, name: str, query: sa.Select) -> None:
    body = query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    conn.exec_driver_sql(f"create temporary table {name} on commit drop as {body}")


def _edges(conn: sa.Connection) -> Iterator[dict[str, object]]:
    """Edges of the changed records: "same", or "review" for a borrowed account."""
    found = conn.execute(sa.text(FIND_CANDIDATES), {"shared_max": SHARED_MOBILE_MAX, "block_max": BLOCK_MAX})
    for row in found:
        borrowed = row.rule == SAME_ID.name and row.other_name and not row.same_mobile
        yield {
            "left_record": row.left_record,
            "right_record": row.right_record,
            "rule": BORROWED if borrowed else row.rule,
            "verdict": "review" if borrowed else "same",
            "score": SCORE[row.rule],
        }


def _cluster(conn: sa.Connection) -> tuple[Clustering, dict[UUID, sa.Row]]:
    """Cluster everything that the changed records touch: by edges, and by the persons they belonged to."""
    touched = {
        row.record_id: row
        for row in conn.execute(
            sa.text(
                """
                with recursive reached(record_id) as (
                    select record_id from match_changed
                    union
                    select near.record_id
                    from reached
                    cross join lateral (
                        select right_record as record_id from edge
                        where left_record = reached.record_id and verdict = 'same'
                        union
                        select left_record from edge
                        where right_record = reached.record_id and verdict = 'same'
                        union
                        select other.record_id
                        from record_person own
                        join record_person other on other.person_id = own.person_id
                        where own.record_id = reached.record_id
                    ) near
                )
                select r.record_id, r.partner, r.first_seen, r.id_index, r.id_number_status
                from reached join match_record r on r.record_id = reached.record_id
                """
            )
        )
    }
    conn.exec_driver_sql("create temporary table match_touched (record_id uuid primary key) on commit drop")
    raw = conn.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy("copy match_touched from stdin") as copy:
        for record in touched:
            copy.write_row((record,))
    documents = {r: row.id_index if row.id_number_status in VALID_ID else None for r, row in touched.items()}
    inside = sa.text(
        """
        select left_record, right_record, rule, verdict, score from edge
        where left_record in (select record_id from match_touched)
          and right_record in (select record_id from match_touched)
          and verdict in ('same', 'different')
        """
    )
    levels: dict[float, list[tuple[UUID, UUID]]] = defaultdict(list)
    different: list[tuple[UUID, UUID]] = []
    human: list[tuple[UUID, UUID]] = []
    for row in conn.execute(inside):
        pair = (row.left_record, row.right_record)
        if row.rule == "human":
            (different if row.verdict == "different" else human).append(pair)
        else:
            levels[row.score].append(pair)
    ordered = [human, *(levels[score] for score in sorted(levels, reverse=True))]
    return cluster(documents, ordered, different), touched


def _assign(conn: sa.Connection, keys: KeyRing, clustering: Clustering, touched: dict[UUID, sa.Row]) -> Assignment:
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for record in touched:
        members[clustering.root(record)].append(record)
    before: dict[UUID, UUID] = {
        row.record_id: row.person_id
        for row in conn.execute(
            sa.text(
                "select p.record_id, p.person_id from record_person p join match_touched t on t.record_id = p.record_id"
            )
        )
    }
    every = {row.person_id: Founded(row.founding_record, row.founded_on) for row in conn.execute(sa.select(person))}
    known = {person_id: every[person_id] for person_id in set(before.values())}
    first_seen = {record: row.first_seen for record, row in touched.items()}
    return assign(list(members.values()), first_seen, before, known, every.__contains__, keys)


def _result(conn: sa.Connection, changed: int, started: float) -> MatchResult:
    current = record_person.join(source_record, source_record.c.record_id == record_person.c.record_id)
    records, persons = conn.execute(
        sa.select(sa.func.count(), sa.func.count(record_person.c.person_id.distinct())).select_from(current)
    ).one()
    pairs = conn.scalar(sa.select(sa.func.count()).select_from(edge).where(edge.c.verdict == "same")) or 0
    return MatchResult(
        records=records,
        changed=changed,
        pairs=pairs,
        persons=persons,
        review_pending=review_pending(conn),
        seconds=round(time.monotonic() - started, 3),
    )


def review_pending(conn: sa.Connection) -> int:
    """Pairs waiting for a person: no human judged them and they are not one person meanwhile."""
    judged = edge.alias()
    left, right = record_person.alias(), record_person.alias()
    query = (
        sa.select(edge.c.left_record, edge.c.right_record)
        .distinct()
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .where(
            edge.c.rule.in_([BORROWED, AMBIGUOUS]),
            left.c.person_id != right.c.person_id,
            ~sa.exists().where(
                judged.c.left_record == edge.c.left_record,
                judged.c.right_record == edge.c.right_record,
                judged.c.rule == "human",
            ),
        )
    )
    return conn.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def links(engine: sa.Engine) -> Iterator[tuple[str, str, str]]:
    """(partner, staff number, person id) of every current record, in order; no personal data."""
    live = source_record
    query = (
        sa.select(live.c.partner, live.c.staff_no, record_person.c.person_id)
        .join(record_person, record_person.c.record_id == live.c.record_id)
        .order_by(live.c.partner, live.c.staff_no)
    )
    with engine.connect() as conn:
        for row in conn.execution_options(yield_per=10_000).execute(query):
            yield row.partner, row.staff_no, str(row.person_id)
