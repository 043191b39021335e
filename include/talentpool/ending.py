"""What several rooms must know of consent: which rows end it, and whether somebody withdrew meanwhile."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import suppression, suppression_word, withdrawal

ENDING = {"no_consent": "missing", "consent_withdrawn": "withdrawn", "withdrawn": "withdrawn"}
"""Codes of a refused row that say that consent has ended -> the cause on record."""


def ended_rows(staged: sa.Table, verdicts: sa.Table) -> sa.Select:
    """(record_id, cause) of the staged rows that end consent; of a number that another row names and says otherwise, none."""
    other, said = staged.alias("other"), verdicts.alias("said")
    says_so = sa.exists().where(said.c.row_no == other.c.row_no, said.c.code.in_(ENDING))
    named_too = sa.exists().where(other.c.record_id == staged.c.record_id, other.c.row_no != staged.c.row_no, ~says_so)
    cause = sa.func.max(sa.case(ENDING, value=verdicts.c.code))  # withdrawn is the greater word
    return (
        sa.select(staged.c.record_id, cause.label("cause"))
        .join(verdicts, verdicts.c.row_no == staged.c.row_no)
        .where(verdicts.c.code.in_(ENDING), staged.c.staff_no != "", ~named_too)
        .group_by(staged.c.record_id)
    )


def suppression_size(conn: sa.Connection) -> int:
    """A number that grows with every withdrawal, every word on a row, and every consent given anew."""
    restored = sa.select(sa.func.count()).where(withdrawal.c.restored_at.is_not(None))
    counts = [sa.select(sa.func.count()).select_from(table) for table in (suppression, suppression_word)]
    return sum(conn.scalar(query) or 0 for query in (*counts, restored))
