"""Define the tables of deliveries: what came, what was said of it, what was set aside."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID

from talentpool.model.base import made_at, metadata

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="full or delta"),
    sa.Column("since", sa.Date),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("sent_by", sa.Text, comment="the officer who handed it on; null = it came from the partner"),
    sa.Column("sent_counties", ARRAY(sa.Text), comment="whose rows its sender may send; null = the whole area"),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("form", sa.Text, nullable=False, comment="template (standard roster template) or own"),
    sa.Column("encoding", sa.Text),
    sa.Column("manifest_rows", sa.Integer),
    sa.Column("notice_version", sa.Text, comment="inherited by rows without one"),
    sa.Column("landed_url", sa.Text),
    sa.Column("expires_on", sa.Date, comment="the landed file is deleted after this day"),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        comment="landed, staged, audited, published, held, rejected: delivery_state.py",
    ),
    sa.Column("effect", sa.Text, nullable=False, server_default="none", comment="live, history, none"),
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted", sa.Integer, nullable=False, server_default="0"),
    sa.Column("quarantined", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0", comment="rows sealed: new or changed"),
    sa.Column("reasons", JSONB, nullable=False, server_default="{}"),
    sa.Column("notes", JSONB, nullable=False, server_default="{}"),
    sa.Column("findings", JSONB, nullable=False, server_default="[]", comment="rules that held or rejected it"),
    sa.Column(
        "dropped_columns", JSONB, nullable=False, server_default="[]", comment="names of columns that are no field's"
    ),
    sa.Column("profile", JSONB, nullable=False, server_default="{}", comment="null rates and county counts"),
    sa.Column("wrapped_key", BYTEA, nullable=False, comment="data key under the envelope key"),
    sa.Column(
        "wrapped_by",
        sa.Text,
        sa.ForeignKey("key_check.key_id", name="fk_delivery_wrapped_by_key_check"),
        nullable=False,
        server_default="envelope",
        comment="which envelope key wraps it",
    ),
    sa.Column(
        "key_tag",
        sa.Text,
        nullable=False,
        server_default=sa.text("gen_random_uuid()::text"),
        comment="names the data key in backups; stays when it is wrapped anew",
    ),
    sa.Column("former_key", BYTEA, comment="under the data key: the one before, while records are sealed anew"),
    sa.Column("resealed_in", sa.BigInteger, comment="the rotation that gave it its data key; null = its own"),
    sa.Column("rules_version", sa.Integer, nullable=False),
    sa.Column("reference_version", JSONB, nullable=False, server_default="{}", comment="table -> version when staged"),
    sa.Column("declaration_hash", sa.Text, nullable=False),
    sa.Column("base_seq", sa.BigInteger, comment="the partner's publish_seq when this was staged"),
    sa.Column("publish_seq", sa.BigInteger, unique=True, comment="order of publication, gapless per lock"),
    sa.Column("message", sa.Text, comment="why rejected or held, in words; no personal data"),
    sa.Column("decided", sa.Text, comment="the decision in force: all, no-removals, reject"),
    sa.Column("landed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("partner", "as_of", "sha256", "sent_counties", postgresql_nulls_not_distinct=True),
    sa.CheckConstraint("kind in ('full','delta')", name="kind"),
    sa.CheckConstraint("state in ('landed','staged','audited','held','published','rejected')", name="state"),
    sa.CheckConstraint("rows = accepted + quarantined + refused", name="counts"),
    sa.Index("ix_delivery_partner_state", "partner", "state", "as_of"),
    sa.Index("ix_delivery_wrapped_by", "wrapped_by"),
)

handled_offer = sa.Table(
    "handled_offer",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("offer_id", sa.Text, primary_key=True, comment="name, manifest hash, size, time of what was offered"),
    sa.Column("delivery_id", sa.BigInteger, nullable=False, comment="several offers may bring the same bytes"),
    sa.Column("sha256", sa.Text, comment="of the bytes that were landed; null = refused before"),
    sa.Column("cleared_at", sa.DateTime(timezone=True), comment="when the landed file was removed from the inbox"),
    comment="what a partner offered and we took, good or bad: never pulled again",
)

publish_seq = sa.Sequence("publish_seq_seq", metadata=metadata)

delivery_decision = sa.Table(
    "delivery_decision",
    metadata,
    sa.Column("decision_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), nullable=False),
    sa.Column("choice", sa.Text, nullable=False, comment="all, no-removals, reject, superseded"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column(
        "findings",
        JSONB,
        nullable=False,
        server_default="[]",
        comment="what the person knew of: a finding that is not among these holds the delivery again",
    ),
    sa.Column("role", sa.Text, comment="checked when the answer arrived; null = the command line, or no person"),
    made_at(),
    sa.Index("ix_delivery_decision_delivery_id", "delivery_id"),
)

delivery_question = sa.Table(
    "delivery_question",
    metadata,
    sa.Column("dag_id", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, primary_key=True, comment="the run of Airflow that asks"),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), nullable=False),
    sa.Column("findings", JSONB, nullable=False, comment="what the question shows"),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    comment="which delivery a run asks about: an answer counts for what was shown, whatever the run's conf says",
)

partner_column = sa.Table(
    "partner_column",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column(
        "header", sa.Text, primary_key=True, comment="the column's name as compared: letters and digits, simplified"
    ),
    sa.Column("field", sa.Text, comment="the field it is; null = no field's, dropped without asking"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column(
        "delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), comment="which one asked; null = none did"
    ),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1", comment="how often it was answered"),
    made_at(),
    comment="what a person said of a partner's columns; earlier answers stand in audit_log",
)

delivery_sighting = sa.Table(
    "delivery_sighting",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    comment="records seen in a delta; in a full snapshot everyone is seen who has no record_absence",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True),
    sa.Column("row_no", sa.Integer, primary_key=True, comment="line of the delivery: 1 = first data row"),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("record_id", UUID),
    sa.Column("county", sa.Text),
    sa.Column("sealed", BYTEA),
)

record_salt = sa.Table(
    "record_salt",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True, comment="whose data key the salt works with"),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column(
        "row_no",
        sa.Integer,
        primary_key=True,
        comment="a doubled staff number has one salt a row",  # below 0: of the remembered value of that number
    ),
    sa.Column("salt", BYTEA, nullable=False),
    comment="deleting a salt makes the sealed record unreadable, in backups too",
)
