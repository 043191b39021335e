"""Record a person's judgement on a pair (same, different, unsure), or take it back, and carry it out at once.

A judgement is an edge that no matching run touches. It weighs more than any score, and "different" is carried along:
whoever is one person with the one side is not with the other.
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
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.match.waiting import PAIR_ID
from talentpool.model import edge, record_person, source_record
from talentpool.office import Office
from talentpool.review.words import broken, words_around

Word = Literal["same", "different", "unsure"]


@dataclass(frozen=True)
class Judged:
    """What is on record now, and the pool of persons after it."""

    pair_id: str
    verdict: str | None
    matched: MatchResult


def pair_of(conn: sa.Connection, pair_id: str) -> tuple[UUID, UUID]:
    """Both records of a pair; UsageError when no pair is called so (any more)."""
    found = conn.execute(
        sa.select(edge.c.left_record, edge.c.right_record).where(sa.literal(pair_id.lower()) == PAIR_ID).limit(1)
    ).one_or_none()
    if found is None:
        raise UsageError("there is no pair with that id (any more); `talentpool review list` shows today's pairs")
    return found.left_record, found.right_record


def pair_name(left: UUID, right: UUID) -> str:
    """What a pair is called, as PAIR_ID computes it in the database."""
    return sha256(left.bytes + right.bytes).digest()[:8].hex()


@dataclass(frozen=True)
class Standing:
    """The word on a pair, None when there is none; `state` changes whenever that, a record or a person of it does."""

    verdict: str | None
    by: str | None
    at: datetime | None
    state: str
    signed: str | None
    """As it was signed; `by` is without numbers of people."""

    @property
    def moment(self) -> str:
        """When it was said: what a word is held against before it is taken back."""
        return self.at.astimezone(UTC).isoformat() if self.at else ""


def standing(conn: sa.Connection, left: UUID, right: UUID) -> Standing:
    """What somebody who looks at a pair now goes by."""
    said = conn.execute(
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
    verdict, by, at = tuple(said) if said is not None else (None, None, None)
    seen = repr((verdict, by, at, [tuple(map(str, row)) for row in facts]))
    return Standing(verdict, by and redact(by), at, sha256(seen.encode()).hexdigest()[:16], by)


def judge(office: Office, pair_id: str, word: Word, *, by: str, note: str, seen: str | None = None) -> Judged:
    """Keep a person's word and bring the persons up to date.

    Args:
        seen: the Standing.state that was looked at.

    Raises:
        ConflictError: somebody said otherwise before, or the pair is another than the one `seen`.
        RefusedError: the office knows `by` as somebody who does not judge pairs; so do undo() and split().
    """
    note = check_said(by, note)
    with office.engine.begin() as conn:
        check_duty(conn, by, "judge a pair")
        hold(conn, MATCH_LOCK)
        left, right = pair_of(conn, pair_id)
        pair_id = pair_name(left, right)  # however it was typed
        said = standing(conn, left, right)
        if said.verdict not in (None, word, "unsure"):
            raise ConflictError(
                f"{said.by} judged this pair as {said.verdict}; run `talentpool review undo {pair_id}` first"
            )
        if seen not in (None, said.state):
            raise ConflictError(
                "a record of this pair, its person, or the judgement on it changed since you looked; look again"
            )
        around = words_around(conn, (left, right))
        among = {(left, right), *(pair for pair, verdict in around.items() if verdict == "same")}
        before = broken(conn, among)
        if said.verdict != word:  # an equal word leaves the first one's name
            keep_word(conn, [(left, right)], word, by, note)
        matched = match_within(conn, office.keys, around=(left, right), by=f"human:{pair_id}")
        if not broken(conn, among) <= before:
            raise UsageError(
                "this contradicts two document numbers, or another judgement on these people; undo that one first"
            )
        audit(conn, "decision", f"pair:{pair_id}", actor=by, reason=note, details={"verdict": word})
        return Judged(pair_id, word, matched)


def select_owners(conn: sa.Connection, records: Iterable[UUID]) -> set[UUID]:
    """The persons that some records are."""
    query = sa.select(record_person.c.person_id).where(record_person.c.record_id.in_(list(records)))
    return set(conn.scalars(query))


def undo(office: Office, pair_id: str, *, by: str, note: str, seen: str | None = None) -> Judged:
    """Take a judgement back; the score speaks again. The own one is for whoever judges, those of others are the city's.

    ConflictError when it is another than the one of the moment `seen` (Standing.moment).
    """
    note = check_said(by, note)
    with office.engine.begin() as conn:
        hold(conn, MATCH_LOCK)
        left, right = pair_of(conn, pair_id)
        said = standing(conn, left, right)
        if said.signed is None:
            raise UsageError("nobody has judged this pair; there is nothing to take back")
        check_undo(conn, by, {said.signed})
        if seen not in (None, said.moment):
            raise ConflictError("the judgement on this pair changed since you looked; look again")
        pair_id = pair_name(left, right)  # however it was typed
        conn.execute(
            edge.delete().where(edge.c.left_record == left, edge.c.right_record == right, edge.c.rule == HUMAN_RULE)
        )
        matched = match_within(conn, office.keys, around=(left, right), by=f"human:{pair_id}")
        audit(conn, "decision", f"pair:{pair_id}", actor=by, reason=note, details={"verdict": None})
        return Judged(pair_id, None, matched)


def keep_word(
    conn: sa.Connection, pairs: Iterable[tuple[UUID, UUID]], word: str, by: str, note: str, split_id: UUID | None = None
) -> None:
    """Put a word on pairs in place of any that stood there. `split_id`: the taking apart that says it."""
    for one, other in pairs:
        row = {"left_record": min(one, other), "right_record": max(one, other), "rule": HUMAN_RULE}
        same = [edge.c[name] == value for name, value in row.items()]
        conn.execute(edge.delete().where(*same))
        conn.execute(edge.insert().values(**row, verdict=word, score=0.0, decided_by=by.strip(), note=note,
                                         split_id=split_id))  # fmt: skip


def check_undo(conn: sa.Connection, by: str, whose: set[str]) -> None:
    """RefusedError where `by` may not take back words of `whose`: their own are for whoever judges, others the city's."""
    own = {spelt(one) for one in whose} == {spelt(by)}
    check_duty(conn, by, "judge a pair" if own else "take a judgement back")


def check_said(by: str, note: str) -> str:
    """The note as it is kept: without numbers of people, because an erasure does not reach what stands in the log.

    UsageError where a word has nobody's name or no reason.
    """
    if not by.strip() or not note.strip():
        raise UsageError("a judgement must name who decides (--by) and why (--note)")
    return redact(note.strip())
