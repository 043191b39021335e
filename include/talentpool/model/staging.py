"""Define the unlogged tables of one delivery on its way, named by its number."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from talentpool.model.base import STAGING_SCHEMA, content_columns


# Asked for at every step of a delivery: one object each, so that SQLAlchemy knows a statement again and compiles it once.
@lru_cache(maxsize=64)
def staging_table(delivery_id: int, share: int | None = None) -> sa.Table:
    """The unlogged staging table of one delivery, or of a share of it: content columns plus what validation needs about a row.

    Unchanged rows carry status columns only (no index, key, sealed record or salt). Statuses of dates are packed,
    one letter a date in the order birth, hired, left, consent: o ok, m missing, x impossible, f in the future, n no end.
    """
    content = content_columns()
    for column in content:
        column.nullable = True
    return sa.Table(
        f"delivery_{delivery_id}" if share is None else f"delivery_{delivery_id}_{share}",
        sa.MetaData(schema=STAGING_SCHEMA),
        sa.Column("row_no", sa.Integer, nullable=False),
        sa.Column("record_id", UUID, comment="null when the staff number is not readable"),
        sa.Column("changed", sa.Boolean, nullable=False, comment="new or changed against the base state"),
        sa.Column("county_status", sa.Text, nullable=False, comment="ok, mapped, unknown, outside, missing"),
        sa.Column("date_status", sa.Text, nullable=False),
        sa.Column("consent_status", sa.Text, nullable=False, comment="ok, missing, unknown_notice, withdrawn"),
        sa.Column("id_birth_date", sa.Date, comment="birth date inside a usable document number"),
        sa.Column("withdrawn", sa.Boolean, nullable=False, comment="on the suppression list"),
        sa.Column("withdrawn_doubtful", sa.Boolean, nullable=False, comment="may be somebody on the suppression list"),
        sa.Column("notes", sa.Text, nullable=False, comment="space-separated note codes"),
        sa.Column("faults", sa.Text, comment="space-separated codes of what only staging can see; null without one"),
        *content,
        sa.Column("salt", BYTEA),
        sa.Column("remembered", sa.Text, comment="marks of what officers said of the row: conform/rows/remembered.py"),
        prefixes=["UNLOGGED"],
    )


@lru_cache(maxsize=64)
def verdict_table(delivery_id: int) -> sa.Table:
    """Rows that are not accepted: one line per row and code; `outcome` is quarantined or refused."""
    return sa.Table(
        f"verdict_{delivery_id}",
        sa.MetaData(schema=STAGING_SCHEMA),
        sa.Column("row_no", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        prefixes=["UNLOGGED"],
    )


@lru_cache(maxsize=64)
def parts_table(delivery_id: int) -> sa.Table:
    """What the shares of a delivery found, in counts: a line a share, written by whoever staged it."""
    return sa.Table(
        f"parts_{delivery_id}",
        sa.MetaData(schema=STAGING_SCHEMA),
        sa.Column("share", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("found", JSONB, nullable=False),
        prefixes=["UNLOGGED"],
    )
