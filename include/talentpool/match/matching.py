"""The matching run: candidates of what changed, edges, clusters of what they touch, persons. One transaction.

A crash in the middle leaves the previous assignment in place. Records of history that are not live take part too, so
that a past pool can count their people. The work follows the changed records; everything is looked at again when the
weights or the size of the pool (by half a bit of the prior) are others than those of the last run.
"""

from __future__ import annotations

import gc
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.guard import KeyRing
from talentpool.match.cluster import HUMAN, Clusters, Link, cluster
from talentpool.match.edges import HUMAN_RULE, Scored, prior_bits, score_pairs
from talentpool.match.features import NO_DATE
from talentpool.match.keys import KIND_BITS, KeyMaker, Keys, make_keys
from talentpool.match.pairs import Candidates, find_pairs, with_bearers
from talentpool.match.persons import Assignment, Founded, assign
from talentpool.match.records import Records, read_records
from talentpool.match.store import MOBILE, kinds_of, sharers, store_keys, stored_keys, within_cap
from talentpool.match.touched import Touched, read_touched
from talentpool.match.weights import Weights, load_weights
from talentpool.match.write import keep_records, write_assignment, write_edges
from talentpool.model import delivery, edge, match_run, person, record_person, source_record

MATCH_LOCK = 7_717_002
EVERY_JUDGEMENT = (
    "select left_record, right_record, rule, verdict, score from edge where verdict in ('same', 'different')"
)
JUDGEMENTS = """
    select left_record, right_record, rule, verdict, score from edge
    where verdict in ('same', 'different') and left_record in (select record_id from match_touched)
      and right_record in (select record_id from match_touched)
    """


@dataclass(frozen=True)
class MatchResult:
    """Counts of a run. `pairs`: edges that say "same"; `persons`: of all current records."""

    records: int
    changed: int
    pairs: int
    persons: int
    review_pending: int
    seconds: float


def match(engine: sa.Engine, keys: KeyRing, *, full: bool = False, around: Iterable[UUID] = ()) -> MatchResult:
    """Bring person ids up to date; `full` looks at every record again and must give the same persons.

    Args:
        around: records that are looked at again though they did not change: somebody judged them.
    """
    again = list(around)
    started = time.monotonic()
    weights = load_weights()
    with engine.begin() as conn:
        conn.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": MATCH_LOCK})
        newest = conn.scalar(sa.select(sa.func.coalesce(sa.func.max(delivery.c.publish_seq), 0))) or 0
        last = conn.execute(sa.select(match_run).order_by(match_run.c.match_run_id.desc()).limit(1)).one_or_none()
        done = last.up_to_seq if last is not None else 0
        changed = 0
        if full or again or newest > done or _is_stale(conn, weights, last):
            changed = _collect(conn, 0 if full else done, again)
            every = full or _is_stale(conn, weights, last)
            run = _Run(conn, keys, weights)
            with _no_collecting() if every else nullcontext():
                touched = run.all() if every else run.some()
                clusters = _cluster(conn, touched, every=every)
                assignment, before = _assign(conn, keys, clusters, touched, every=every)
            facts = {
                "up_to_seq": newest,
                "records": len(touched.ids),
                "changed": changed,
                "pairs": 0,
                "persons": len(set(clusters.root)),
                "seconds": round(time.monotonic() - started, 3),
                "weights_version": weights.version,
                "prior": run.prior,
                "over_cap": run.over,
            }
            run_id = conn.scalar(match_run.insert().values(facts).returning(match_run.c.match_run_id))
            partner_of = dict(zip(touched.ids, touched.partners, strict=True))
            doubtful = [(touched.ids[link.left], touched.ids[link.right], link.bits) for link in clusters.doubtful]
            write_assignment(conn, assignment, before, partner_of, doubtful, run_id, every=every)
        return _result(conn, changed, started)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Millions of objects, none of them in a cycle: looking for garbage among them would take a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _is_stale(conn: sa.Connection, weights: Weights, last: sa.Row | None) -> bool:
    """Whether everything must be looked at: other weights, another prior, or no keys (a restored database)."""
    if last is None or last.weights_version != weights.version:
        return True
    kept = conn.scalar(sa.text("select count(*) from match_key")) or 0
    return kept == 0 or prior_bits(weights, kept) != last.prior


def _collect(conn: sa.Connection, since: int, again: list[UUID]) -> int:
    """Temporary table match_changed: records whose newest version came after publication `since`; how many.

    Those of `again` that are known stand there too and are not counted.
    """
    conn.exec_driver_sql("create temporary table match_changed (record_id uuid primary key) on commit drop")
    conn.execute(
        sa.text(
            """
            insert into match_changed
            select record_id from source_record where changed_seq > :since
            union
            select h.record_id from source_record_history h join delivery d on d.delivery_id = h.delivery_id
            where d.publish_seq > :since and not exists (
                select from source_record l where l.partner = h.partner and l.record_id = h.record_id)
            """
        ),
        {"since": since},
    )
    changed = conn.scalar(sa.text("select count(*) from match_changed")) or 0
    if again:
        known = sa.text("insert into match_changed select record_id from match_key where record_id = any(:again)"
                        " on conflict do nothing")  # fmt: skip
        conn.execute(known, {"again": again})
    conn.exec_driver_sql("analyze match_changed")
    return changed


class _Run:
    """Candidates to edges, of everything or of what changed. `prior` bits and blocks `over` their cap, afterwards."""

    def __init__(self, conn: sa.Connection, keys: KeyRing, weights: Weights) -> None:
        self._conn, self._keys, self._weights = conn, keys, weights
        self._maker = KeyMaker(keys.key("match"))
        self.prior, self.over = 0.0, dict[str, int]()

    def all(self) -> Touched:
        """Every record."""
        keep_records(self._conn, "match_wanted", ())
        records = read_records(self._conn, self._keys, wanted=False)
        made = make_keys(records.features, self._maker)
        store_keys(self._conn, records.ids, made, every=True)
        self.prior = prior_bits(self._weights, len(records))
        self._write(records, find_pairs(made, len(records)), every=True)
        birth = [None if day == NO_DATE else day for day in records.features.facts.birth.tolist()]
        return Touched(records.ids, records.partners, records.first_seen, records.document.tolist(), birth)

    def some(self) -> Touched:
        """The changed records, those whose shared mobile they change, and whoever shares a key with them."""
        conn = self._conn
        keep_records(conn, "match_wanted", conn.scalars(sa.text("select record_id from match_changed")).all())
        old = stored_keys(conn)
        changed = read_records(conn, self._keys, wanted=True)
        made = make_keys(changed.features, self._maker)
        store_keys(conn, changed.ids, made, every=False)
        self.prior = prior_bits(self._weights, conn.scalar(sa.text("select count(*) from match_key")) or 0)
        numbers = {key for keys in old.values() for key in keys} | set(made.key.tolist())
        mobiles = [key for key in numbers if key & KIND_BITS == MOBILE]
        held, holders = sharers(conn, mobiles)
        small = within_cap(held)
        wanted = set(changed.ids) | {holder for holder, fits in zip(holders, small.tolist(), strict=True) if fits}
        keep_records(conn, "match_wanted", wanted)
        ours = stored_keys(conn)
        key, who = sharers(conn, (key for keys in ours.values() for key in keys))
        near = within_cap(key)
        keep_records(conn, "match_wanted", wanted | {one for one, fits in zip(who, near.tolist(), strict=True) if fits})
        records = read_records(conn, self._keys, wanted=True)
        at = records.positions()
        rows = np.array([at.get(one, -1) for one in who], np.int32)
        there = rows >= 0
        shared = Keys(key[there], rows[there], kinds_of(key[there]), make_keys(records.features, self._maker).mobiles)
        chosen = np.zeros(len(records), bool)
        chosen[[at[one] for one in wanted if one in at]] = True
        keep_records(conn, "match_again", wanted)
        candidates = with_bearers(find_pairs(shared, len(records), chosen), shared.mobiles, key)
        self._write(records, candidates, every=False)
        return read_touched(conn)

    def _write(self, records: Records, candidates: Candidates, *, every: bool) -> None:
        self.over = candidates.over
        found: Scored = score_pairs(records, candidates, self._weights, self.prior)
        write_edges(self._conn, records.ids, found, every=every)


def _cluster(conn: sa.Connection, touched: Touched, *, every: bool) -> Clusters:
    at = {record: position for position, record in enumerate(touched.ids)}
    links: list[Link] = []
    different: list[tuple[int, int]] = []
    for row in conn.execute(sa.text(EVERY_JUDGEMENT if every else JUDGEMENTS)):
        left, right = at.get(row.left_record), at.get(row.right_record)
        if left is None or right is None:
            continue  # a judgement about a record that no longer exists
        if row.rule != HUMAN_RULE:
            links.append(Link(left, right, row.score))
        elif row.verdict == "different":
            different.append((left, right))
        else:
            links.append(Link(left, right, HUMAN))
    return cluster(touched.document, touched.birth, links, different)


def _assign(
    conn: sa.Connection, keys: KeyRing, clusters: Clusters, touched: Touched, *, every: bool
) -> tuple[Assignment, dict[UUID, UUID]]:
    members: dict[int, list[UUID]] = defaultdict(list)
    for record, root in zip(touched.ids, clusters.root, strict=True):
        members[root].append(record)
    place = sa.table("match_touched", sa.column("record_id"))
    had = sa.select(record_person.c.record_id, record_person.c.person_id)
    if not every:
        had = had.join(place, place.c.record_id == record_person.c.record_id)
    ours = set(touched.ids)
    before: dict[UUID, UUID] = {record: owner for record, owner in conn.execute(had) if record in ours}
    founded = sa.select(person)
    if not every:  # an id is made from its founding record, so only those of these records can be in the way
        ours_founded = person.c.founding_record.in_(sa.select(place.c.record_id))
        founded = founded.where(
            sa.or_(person.c.person_id.in_(had.with_only_columns(record_person.c.person_id)), ours_founded)
        )
    known = {row.person_id: Founded(row.founding_record, row.founded_on) for row in conn.execute(founded)}
    first_seen = dict(zip(touched.ids, touched.first_seen, strict=True))
    changed = _changed(list(members.values()), before)
    return assign(changed, first_seen, before, known, known.__contains__, keys), before


def _changed(clusters: list[list[UUID]], before: dict[UUID, UUID]) -> list[list[UUID]]:
    """Clusters that are not just what a person was before."""
    sizes = Counter(before.values())
    found = []
    for members in clusters:
        owner = before.get(members[0])
        if owner is None or sizes[owner] != len(members) or any(before.get(member) != owner for member in members):
            found.append(members)
    return found


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
            edge.c.verdict == "review",
            left.c.person_id != right.c.person_id,
            ~sa.exists().where(
                judged.c.left_record == edge.c.left_record,
                judged.c.right_record == edge.c.right_record,
                judged.c.rule == HUMAN_RULE,
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
