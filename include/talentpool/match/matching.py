"""The matching run: candidates of what changed, edges, clusters of what they touch, persons. One transaction.

A crash in the middle leaves the previous assignment in place. Records of history that are not live take part too, so
that a past pool can count their people. The work follows the changed records; everything is looked at again when the
weights, the size of the pool or of a county (by half a bit) are others than those of the last run.
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
from talentpool.match.counties import county_shares
from talentpool.match.edges import HUMAN_RULE, Scored, score_pairs
from talentpool.match.features import NO_DATE
from talentpool.match.keys import KeyMaker, Keys, make_keys
from talentpool.match.pairs import Candidates, find_pairs, with_bearers
from talentpool.match.persons import Assignment, Founded, assign
from talentpool.match.records import Records, read_records
from talentpool.match.score import prior_bits
from talentpool.match.store import kinds_of, moved, sharers, store_keys, stored_keys, within_cap
from talentpool.match.touched import Touched, read_touched
from talentpool.match.waiting import review_pending
from talentpool.match.weights import Weights, load_weights
from talentpool.match.write import keep_records, write_assignment, write_edges
from talentpool.model import delivery, edge, match_run, person, record_person, source_record

MATCH_LOCK = 7_717_002
LARGE, LARGE_SHARE = 50_000, 0.1
"""More changed records than this, and than this share of all: looking at everything is the shorter way."""
NEW = "select count(*) from match_changed c where not exists (select from match_key k where k.record_id = c.record_id)"
EVERY_JUDGEMENT = """
    select left_record, right_record, rule, verdict, score from edge
    where verdict in ('same', 'different') or rule = 'borrowed_account'
    """
JUDGEMENTS = """
    select left_record, right_record, rule, verdict, score from edge
    where (verdict in ('same', 'different') or rule = 'borrowed_account') and left_record in (select record_id from match_touched)
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
    with engine.begin() as conn:
        return match_within(conn, keys, full=full, around=around)


def match_within(
    conn: sa.Connection, keys: KeyRing, *, full: bool = False, around: Iterable[UUID] = (), by: str = "rules"
) -> MatchResult:
    """The same in the caller's transaction; `by` is the cause that events of persons name."""
    again = list(around)
    started = time.monotonic()
    weights = load_weights()
    conn.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": MATCH_LOCK})
    newest = conn.scalar(sa.select(sa.func.coalesce(sa.func.max(delivery.c.publish_seq), 0))) or 0
    last = conn.execute(sa.select(match_run).order_by(match_run.c.match_run_id.desc()).limit(1)).one_or_none()
    changed = 0
    size = _kept(conn)
    whole = full or last is None or last.weights_version != weights.version or size == 0
    done = last.up_to_seq if last is not None else 0
    if whole or again or newest > done:
        changed = _collect(conn, 0 if whole else done, again)
        prior = prior_bits(weights, size + (conn.scalar(sa.text(NEW)) or 0))
        counties = county_shares(conn, newest)
        every = whole or last is None or prior != last.prior or changed > max(LARGE, size * LARGE_SHARE)
        every = every or counties != county_shares(conn, done)
        run = _Run(conn, keys, weights, prior, counties)
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
            "over_cap": run.over if every or last is None else last.over_cap,
        }
        run_id = conn.scalar(match_run.insert().values(facts).returning(match_run.c.match_run_id))
        partner_of = dict(zip(touched.ids, touched.partners, strict=True))
        doubtful = [(touched.ids[link.left], touched.ids[link.right], link.bits) for link in clusters.doubtful]
        write_assignment(conn, assignment, before, partner_of, doubtful, run_id, every=every, cause=by)
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


def _kept(conn: sa.Connection) -> int:
    """Records that were matched; none after a restore, whose keys are made anew."""
    return conn.scalar(sa.text("select count(*) from match_key")) or 0


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
    """Candidates to edges, of everything or of what changed, at a prior of so many bits; blocks `over` their cap."""

    def __init__(
        self, conn: sa.Connection, keys: KeyRing, weights: Weights, prior: float, counties: dict[int, float]
    ) -> None:
        self._conn, self._keys, self._weights, self._counties = conn, keys, weights, counties
        self._maker = KeyMaker(keys.key("match"))
        self.prior, self.over = prior, dict[str, int]()

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
        """The changed records, those of whom a shared block is another now, and whoever shares a key with them."""
        conn = self._conn
        keep_records(conn, "match_wanted", conn.scalars(sa.text("select record_id from match_changed")).all())
        old = stored_keys(conn)
        changed = read_records(conn, self._keys, wanted=True)
        made = make_keys(changed.features, self._maker)
        store_keys(conn, changed.ids, made, every=False)
        was, now = Counter(key for keys in old.values() for key in keys), Counter(made.key.tolist())
        held, holders = sharers(conn, was.keys() | now.keys())
        other = moved(held, was, now)
        wanted = set(changed.ids) | {holder for holder, one in zip(holders, other.tolist(), strict=True) if one}
        keep_records(conn, "match_wanted", wanted)
        ours = stored_keys(conn)
        key, who = sharers(conn, (key for keys in ours.values() for key in keys))
        near = within_cap(key)
        keep_records(conn, "match_wanted", wanted | {one for one, fits in zip(who, near.tolist(), strict=True) if fits})
        records = read_records(conn, self._keys, wanted=True)
        at = records.positions()
        rows = np.array([at.get(one, -1) for one in who], np.int32)
        there = (rows >= 0) & near
        shared = Keys(key[there], rows[there], kinds_of(key[there]), make_keys(records.features, self._maker).mobiles)
        chosen = np.zeros(len(records), bool)
        chosen[[at[one] for one in wanted if one in at]] = True
        keep_records(conn, "match_again", wanted)
        candidates = with_bearers(find_pairs(shared, len(records), chosen), shared.mobiles, key)
        self._write(records, candidates, every=False)
        return read_touched(conn)

    def _write(self, records: Records, candidates: Candidates, *, every: bool) -> None:
        self.over = candidates.over
        found: Scored = score_pairs(records, candidates, self._weights, self.prior, self._counties)
        write_edges(self._conn, records.ids, found, every=every)


def _cluster(conn: sa.Connection, touched: Touched, *, every: bool) -> Clusters:
    at = {record: position for position, record in enumerate(touched.ids)}
    bits: dict[tuple[int, int], float] = {}
    different: set[tuple[int, int]] = set()
    for row in conn.execute(sa.text(EVERY_JUDGEMENT if every else JUDGEMENTS)):
        left, right = at.get(row.left_record), at.get(row.right_record)
        if left is None or right is None:
            continue  # a judgement about a record that no longer exists
        if row.verdict == "same":  # a person's word stands above the score of the same pair
            bits[left, right] = max(bits.get((left, right), row.score), HUMAN if row.rule == HUMAN_RULE else row.score)
        else:
            different.add((left, right))
    # a borrowed account stays two people until somebody says that they are one
    different -= {pair for pair, value in bits.items() if value == HUMAN}
    links = [Link(left, right, value) for (left, right), value in bits.items()]
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
