"""Two notations of one staff number, as SQL."""

from __future__ import annotations

import sqlalchemy as sa


def bare(number: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A staff number without what its notation may add: leading zeros of each run of digits, hyphens, capitals."""
    joined = sa.func.regexp_replace(sa.func.lower(number), "[-_. ]", "", "g")
    return sa.func.regexp_replace(joined, "(^|[^0-9])0+(?=[0-9])", r"\1", "g")
