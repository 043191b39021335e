"""Share among tables: names of constraints, the clock column, the columns of one roster row."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

STAGING_SCHEMA = "staging"


def made_at() -> sa.Column:
    return sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def content_columns() -> list[sa.Column]:
    """What conform says about one row; the same columns, in this order, staged, live and in history."""
    return [
        sa.Column("staff_no", sa.Text, nullable=False),
        sa.Column("row_hash", UUID, nullable=False, comment="keyed hash of record id, cleaned fields, rules"),
        sa.Column("name_status", sa.Text, nullable=False),
        sa.Column("document_type", sa.Text, nullable=False),
        sa.Column("id_number_status", sa.Text, nullable=False),
        sa.Column("mobile_status", sa.Text, nullable=False),
        sa.Column("mobile2_status", sa.Text, nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("birth_from", sa.Text, comment="id_number or roster; null without a birth date"),
        sa.Column("sex", sa.SmallInteger, nullable=False, comment="GB/T 2261.1: 0 1 2 9"),
        sa.Column("county", sa.Text, comment="current 6-digit code; null when unknown"),
        sa.Column("station", sa.Text, nullable=False, comment="'' when the roster names none"),
        sa.Column("occupation", sa.Text, nullable=False),
        sa.Column("hired_on", sa.Date),
        sa.Column("left_on", sa.Date),
        sa.Column("consented_on", sa.Date),
        sa.Column("notice_version", sa.Text, nullable=False),
        sa.Column("weak_identity", sa.Boolean, nullable=False),
        sa.Column("id_index", UUID, comment="usable document number"),
        sa.Column("mobile_index", UUID),
        sa.Column("mobile2_index", UUID),
        sa.Column("name_county_index", UUID, comment="name compounded with the county"),
        sa.Column("sealed", BYTEA),
    ]
