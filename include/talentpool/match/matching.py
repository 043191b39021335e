"""Run a matching: candidates of what changed, edges, clusters of what they touch, persons. One transaction.

A crash in the middle leaves the previous assignment in place. Records of history that are not live take part too, so
that a past pool can count their people. The work follows the changed records; everything is looked at again when the
weights or the size of the pool (by half a bit of the prior) are others than those of the last run, or the pool has outgrown
what the last full run counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.deliveries.ending import follow_stops
from talentpool.guard import KeyRing
from talentpool.locks import MATCH_LOCK, hold
from talentpool.match.facts.ids import unpack
from talentpool.match.persons.settle import form_clusters, settle
from talentpool.match.persons.write import write_doubtful, write_events
from talentpool.match.queue import fill_queue, review_pending
from talentpool.match.renew import NOTHING, Carried, Renewal
from talentpool.match.scoring.score import prior_bits
from talentpool.match.scoring.versions import active_weights
from talentpool.model import delivery, edge, match_key, match_run, record_person, source_record

LARGE, LARGE_SHARE = 5_000, 0.1
"""More changed records than this, and than this share of all: looking at everything is the shorter way."""
GROWTH, SMALL = 1.5, 500
"""A pool so many times as large as the last full run counted (records; SMALL at least) is counted again: how common values are
and from how many bits records are united is not what it was when the first partner's first roster came."""
NEW = "select count(*) from match_changed c where not exists (select from match_key k where k.record_id = c.record_id)"

TOTALS = {
    "matched": sa.select(sa.func.count()).select_from(match_key),
    "live_records": sa.select(sa.func.count()).select_from(record_person).where(record_person.c.live),
    "live_persons": sa.select(sa.func.count(record_person.c.person_id.distinct())).where(record_person.c.live),
}
"""What a run keeps count of by what it changed, and how it is counted all over."""


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
    """Bring person ids up to date; `full` looks at every record again, and counts anew what the runs between carry over
    (how common values are, from how many bits records are united): where neither moved, it gives the same persons.

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
    hold(conn, MATCH_LOCK)
    weights = active_weights(conn)
    newest = conn.scalar(sa.select(sa.func.coalesce(sa.func.max(delivery.c.publish_seq), 0))) or 0
    size = _matched(conn)
    last = conn.execute(sa.select(match_run).order_by(match_run.c.match_run_id.desc()).limit(1)).one_or_none()
    changed, prior, run_id, carried = 0, 0.0, None, NOTHING
    full = full or size == 0 or last is None or None in (last.births, last.commons)
    full = full or last is None or last.weights_version != weights.version
    if full or again or last is None or newest > last.up_to_seq:
        if last is not None and not full:
            changed = _collect(conn, last.up_to_seq, again)
            now, carried = size + (conn.scalar(sa.text(NEW)) or 0), Carried.of(last)
            prior = prior_bits(weights, now)
            full = prior != last.prior or changed > max(LARGE, size * LARGE_SHARE)
            full = full or now > GROWTH * max(carried.commons.records, SMALL)
        run = Renewal(conn, keys, weights, prior, NOTHING if full else carried)
        touched = None if full else run.some()
        if touched is None:  # what came may have a value in common of which nobody knew that it is: count again
            full, run = True, Renewal(conn, keys, weights, prior, NOTHING)
            touched = run.all()
        changed = len(touched) if full else changed
        clusters = form_clusters(conn, touched, run.scored)
        settled = settle(conn, keys, clusters, touched, full=full)
        more = {"matched": run.more, "live_records": settled.records, "live_persons": settled.persons}
        facts = {
            "up_to_seq": newest,
            "records": len(touched),
            "changed": changed,
            "pairs": sum(run.scores.values()),
            "persons": len(np.unique(clusters.root)),
            "seconds": round(time.monotonic() - started, 3),
            "weights_version": weights.version,
            **{name: _sum(0 if full else getattr(last, name), count) for name, count in more.items()},
            "full_run": full,
        }
        run_id = _keep(conn, run, facts, None if last is None else last.match_run_id)
        write_events(conn, settled.events, run_id, by)
        doubtful = clusters.doubtful
        left, right = (touched.ids[[getattr(link, side) for link in doubtful]] for side in ("left", "right"))
        pairs = zip(unpack(left), unpack(right), (link.bits for link in doubtful), strict=True)
        write_doubtful(conn, list(pairs), None if full else touched.ids)
        fill_queue(conn, full=full)
    follow_stops(conn)  # whoever is that person by now asked for it as well
    result = _result(conn, changed, started)
    if run_id is not None:
        conn.execute(match_run.update().where(match_run.c.match_run_id == run_id).values(waiting=result.review_pending))
    return result


def _keep(conn: sa.Connection, run: Renewal, facts: dict[str, Any], last: int | None) -> int:
    """The run's number; of births and common values the newest run's are enough."""
    if last is not None:
        conn.execute(match_run.update().where(match_run.c.match_run_id == last).values(births=None, commons=None))
    found = {
        "prior": run.prior,
        "over_cap": run.over,
        "births": run.births.pack(),
        "crowds": run.crowds,
        "commons": run.commons.pack(),
        "same_from": run.same_from,
        "scores": run.scores,
        **(asdict(run.tally) if run.tally is not None else {}),
    }
    return int(conn.execute(match_run.insert().values(facts | found).returning(match_run.c.match_run_id)).scalar_one())


def _matched(conn: sa.Connection) -> int:
    """Records that were matched; none after a restore, whose keys are made anew."""
    return _total(conn, "matched") if conn.scalar(sa.text("select exists (select from match_key)")) else 0


def _sum(before: int | None, more: int) -> int | None:
    return None if before is None else before + more


def _collect(conn: sa.Connection, since: int, again: list[UUID]) -> int:
    """Temporary table match_changed: records of which a version, the newest or a past one, came after publication
    `since`; how many.

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
            where d.publish_seq > :since and d.effect = 'history'  -- told of its past
            """
        ),
        {"since": since},
    )
    changed = conn.scalar(sa.text("select count(*) from match_changed")) or 0
    if again:
        matched = sa.text("insert into match_changed select record_id from match_key where record_id = any(:again)"
                        " on conflict do nothing")  # fmt: skip
        conn.execute(matched, {"again": again})
    conn.exec_driver_sql("analyze match_changed")
    return changed


def _result(conn: sa.Connection, changed: int, started: float) -> MatchResult:
    pairs = conn.scalar(sa.select(sa.func.count()).select_from(edge).where(edge.c.verdict == "same")) or 0
    return MatchResult(
        records=_total(conn, "live_records"),
        changed=changed,
        pairs=pairs,
        persons=_total(conn, "live_persons"),
        review_pending=review_pending(conn),
        seconds=round(time.monotonic() - started, 3),
    )


def _total(conn: sa.Connection, name: str) -> int:
    """As the newest run counted it; all over again after an erasure, which takes the figure away."""
    newest = sa.select(match_run.c.match_run_id, match_run.c[name]).order_by(match_run.c.match_run_id.desc())
    run = conn.execute(newest.limit(1)).one_or_none()
    if run is None:
        return 0
    if run[1] is not None:
        return int(run[1])
    count = conn.scalar(TOTALS[name]) or 0
    conn.execute(match_run.update().where(match_run.c.match_run_id == run.match_run_id).values({name: count}))
    return count


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
