"""Record a person's judgement on a pair (same, different, unsure), or take it back, and carry it out at once.

A judgement is an edge that no matching run touches. It weighs more than any score, and is said of two persons: whoever is one
person with the one side when somebody says "different" is not with the other; and "same" stands on every pair of their
records that a guard holds apart as well, else the guard would part who were one. What comes later is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import ConflictError, UsageError
from talentpool.guard import audit, redact
from talentpool.guard.duties import check_duty, spelt
from talentpool.locks import MATCH_LOCK, hold
from talentpool.match.matching import MatchResult, match_within
from talentpool.match.scoring.edges import HELD_APART, HUMAN_RULE
from talentpool.match.waiting import PAIR_ID
from talentpool.model import edge, record_person, source_record
from talentpool.office import Office
from talentpool.review.around import judgements_around, overruled_pairs

Verdict = Literal["same", "different", "unsure"]


@dataclass(frozen=True)
class Judged:
    """What is on record now, and the pool of persons after it."""

    pair_id: str
    verdict: str | None
    matched: MatchResult


def pair_of(conn: sa.Connection, pair_id: str) -> tuple[UUID, UUID]:
    """Both records of a pair; UsageError when no pair is called so (any more)."""
    pair = conn.execute(
        sa.select(edge.c.left_record, edge.c.right_record).where(sa.literal(pair_id.lower()) == PAIR_ID).limit(1)
    ).one_or_none()
    if pair is None:
        raise UsageError("there is no pair with that id (any more); `talentpool review list` shows today's pairs")
    return pair.left_record, pair.right_record


def pair_name(left: UUID, right: UUID) -> str:
    """What a pair is called, as PAIR_ID computes it in the database."""
    return sha256(left.bytes + right.bytes).digest()[:8].hex()


@dataclass(frozen=True)
class Judgement:
    """The judgement that stands on a pair. Its `verdict` is None when nobody judged the pair; `state` changes whenever the
    judgement, a record or a person of the pair does."""

    verdict: str | None
    by: str | None
    at: datetime | None
    state: str
    signed: str | None
    """As it was signed; `by` is without numbers of people."""

    @property
    def moment(self) -> str:
        """When it was made: what a judgement is held against before it is taken back."""
        return self.at.astimezone(UTC).isoformat() if self.at else ""


def judgement_on(conn: sa.Connection, left: UUID, right: UUID) -> Judgement:
    """What somebody who looks at a pair now goes by."""
    row = conn.execute(
        sa.select(edge.c.verdict, edge.c.decided_by, edge.c.made_at).where(
            edge.c.left_record == left, edge.c.right_record == right, edge.c.rule == HUMAN_RULE
        )
    ).one_or_none()
    live = source_record
    facts = conn.execute(
        sa.select(record_person.c.record_id, record_person.c.person_id, live.c.delivery_id)
        .join(live, live.c.record_id == record_person.c.record_id, isouter=True)
        .where(record_person.c.record_id.in_((left, right)))
        .order_by(record_person.c.record_id)
    ).all()
    verdict, by, at = tuple(row) if row is not None else (None, None, None)
    seen = repr((verdict, by, at, [tuple(map(str, fact)) for fact in facts]))
    return Judgement(verdict, by and redact(by), at, sha256(seen.encode()).hexdigest()[:16], by)


def judge(office: Office, pair_id: str, verdict: Verdict, *, by: str, note: str, seen: str | None = None) -> Judged:
    """Keep a person's judgement and bring the persons up to date.

    Args:
        seen: the Judgement.state that was looked at.

    Raises:
        ConflictError: somebody judged otherwise before, or the pair is another than the one `seen`.
        RefusedError: the office knows `by` as somebody who does not judge pairs; so do undo() and split().
    """
    note = checked_note(by, note)
    with office.engine.begin() as conn:
        check_duty(conn, by, "judge a pair")
        hold(conn, MATCH_LOCK)
        left, right = pair_of(conn, pair_id)
        pair_id = pair_name(left, right)  # however it was typed
        judgement = judgement_on(conn, left, right)
        if judgement.verdict not in (None, verdict, "unsure"):
            raise ConflictError(
                f"{judgement.by} judged this pair as {judgement.verdict}; run `talentpool review undo {pair_id}` first"
            )
        if seen not in (None, judgement.state):
            raise ConflictError(
                "a record of this pair, its person, or the judgement on it changed since you looked; look again"
            )
        around = judgements_around(conn, (left, right))
        among = {(left, right), *(pair for pair, judged in around.items() if judged == "same")}
        before = overruled_pairs(conn, among)
        if judgement.verdict != verdict:  # an equal judgement leaves the first one's name
            pairs = {(left, right), *(_held_between(conn, left, right) if verdict == "same" else ())}
            keep_judgement(conn, pairs, verdict, by, note)
        matched = match_within(conn, office.keys, around=(left, right), by=f"human:{pair_id}")
        if not overruled_pairs(conn, among) <= before:
            raise UsageError(
                "this contradicts two document numbers, or another judgement on these people; undo that one first"
            )
        audit(conn, "decision", f"pair:{pair_id}", actor=by, reason=note, details={"verdict": verdict})
        return Judged(pair_id, verdict, matched)


def _held_between(conn: sa.Connection, left: UUID, right: UUID) -> set[tuple[UUID, UUID]]:
    """Pairs of records of the two persons that a guard holds apart and nobody judged."""
    one, other, human = record_person.alias("one"), record_person.alias("other"), edge.alias("human")
    judged = sa.exists().where(
        human.c.left_record == edge.c.left_record,
        human.c.right_record == edge.c.right_record,
        human.c.rule == HUMAN_RULE,
    )
    owner = sa.select(record_person.c.person_id)
    people = [owner.where(record_person.c.record_id == record).scalar_subquery() for record in (left, right)]
    query = (
        sa.select(edge.c.left_record, edge.c.right_record)
        .join(one, one.c.record_id == edge.c.left_record)
        .join(other, other.c.record_id == edge.c.right_record)
        .where(edge.c.rule.in_(HELD_APART), one.c.person_id != other.c.person_id, ~judged)
        .where(one.c.person_id.in_(people), other.c.person_id.in_(people))
    )
    return {(row.left_record, row.right_record) for row in conn.execute(query)}


def _said_with(conn: sa.Connection, left: UUID, judgement: Judgement) -> set[tuple[UUID, UUID]]:
    """Other pairs of the person on which the same judgement was kept."""
    owner = sa.select(record_person.c.person_id).where(record_person.c.record_id == left).scalar_subquery()
    theirs = sa.select(record_person.c.record_id).where(record_person.c.person_id == owner)
    query = sa.select(edge.c.left_record, edge.c.right_record).where(
        edge.c.rule == HUMAN_RULE, edge.c.verdict == "same", edge.c.split_id.is_(None), edge.c.made_at == judgement.at,
        edge.c.decided_by == judgement.signed, edge.c.left_record.in_(theirs), edge.c.right_record.in_(theirs),
    )  # fmt: skip
    return (
        {(row.left_record, row.right_record) for row in conn.execute(query)} if judgement.verdict == "same" else set()
    )


def select_owners(conn: sa.Connection, records: Iterable[UUID]) -> set[UUID]:
    """The persons that some records are."""
    query = sa.select(record_person.c.person_id).where(record_person.c.record_id.in_(list(records)))
    return set(conn.scalars(query))


def undo(office: Office, pair_id: str, *, by: str, note: str, seen: str | None = None) -> Judged:
    """Take a judgement back; the score speaks again. The own one is for whoever judges, those of others are the city's.

    ConflictError when it is another than the one of the moment `seen` (Judgement.moment).
    """
    note = checked_note(by, note)
    with office.engine.begin() as conn:
        hold(conn, MATCH_LOCK)
        left, right = pair_of(conn, pair_id)
        judgement = judgement_on(conn, left, right)
        if judgement.signed is None:
            raise UsageError("nobody has judged this pair; there is nothing to take back")
        check_undo(conn, by, {judgement.signed})
        if seen not in (None, judgement.moment):
            raise ConflictError("the judgement on this pair changed since you looked; look again")
        pair_id = pair_name(left, right)  # however it was typed
        pairs = {(left, right), *_said_with(conn, left, judgement)}
        of = sa.tuple_(edge.c.left_record, edge.c.right_record)
        conn.execute(edge.delete().where(edge.c.rule == HUMAN_RULE, of.in_(sorted(pairs))))
        matched = match_within(conn, office.keys, around={one for pair in pairs for one in pair}, by=f"human:{pair_id}")
        audit(conn, "decision", f"pair:{pair_id}", actor=by, reason=note, details={"verdict": None})
        return Judged(pair_id, None, matched)


def keep_judgement(
    conn: sa.Connection,
    pairs: Iterable[tuple[UUID, UUID]],
    verdict: str,
    by: str,
    note: str,
    split_id: UUID | None = None,
) -> None:
    """Put a judgement on pairs in place of any that stood there. `split_id`: the split that it belongs to."""
    for pair in pairs:
        row = {"left_record": min(pair), "right_record": max(pair), "rule": HUMAN_RULE}
        same = [edge.c[name] == value for name, value in row.items()]
        conn.execute(edge.delete().where(*same))
        conn.execute(edge.insert().values(**row, verdict=verdict, score=0.0, decided_by=by.strip(), note=note,
                                         split_id=split_id))  # fmt: skip


def check_undo(conn: sa.Connection, by: str, whose: set[str]) -> None:
    """RefusedError where `by` may not take back judgements of `whose`: their own are for whoever judges, others the city's."""
    own = {spelt(name) for name in whose} == {spelt(by)}
    check_duty(conn, by, "judge a pair" if own else "take a judgement back")


def checked_note(by: str, note: str) -> str:
    """The note as it is kept: without numbers of people, because an erasure does not reach what stands in the log.

    UsageError where a judgement has nobody's name or no reason.
    """
    if not by.strip() or not note.strip():
        raise UsageError("a judgement must name who judges (--by) and why (--note)")
    return redact(note.strip())
