"""Tell which rows end consent, and whether somebody withdrew meanwhile: several rooms must know it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.model import (
    person_request,
    record_person,
    source_record,
    suppression,
    suppression_word,
    use_stop,
    withdrawal,
)

ENDING = {"no_consent": "missing", "consent_withdrawn": "withdrawn", "withdrawn": "withdrawn"}
"""Codes of a refused row that say that consent has ended -> the cause on record."""


REPORTED = {code: cause for code, cause in ENDING.items() if code != "withdrawn"}
"""What the roster itself says, whomever the office knows to have withdrawn."""


def stopped(record: sa.ColumnElement, purpose: str | sa.ScalarSelect[str] | None = None) -> sa.ColumnElement[bool]:
    """Whether the person asked that a record is not used: for anything, or for `purpose` alone."""
    stop = use_stop
    what = [""] if purpose is None else ["", purpose]
    return sa.exists().where(stop.c.record_id == record, stop.c.lifted_at.is_(None), stop.c.purpose.in_(what))


def follow_stops(conn: sa.Connection) -> int:
    """What a person asked holds for every record that is theirs by now; returns for how many more it does."""
    stop, own, other, live = use_stop, record_person.alias("own"), record_person.alias("other"), source_record
    theirs = (
        sa.select(stop.c.request_id, other.c.record_id, stop.c.purpose)
        .join(own, own.c.record_id == stop.c.record_id)
        .join(other, other.c.person_id == own.c.person_id)
        .where(stop.c.lifted_at.is_(None))
        .distinct()
    )
    more = (
        insert(use_stop)
        .from_select(["request_id", "record_id", "purpose"], theirs)
        .on_conflict_do_nothing()
        .returning(stop.c.record_id, stop.c.purpose)
    )
    added = conn.execute(more).all()
    wholly = [row.record_id for row in added if not row.purpose]
    there = live.c.status.in_(["active", "suspected"])
    conn.execute(live.update().values(status="suspended").where(live.c.record_id.in_(wholly), there))
    return len(added)


def ended_rows(staged: sa.Table, verdicts: sa.Table, codes: Mapping[str, str] = ENDING) -> sa.Select:
    """(record_id, cause) of the staged rows that end consent; of a number that another row names and says otherwise, none.
    `codes`: of ENDING."""
    other, said = staged.alias("other"), verdicts.alias("said")
    says_so = sa.exists().where(said.c.row_no == other.c.row_no, said.c.code.in_(codes))
    named_too = sa.exists().where(other.c.record_id == staged.c.record_id, other.c.row_no != staged.c.row_no, ~says_so)
    cause = sa.func.max(sa.case(dict(codes), value=verdicts.c.code))  # withdrawn is the greater word
    return (
        sa.select(staged.c.record_id, cause.label("cause"))
        .join(verdicts, verdicts.c.row_no == staged.c.row_no)
        .where(verdicts.c.code.in_(codes), staged.c.staff_no != "", ~named_too)
        .group_by(staged.c.record_id)
    )


def suppression_size(conn: sa.Connection) -> int:
    """A number that grows with every withdrawal, every word on a row, every consent given anew, and every withdrawal that
    was revoked (which takes its tokens away: they are counted on)."""
    revoked = sa.func.coalesce(sa.func.sum(person_request.c.proof["tokens_lifted"].astext.cast(sa.Integer) + 1), 0)
    restored = sa.select(sa.func.count()).where(withdrawal.c.restored_at.is_not(None))
    counts = [sa.select(sa.func.count()).select_from(table) for table in (suppression, suppression_word)]
    return sum(conn.scalar(query) or 0 for query in (*counts, restored, sa.select(revoked)))
