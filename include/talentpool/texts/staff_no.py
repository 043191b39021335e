"""Recognise, in SQL, two notations of one staff number, and one person under two numbers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def one_name(ours: Any, theirs: Any) -> sa.ColumnElement[bool]:
    """One name in one county together with the mobile, or with the number in another notation: one person.

    `ours`, `theirs`: columns name_county_index, mobile_index, staff_no.
    """
    numbers = (form(ours.staff_no) == form(theirs.staff_no) for form in (bare, digits))
    return sa.and_(
        ours.name_county_index == theirs.name_county_index,
        sa.or_(ours.mobile_index == theirs.mobile_index, *numbers),
    )


def digits(number: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Its digits without leading zeros; null when there are none."""
    return sa.func.nullif(sa.func.ltrim(sa.func.regexp_replace(number, "[^0-9]", "", "g"), "0"), "")


def bare(number: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A staff number without what its notation may add: leading zeros of each run of digits, hyphens, capitals."""
    joined = sa.func.regexp_replace(sa.func.lower(number), "[-_. ]", "", "g")
    return sa.func.regexp_replace(joined, "(^|[^0-9])0+(?=[0-9])", r"\1", "g")
