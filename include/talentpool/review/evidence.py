"""Explain why two records are one person or not: each comparison with level, bits and reason. Values are masked."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.guard import KeyRing, mask_document, mask_mobile, mask_name, open_personal, redact
from talentpool.match.candidates.keys import KeyMaker, make_keys
from talentpool.match.candidates.store import sharers
from talentpool.match.facts.births import with_common
from talentpool.match.facts.ids import find, pack, unpack
from talentpool.match.facts.records import read_records
from talentpool.match.facts.wire import keep_records
from talentpool.match.scoring.compare import compare
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.match.scoring.rarity import NO_COMMONS, Commons, with_shares
from talentpool.match.scoring.score import bits, prior_bits
from talentpool.match.scoring.tally import bare
from talentpool.match.scoring.versions import active_weights
from talentpool.match.scoring.weights import LEVELS
from talentpool.match.waiting import PAIR_ID
from talentpool.model import edge, match_run, person_event, person_redirect, record_person, source_record
from talentpool.review.fields import agreement
from talentpool.review.judge import pair_name, pair_of
from talentpool.review.queue import by_worth

MOST = 200


@dataclass(frozen=True)
class Evidence:
    """One comparison: its level, what it weighs (bits; below zero against), the reason in two languages."""

    comparison: str
    level: str
    bits: float
    zh: str
    en: str


def weigh(conn: sa.Connection, keys: KeyRing, left: UUID, right: UUID) -> tuple[float, list[Evidence]]:
    """The posterior of a pair in bits and what it is made of, the prior first. Both records must be known."""
    weights = active_weights(conn)
    both = pack((left, right))
    keep_records(conn, "match_wanted", both)
    records = read_records(conn, keys, wanted=True)
    maker = KeyMaker(keys.key("match"))
    made = make_keys(records.features, maker)
    shared, _ = sharers(conn, made.mobiles[made.mobiles != 0])
    mobiles, counts = np.unique(shared, return_counts=True)
    count_of = dict(zip(mobiles.tolist(), counts.tolist(), strict=True))
    bearers = np.array([[count_of.get(key, 0) for key in row] for row in made.mobiles.tolist()], np.int32)
    place = find(records.ids, both)
    newest = sa.select(match_run.c.crowds, match_run.c.commons).order_by(match_run.c.match_run_id.desc()).limit(1)
    crowded, commons = conn.execute(newest).one_or_none() or (None, None)
    features = replace(records.features, facts=with_common(records.features.facts, records.partners, crowded or {}))
    features = with_shares(features, Commons.unpack(commons) if commons else NO_COMMONS, maker, records.partners)
    pair = compare(features, bearers, place[:1], place[1:])
    prior = prior_bits(weights, conn.scalar(sa.text("select count(*) from match_key")) or 0)
    evidence = [Evidence("prior", "any", prior, weights.prior.zh, weights.prior.en)]
    for comparison, value in bits(weights, pair).items():
        name = LEVELS[comparison][int(pair.levels[comparison][0])]
        rule = weights.comparisons[comparison][name]
        evidence.append(Evidence(comparison, name, round(float(value[0]), 2), rule.zh, rule.en))
    return round(sum(step.bits for step in evidence), 2), evidence


def pending(conn: sa.Connection, keys: KeyRing, *, limit: int = MOST) -> list[dict[str, Any]]:
    """Pairs that wait for a person, one a pair of persons, the most useful first (match/queue.py). `urgent`: no list with both is
    locked before."""
    rows = by_worth(conn, limit=limit)
    both = sides(conn, keys, {record for row in rows for record in (row.left_record, row.right_record)})
    return [
        {"pair_id": row.pair_id, "score": row.score, "worth": round(row.worth, 3), "urgent": row.urgent,
         "why": sorted(row.why), "left": both.get(row.left_record),
         "right": both.get(row.right_record)}
        for row in rows
    ]  # fmt: skip


def sides(conn: sa.Connection, keys: KeyRing, records: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """What may be shown of live records: where they are from, and masked values; nothing of whose consent ended."""
    live = source_record
    query = (
        sa.select(live.c.record_id, live.c.partner, live.c.staff_no, live.c.county, live.c.status, live.c.birth_date,
                  record_person.c.person_id)
        .join(record_person, record_person.c.record_id == live.c.record_id)
        .where(live.c.record_id.in_(records), live.c.status != "suspended")
    )  # fmt: skip
    opened = open_personal(conn, keys, list(records))
    shown = {}
    for row in conn.execute(query):
        person = opened.get(row.record_id)
        shown[row.record_id] = {
            "partner": row.partner,
            "staff_no": row.staff_no,
            "person_id": str(row.person_id),
            "county": row.county,
            "status": row.status,
            "birth_year": row.birth_date.year if row.birth_date else None,
            "name": mask_name(person.name) if person else None,
            "document": mask_document(person.document_no) if person else None,
            "mobile": mask_mobile(person.mobile) if person else None,
        }
    return shown


def explain_pair(conn: sa.Connection, keys: KeyRing, pair_id: str) -> dict[str, Any]:
    """Both sides, how they agree field by field, the evidence, and what was judged of them."""
    left, right = pair_of(conn, pair_id)
    score, evidence = weigh(conn, keys, left, right)
    both = sides(conn, keys, {left, right})
    return {
        "pair_id": pair_name(left, right),
        "score": score,
        "left": both.get(left),
        "right": both.get(right),
        "fields": agreement(conn, keys, left, right),
        "evidence": [asdict(step) for step in evidence],
        "judgements": _judgements(conn, edge.c.left_record == left, edge.c.right_record == right),
    }


def explain_person(conn: sa.Connection, keys: KeyRing, person_id: UUID) -> dict[str, Any] | None:
    """The records of a person, the pairs that hold them together, and what became of the person. None = nobody.

    A record with `usable_evidence` false has no document number, mobile or birth date to be recognised by.
    """
    merged = sa.select(person_redirect.c.new_id).where(person_redirect.c.old_id == person_id)
    person_id = conn.scalar(merged) or person_id
    records = set(conn.scalars(sa.select(record_person.c.record_id).where(record_person.c.person_id == person_id)))
    if not records:
        return None
    inside = (edge.c.left_record.in_(records), edge.c.right_record.in_(records))
    pairs = sorted({(row.left_record, row.right_record, row.pair_id) for row in conn.execute(
        sa.select(edge.c.left_record, edge.c.right_record, PAIR_ID.label("pair_id")).where(*inside))})  # fmt: skip
    held = []
    for left, right, pair_id in pairs:
        score, evidence = weigh(conn, keys, left, right)
        held.append({"pair_id": pair_id, "score": score, "evidence": [asdict(step) for step in evidence]})
    events = conn.execute(
        sa.select(person_event.c.kind, person_event.c.person_id, person_event.c.other_id, person_event.c.cause,
                  person_event.c.made_at)
        .where(sa.or_(person_event.c.person_id == person_id, person_event.c.other_id == person_id))
        .order_by(person_event.c.event_id)
    )  # fmt: skip
    nothing = _without_evidence(conn, keys, records)
    shown = sorted(sides(conn, keys, records).items())
    return {
        "person_id": str(person_id),
        "records": [side | {"usable_evidence": record not in nothing} for record, side in shown],
        "pairs": held,
        "judgements": _judgements(conn, *inside),
        "events": [
            {"kind": event.kind, "person_id": str(event.person_id), "other_id": str(event.other_id), "cause": event.cause,
             "at": event.made_at.isoformat()}
            for event in events
        ],
    }  # fmt: skip


def _without_evidence(conn: sa.Connection, keys: KeyRing, records: set[UUID]) -> set[UUID]:
    keep_records(conn, "match_wanted", pack(records))
    read = read_records(conn, keys, wanted=True)
    return set(unpack(read.ids[bare(read.features.facts)]))


def _judgements(conn: sa.Connection, *which: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    query = sa.select(PAIR_ID.label("pair_id"), edge.c.verdict, edge.c.decided_by, edge.c.note, edge.c.made_at).where(
        edge.c.rule == HUMAN_RULE, *which
    )
    return [
        {
            "pair_id": row.pair_id,
            "verdict": row.verdict,
            "by": redact(row.decided_by),
            "note": redact(row.note or ""),
            "at": row.made_at.isoformat(),
        }
        for row in conn.execute(query.order_by(edge.c.made_at))
    ]
