"""Define the tables of source records: live, history, absences, spells."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from talentpool.model.base import content_columns, metadata

source_record = sa.Table(
    "source_record",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    *content_columns(),
    sa.Column("delivery_id", sa.BigInteger, nullable=False, comment="which delivery sealed this version"),
    sa.Column("changed_seq", sa.BigInteger, nullable=False, comment="publish_seq of the last content change"),
    sa.Column("first_seen", sa.Date, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False, comment="as-of of the delivery that brought this version"),
    sa.Column("status", sa.Text, nullable=False, comment="active, suspected, suspended (consent ended), left"),
    sa.Column("missing_since", sa.Date, comment="first full snapshot of the current absence"),
    sa.Column("missing_count", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("spell_from", sa.Date, nullable=False, comment="start of the current employment spell"),
    sa.Column("spell_to", sa.Date, comment="end of it: leaving date, else last as-of seen; null while it runs"),
    postgresql_partition_by="LIST (partner)",
    comment="the live state: one row per partner and staff number; untouched while the roster repeats it",
)
sa.Index("ix_source_record_id_index", source_record.c.id_index)
sa.Index("ix_source_record_mobile_index", source_record.c.mobile_index)
sa.Index("ix_source_record_mobile2_index", source_record.c.mobile2_index,
         postgresql_where=sa.text("mobile2_index is not null"))  # fmt: skip
sa.Index("ix_source_record_name_county_index", source_record.c.name_county_index)
sa.Index("ix_source_record_changed_seq", source_record.c.changed_seq)

source_record_history = sa.Table(
    "source_record_history",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    *content_columns(),
    sa.Column("delivery_id", sa.BigInteger, nullable=False),
    sa.Column("first_seen", sa.Date, nullable=False),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_to", sa.Date, nullable=False, comment="exclusive: as-of of the version that replaced it"),
    comment="replaced versions, and what backfilled deliveries said; at a date the latest valid_from rules",
)

record_absence = sa.Table(
    "record_absence",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("as_of", sa.Date, primary_key=True, comment="a full snapshot in which the record was missing"),
    sa.Column("delivery_id", sa.BigInteger, nullable=False),
)

consent_end = sa.Table(
    "consent_end",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("as_of", sa.Date, primary_key=True, comment="the roster that named a known person without valid consent"),
    sa.Column("delivery_id", sa.BigInteger, nullable=False),
    sa.Column("cause", sa.Text, nullable=False, comment="missing: no valid evidence; withdrawn: the partner says so"),
    sa.Column(
        "lifted_on", sa.Date, comment="as-of from which consent counts again; null while the person is suspended"
    ),
    sa.Column("lifted_by", sa.Text, comment="a delivery, or who of the office"),
    sa.CheckConstraint("cause in ('missing','withdrawn')", name="cause"),
    comment="when the consent of a known person ended: suspended until it counts again or the person is erased",
)
sa.Index("ix_consent_end_open", consent_end.c.partner, consent_end.c.record_id,
         postgresql_where=sa.text("lifted_on is null"))  # fmt: skip

employment_spell = sa.Table(
    "employment_spell",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("starts_on", sa.Date, primary_key=True),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("county", sa.Text),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("end_cause", sa.Text, nullable=False, comment="left_on, missing, moved"),
    comment="closed spells; the running one is source_record.spell_from at its county and station",
)
