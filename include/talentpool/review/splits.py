"""Split a person: judge every pair of records that part as different; the split is taken back as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from uuid import UUID, uuid4

import sqlalchemy as sa

from talentpool.errors import ConflictError, ContraryError, UsageError
from talentpool.guard import audit, redact
from talentpool.guard.duties import check_duty
from talentpool.locks import MATCH_LOCK, hold
from talentpool.match.matching import match_within
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.match.waiting import PAIR_ID
from talentpool.model import edge, person_redirect, record_person, source_record
from talentpool.office import Office
from talentpool.review.judge import check_undo, checked_note, keep_judgement, pair_of, select_owners


def split(
    office: Office, person_id: UUID, leaving: Sequence[UUID], *, by: str, note: str,
    seen: Sequence[UUID] | None = None, heeding: bool = False, split_id: UUID | None = None,
) -> list[str]:  # fmt: skip
    """Split a person: `leaving` records (all, when none is named) are others than the rest, and stay so.

    Returns the ids of the persons its records are now, the one that goes on first. ConflictError when the records on a
    roster are others than were `seen`; `heeding`: ContraryError when somebody judged two that part the same. `split_id`:
    what undo_split() will know it by.
    """
    note = checked_note(by, note)
    with office.engine.begin() as conn:
        check_duty(conn, by, "judge a pair")
        hold(conn, MATCH_LOCK)
        merged = sa.select(person_redirect.c.new_id).where(person_redirect.c.old_id == person_id)
        person_id = conn.scalar(merged) or person_id
        owned = sa.select(record_person.c.record_id).where(record_person.c.person_id == person_id)
        records = list(conn.scalars(owned.order_by(record_person.c.record_id)))
        live = set(conn.scalars(sa.select(source_record.c.record_id).where(source_record.c.record_id.in_(records))))
        if seen is not None and set(seen) != live:
            raise ConflictError("the records of this person changed since you looked; look again")
        if len(records) < 2:
            raise UsageError("this person has one record at most; there is nothing to split")
        if strangers := set(leaving) - set(records):
            raise UsageError(
                f"{len(strangers)} of the named records are not this person's; see `talentpool explain person`"
            )
        staying = set(records) - set(leaving)
        if leaving and not staying:
            raise UsageError(
                "you named every record of the person; name those of somebody else, or none to separate all"
            )
        pairs = list(product(leaving, staying) if leaving else combinations(records, 2))
        if heeding:
            _refuse_contrary(conn, pairs)
        keep_judgement(conn, pairs, "different", by, note, split_id or uuid4())
        match_within(conn, office.keys, around=records, by="human:split")
        now = select_owners(conn, records)
        audit(conn, "decision", f"person:{person_id}", actor=by, reason=note,
              details={"verdict": "split", "records": len(records), "leaving": len(leaving)})  # fmt: skip
    return sorted(map(str, now), key=lambda person: (person != str(person_id), person))


def split_of(conn: sa.Connection, pair_id: str) -> UUID:
    """The split that the judgement on a pair belongs to; UsageError when it belongs to none."""
    left, right = pair_of(conn, pair_id)
    split_id = conn.scalar(
        sa.select(edge.c.split_id).where(
            edge.c.left_record == left, edge.c.right_record == right, edge.c.rule == HUMAN_RULE
        )
    )
    if split_id is None:
        raise UsageError(
            "the judgement on this pair does not belong to a split; `talentpool review undo` without --split takes it back"
        )
    return split_id


def judgements_of_split(conn: sa.Connection, split_id: UUID) -> list[sa.Row[tuple[UUID, UUID, str]]]:
    """left_record, right_record and decided_by of the judgements of a split that still stand."""
    query = sa.select(edge.c.left_record, edge.c.right_record, edge.c.decided_by)
    return list(conn.execute(query.where(edge.c.rule == HUMAN_RULE, edge.c.split_id == split_id)))


def undo_split(office: Office, split_id: UUID, *, by: str, note: str, seen: int | None = None) -> list[str]:
    """Take back the judgements of one split, and no other; the evidence speaks again.

    Returns the ids of the persons its records are now. UsageError when none of its judgements stands; ConflictError when
    other than `seen` many do: somebody judged a pair of it since.
    """
    note = checked_note(by, note)
    with office.engine.begin() as conn:
        hold(conn, MATCH_LOCK)
        taken_back = judgements_of_split(conn, split_id)
        if not taken_back:
            raise UsageError("no judgement of this split is in force any more; there is nothing to take back")
        check_undo(conn, by, {row.decided_by for row in taken_back})
        if seen not in (None, len(taken_back)):
            raise ConflictError("the judgements of this split changed since you looked; look again")
        conn.execute(edge.delete().where(edge.c.rule == HUMAN_RULE, edge.c.split_id == split_id))
        records = {record for row in taken_back for record in (row.left_record, row.right_record)}
        match_within(conn, office.keys, around=records, by="human:split")
        now = sorted(map(str, select_owners(conn, records)))
        for subject in [f"person:{person}" for person in now] or [f"split:{split_id}"]:
            audit(conn, "decision", subject, actor=by, reason=note,
                  details={"verdict": None, "split": str(split_id), "pairs": len(taken_back)})  # fmt: skip
    return now


def _refuse_contrary(conn: sa.Connection, pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Whoever splits a person does not overwrite what somebody judged of two of its records."""
    parting = {(min(pair), max(pair)) for pair in pairs}
    records = {record for pair in parting for record in pair}
    judged = sa.select(edge.c.left_record, edge.c.right_record, edge.c.decided_by, PAIR_ID.label("pair_id")).where(
        edge.c.rule == HUMAN_RULE, edge.c.verdict == "same",
        edge.c.left_record.in_(records), edge.c.right_record.in_(records),
    )  # fmt: skip
    for row in conn.execute(judged.order_by(edge.c.left_record, edge.c.right_record)):
        if (row.left_record, row.right_record) in parting:
            by = redact(row.decided_by)
            raise ContraryError(
                f"{by} judged a pair of this person as the same; run `talentpool review undo {row.pair_id}` first",
                by=by, pair_id=row.pair_id,
            )  # fmt: skip
