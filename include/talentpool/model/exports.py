"""Define the tables of exports: to whom lists may leave, and which did."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from talentpool.model.base import made_at, metadata

recipient = sa.Table(
    "recipient",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, comment="as printed on the sheets"),
    sa.Column("kind", sa.Text, nullable=False, comment="age, openpgp or zip"),
    sa.Column("public_key", sa.Text, comment="of age one line, of OpenPGP the armoured key; null for zip"),
    sa.Column("password_by", sa.Text, comment="of zip: how the password of each export is handed over"),
    sa.Column(
        "division", sa.Text, nullable=False, comment="whose people it may receive: a county, or an area above it"
    ),
    sa.Column("valid_until", sa.Date, nullable=False),
)

provision = sa.Table(
    "provision",
    metadata,
    sa.Column("export_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, comment="asked (a second person must approve), approved, made"),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("recipient_facts", JSONB, nullable=False, comment="name, kind and key print, as they were"),
    sa.Column("counties", ARRAY(sa.Text), nullable=False, comment="whose people are in it"),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False, comment="which notices name the purpose"),
    sa.Column("fields", ARRAY(sa.Text), nullable=False, comment="kinds of personal data, no values"),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False, comment="of the list"),
    sa.Column(
        "files", JSONB, nullable=False, server_default="[]", comment="name, place, rows and SHA-256 of what left"
    ),
    sa.Column("made_by", sa.Text, nullable=False, comment="who asked for it and made it"),
    sa.Column("approved_by", sa.Text, comment="another person; null where none was needed"),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("use_until", sa.Date, nullable=False, comment="printed on the sheets"),
    sa.Column("keep_until", sa.Date, nullable=False, comment="three years on; no row goes before"),
    made_at(),
    sa.CheckConstraint("state in ('asked','approved','made')", name="state"),
    sa.CheckConstraint("approved_by is null or approved_by <> made_by", name="two_people"),
    sa.CheckConstraint("keep_until >= made_on + interval '3 years'", name="three_years"),
    comment="provisions of personal data; a trigger keeps them for three years and unchanged once made",
)
