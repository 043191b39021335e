"""Write what a matching run found: replace edges, make persons, keep events and redirects."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.match.facts.wire import keep, keep_records
from talentpool.match.persons.persons import Minted
from talentpool.match.scoring.edges import AMBIGUOUS, RULES, Scored
from talentpool.model import edge, person_event, person_redirect, record_person

BY_PERSON = "ix_record_person_person_id"
PARTED = """
    create temporary table match_parted on commit drop as
    select right_record as record_id from edge join match_again a on a.record_id = left_record
    where rule <> 'human' and verdict = 'same'
    union
    select left_record from edge join match_again a on a.record_id = right_record
    where rule <> 'human' and verdict = 'same'
    """


def write_edges(conn: sa.Connection, ids: np.ndarray, found: Scored, *, full: bool) -> None:
    """Replace the scored edges of the records in match_again (or all). A human's edges are never touched."""
    if full:
        conn.exec_driver_sql("delete from edge where rule <> 'human'")
    else:
        # who was one with a changed record is clustered again, though nothing but this holds them together any more
        conn.exec_driver_sql(PARTED)
        for statement in (
            "delete from edge using match_again a where edge.rule <> 'human' and edge.left_record = a.record_id",
            "delete from edge using match_again a where edge.rule <> 'human' and edge.right_record = a.record_id",
        ):
            conn.exec_driver_sql(statement)
    kinds = {"one": "S16", "other": "S16", "rule": ">i2", "same": ">i2", "score": ">f8"}
    columns = {
        "one": ids[found.left],
        "other": ids[found.right],
        "rule": found.rule,
        "same": found.same,
        "score": found.score,
    }
    keep(conn, "match_edge", kinds, columns)
    conn.execute(
        sa.text(
            "insert into edge (left_record, right_record, rule, verdict, score)"
            " select one, other, (cast(:rules as text[]))[rule + 1],"
            " case same when 1 then 'same' else 'review' end, score from match_edge"
        ),
        {"rules": list(RULES)},
    )
    conn.exec_driver_sql("drop table match_edge")


def write_persons(conn: sa.Connection, minted: Minted) -> None:
    """New persons, in the order in which they are indexed."""
    order = np.argsort(minted.person)
    columns = {"person": minted.person[order], "record": minted.record[order], "day": minted.on[order]}
    keep(conn, "match_minted", {"person": "S16", "record": "S16", "day": ">i4"}, columns)
    conn.exec_driver_sql(
        "insert into person (person_id, founding_record, founded_on)"
        " select person, record, date '1970-01-01' + day from match_minted"
    )


def write_owners(conn: sa.Connection, columns: dict[str, np.ndarray], partners: Sequence[str]) -> None:
    """Records whose person or presence is another now: record_id, person, partner (a place in `partners`), live."""
    kinds = {"record_id": "S16", "person": "S16", "partner": ">i2", "live": ">i2"}
    keep(conn, "match_moved", kinds, columns)
    first = not conn.scalar(sa.select(sa.exists().where(record_person.c.record_id.is_not(None))))
    if first:  # nobody reads an empty table: its second index is made afterwards, in one go
        conn.execute(sa.select(sa.func.match_index(BY_PERSON, False)))
    else:
        conn.exec_driver_sql(
            "delete from record_person using match_moved m where record_person.record_id = m.record_id"
        )
    place = sa.text(
        "insert into record_person (record_id, partner, person_id, live)"
        " select record_id, (cast(:partners as text[]))[partner + 1], person, live > 0 from match_moved"
    )
    conn.execute(place, {"partners": list(partners)})
    if first:
        conn.execute(sa.select(sa.func.match_index(BY_PERSON, True)))
        conn.exec_driver_sql("analyze record_person")


def write_doubtful(conn: sa.Connection, pairs: Sequence[tuple[UUID, UUID, float]], seen: np.ndarray | None) -> None:
    """Pairs that a guard left apart, in place of those among the records `seen` (None: among all, which are gone)."""
    if seen is not None:
        keep_records(conn, "match_seen", seen)
        conn.execute(
            sa.text(
                """
                delete from edge where rule = :rule and left_record in (select record_id from match_seen)
                    and right_record in (select record_id from match_seen)
                """
            ),
            {"rule": AMBIGUOUS},
        )
    if pairs:
        rows = [{"left_record": min(a, b), "right_record": max(a, b), "rule": AMBIGUOUS, "verdict": "review", "score": bits}
                for a, b, bits in pairs]  # fmt: skip
        conn.execute(edge.insert(), rows)


def write_events(conn: sa.Connection, events: Sequence[tuple[str, UUID, UUID]], run_id: int | None, cause: str) -> None:
    """What became of persons; a person id that is no more leads on to the one that goes on."""
    for kind, goes_on, other in events:
        conn.execute(
            person_event.insert().values(kind=kind, person_id=goes_on, other_id=other, cause=cause, match_run_id=run_id)
        )
        if kind == "merge":
            statement = insert(person_redirect).values(old_id=other, new_id=goes_on)
            conn.execute(statement.on_conflict_do_update(index_elements=["old_id"], set_={"new_id": goes_on}))
            conn.execute(person_redirect.update().where(person_redirect.c.new_id == other).values(new_id=goes_on))
    if events:  # somebody who is back needs no redirect
        back = sa.exists().where(record_person.c.person_id == person_redirect.c.old_id)
        conn.execute(person_redirect.delete().where(back))
