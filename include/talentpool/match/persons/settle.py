"""Turn edges into persons: cluster what was touched, keep ids, and record what becomes of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from psycopg import sql

from talentpool.guard import KeyRing
from talentpool.match.facts.ids import NOBODY, find, pack, unpack
from talentpool.match.facts.wire import keep_records, read_columns
from talentpool.match.persons.cluster import HUMAN, Clusters, Links, cluster
from talentpool.match.persons.persons import Assignment, Founded, Minted, assign, changed, first_ids, found
from talentpool.match.persons.touched import Touched
from talentpool.match.persons.write import write_owners, write_persons
from talentpool.match.scoring.edges import HELD_APART, Scored
from talentpool.model import person

EPOCH = date(1970, 1, 1)
DIFFERENT, SAME, JUDGED_SAME, APART = 0, 1, 2, 3
"""Of a pair: somebody judged that it is two people; one person by its score; by somebody's judgement; held apart by a guard."""
JUDGED = """
    select left_record, right_record,
           (case when rule = any({apart}) then 3 when verdict <> 'same' then 0 when rule = 'human' then 2 else 1 end)::smallint,
           score
    from edge where (verdict in ('same', 'different') or rule = any({apart})) and {where}
    """
TOUCHED = (
    "left_record in (select record_id from match_touched) and right_record in (select record_id from match_touched)"
)


def form_clusters(conn: sa.Connection, touched: Touched, scored: Scored | None) -> Clusters:
    """Clusters of the touched records; `scored` edges of a full run, else those that are stored."""
    where = sql.SQL("rule = 'human'" if scored is not None else TOUCHED)
    query = sql.SQL(JUDGED).format(where=where, apart=sql.Literal(list(HELD_APART)))
    rows = read_columns(conn, query, {"left": "S16", "right": "S16", "kind": ">i2", "score": ">f8"})
    left, right = find(touched.ids, rows["left"]), find(touched.ids, rows["right"])
    there = (left >= 0) & (right >= 0)  # else a judgement about a record that no longer exists
    left, right, kind, score = left[there], right[there], rows["kind"][there], rows["score"][there].astype(float)
    if scored is not None:
        counts = scored.same | (scored.rule > 0)
        left, right = np.concatenate([left, scored.left[counts]]), np.concatenate([right, scored.right[counts]])
        kind = np.concatenate([kind, np.where(scored.same[counts], SAME, APART)])
        score = np.concatenate([score, scored.score[counts]])
    # a person's judgement stands above the score of the same pair; what a guard holds apart stays two people until there is one
    pair = left * len(touched) + right
    judged = pair[kind == JUDGED_SAME]
    counts = (kind == JUDGED_SAME) | ~np.isin(pair, judged)
    left, right, kind = left[counts], right[counts], kind[counts]
    score = np.where(kind == JUDGED_SAME, HUMAN, score[counts])
    same = (kind == SAME) | (kind == JUDGED_SAME)
    both = np.stack([left, right], axis=1)
    links = Links(left[same], right[same], score[same])
    return cluster(touched.own, links, both[kind == DIFFERENT], both[kind == APART])


@dataclass(frozen=True)
class Settled:
    """`events` see persons.Assignment; on a roster: how many more `persons` and `records` than before
    (of a full run: all)."""

    events: list[tuple[str, UUID, UUID]]
    persons: int
    records: int


def settle(conn: sa.Connection, keys: KeyRing, clusters: Clusters, touched: Touched, *, full: bool) -> Settled:
    """Write who is whom now, and say what became of the persons there were."""
    before, was_live = _before(conn, touched, full=full)
    fresh, other = changed(clusters.root, before)
    new = np.flatnonzero(fresh)
    minted, which = found(clusters.root[new], touched.ids[new], touched.first_seen[new], keys)
    taken = _taken(conn, minted)
    if taken.any():  # the id's first bearer is in another person now: treat its cluster as one that was a person before
        other[new[taken[which]]] = True
        place = np.cumsum(~taken) - 1
        new, which = new[~taken[which]], place[which[~taken[which]]]
        minted = minted.take(~taken)
    write_persons(conn, minted)
    owner, events = before.copy(), list[tuple[str, UUID, UUID]]()
    owner[new] = minted.person[which]
    if other.any():
        result = _reassign(conn, keys, clusters.root, touched, before, np.flatnonzero(other))
        owner[find(touched.ids, pack(result.person_of))] = pack(result.person_of.values())
        events = result.events
    moved = np.flatnonzero((owner != before) | (touched.live != was_live))
    columns = {"record_id": touched.ids, "person": owner, "partner": touched.partner, "live": touched.live}
    write_owners(conn, {name: column[moved] for name, column in columns.items()}, touched.partners)
    were = (0, 0) if full else (len(np.unique(before[was_live])), int(was_live.sum()))
    return Settled(events, len(np.unique(owner[touched.live])) - were[0], int(touched.live.sum()) - were[1])


def _before(conn: sa.Connection, touched: Touched, *, full: bool) -> tuple[np.ndarray, np.ndarray]:
    """By touched record the person that it was, and whether it was on a roster."""
    near = sql.SQL("" if full else "join match_touched using (record_id)")
    query = sql.SQL("select record_id, person_id, live::int::smallint from record_person {}").format(near)
    rows = read_columns(conn, query, {"record": "S16", "person": "S16", "live": ">i2"})
    place = find(touched.ids, rows["record"])
    before, live = np.full(len(touched), NOBODY, "S16"), np.zeros(len(touched), bool)
    before[place[place >= 0]], live[place[place >= 0]] = rows["person"][place >= 0], rows["live"][place >= 0] > 0
    return before, live


def _taken(conn: sa.Connection, minted: Minted) -> np.ndarray:
    """Which of the new ids are somebody's."""
    keep_records(conn, "match_minted", minted.person)
    query = sql.SQL("select person_id from person join match_minted m on m.record_id = person_id")
    used = read_columns(conn, query, {"person": "S16"})["person"]
    return np.isin(minted.person, used)


def _reassign(
    conn: sa.Connection, keys: KeyRing, root: np.ndarray, touched: Touched, before: np.ndarray, at: np.ndarray
) -> Assignment:
    """Persons of clusters that are not just what they were, written where they are new."""
    ids, owners = unpack(touched.ids[at]), before[at]
    members: dict[int, list[UUID]] = defaultdict(list)
    for record, group in zip(ids, root[at].tolist(), strict=True):
        members[group].append(record)
    seen = {record: EPOCH + timedelta(day) for record, day in zip(ids, touched.first_seen[at].tolist(), strict=True)}
    was = {record: who for record, who, anybody in zip(ids, unpack(owners), owners != NOBODY, strict=True) if anybody}
    # an id is made from its founding record, so of all others only those of these records can be in the way
    first = first_ids(touched.ids[at], keys)
    keep_records(conn, "match_were", np.unique(np.concatenate([owners[owners != NOBODY], first])))
    place = sa.table("match_were", sa.column("record_id"))
    founded = sa.select(person).join(place, place.c.record_id == person.c.person_id)
    founders = {row.person_id: Founded(row.founding_record, row.founded_on) for row in conn.execute(founded)}

    asked = set(unpack(first))

    def taken(person_id: UUID) -> bool:
        query = sa.select(sa.exists().where(person.c.person_id == person_id))
        return person_id in founders or (person_id not in asked and conn.scalar(query) is True)

    result = assign(list(members.values()), seen, was, founders, taken, keys)
    days = np.array([(founded.on - EPOCH).days for founded in result.minted.values()], np.int32)
    write_persons(conn, Minted(pack(result.minted), pack(founded.record for founded in result.minted.values()), days))
    return result
