"""Which rows of a judged delivery say that the consent of a known person has ended."""

from __future__ import annotations

import sqlalchemy as sa

ENDING = {"no_consent": "missing", "consent_withdrawn": "withdrawn", "withdrawn": "withdrawn"}
"""Codes of a refused row that say that consent has ended -> the cause on record."""


def ended_rows(staged: sa.Table, verdicts: sa.Table) -> sa.Select:
    """(record_id, cause) of the staged rows that end consent; of a number that another row names too, none."""
    other = staged.alias("other")
    named_too = sa.exists().where(other.c.record_id == staged.c.record_id, other.c.row_no != staged.c.row_no)
    cause = sa.func.max(sa.case(ENDING, value=verdicts.c.code))  # withdrawn is the greater word
    return (
        sa.select(staged.c.record_id, cause.label("cause"))
        .join(verdicts, verdicts.c.row_no == staged.c.row_no)
        .where(verdicts.c.code.in_(ENDING), staged.c.staff_no != "", ~named_too)
        .group_by(staged.c.record_id)
    )
