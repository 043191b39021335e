"""The tables. Alembic (include/migrations) makes them; a test holds the two together.

Personal data is ciphertext in every one of them: a `sealed` column holds the record's names, document number,
mobiles and address (guard/cipher.py), an `*_index` or `*_key` column a keyed hash for equality (guard/blind.py),
a `*_status` column what may be known about a value without knowing it. A `record_id` is
HMAC(partner, staff number), truncated to 16 bytes, and names the row everywhere.

Dates are as-of dates of deliveries unless the name says otherwise; `*_at` columns are clock times and take part
in no digest.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

STAGING_SCHEMA = "staging"


def _now() -> sa.Column:
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
        sa.Column("name_id_key", UUID, comment="match key: name + document number"),
        sa.Column("name_mobile_key", UUID),
        sa.Column("name_mobile2_key", UUID),
        sa.Column("name_birth_county_key", UUID, comment="rare names only"),
        sa.Column("sealed", BYTEA),
    ]


# --- reference tables (seeded by migration, edited by the office) ---------------------------------------------

division = sa.Table(
    "division",
    metadata,
    sa.Column("code", sa.Text, primary_key=True, comment="codes were given twice over the years: code and name"),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("level", sa.Text, nullable=False, comment="province, prefecture, county"),
    sa.Column("parent_code", sa.Text),
    sa.Column("status", sa.Text, nullable=False, comment="current or abolished"),
    sa.Column("from_year", sa.SmallInteger),
    sa.Column("to_year", sa.SmallInteger),
    sa.Column("successor_code", sa.Text, comment="the one successor, when there is exactly one"),
)

station = sa.Table(
    "station",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("county", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("head", sa.Text),
    sa.Column("recipient_key", sa.Text, comment="public key that lists for the head are encrypted to"),
)

occupation = sa.Table(
    "occupation",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("aliases", JSONB, nullable=False, server_default="[]"),
)

holiday = sa.Table(
    "holiday",
    metadata,
    sa.Column("date", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="holiday or adjusted workday"),
    sa.Column("name", sa.Text, nullable=False),
)

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
)

reference_change = sa.Table(
    "reference_change",
    metadata,
    sa.Column("change_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("table_name", sa.Text, nullable=False, comment="division, station, occupation, holiday, notice"),
    sa.Column("version", sa.Integer, nullable=False, comment="of that table; one edit or import is one version"),
    sa.Column("key", JSONB, nullable=False, comment="key column -> value"),
    sa.Column("before", JSONB(none_as_null=True), comment="the whole row; null when it was added"),
    sa.Column("after", JSONB(none_as_null=True), comment="the whole row; null when it was removed"),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # not the start of the transaction: who waited for the lock changed later
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.UniqueConstraint("table_name", "version", "key"),
    comment="every edit of a reference table by the office; append-only by a trigger",
)

key_check = sa.Table(
    "key_check",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False, comment="keyed hash of a constant; not the key"),
    comment="tells a wrong key from a right one before any data is touched",
)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("token", UUID, primary_key=True, comment="HMAC under the suppression key; see guard/blind.py"),
    _now(),
    comment="the withdrawn: checked on every load, never told to a partner",
)

# --- deliveries -----------------------------------------------------------------------------------------------

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="full or delta"),
    sa.Column("since", sa.Date),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("form", sa.Text, nullable=False, comment="template (standard roster template) or own"),
    sa.Column("encoding", sa.Text),
    sa.Column("manifest_rows", sa.Integer),
    sa.Column("notice_version", sa.Text, comment="inherited by rows without one"),
    sa.Column("landed_url", sa.Text),
    sa.Column("expires_on", sa.Date, comment="the landed file is deleted after this day"),
    sa.Column("state", sa.Text, nullable=False, comment="landed, staged, audited, published, held, rejected"),
    sa.Column("effect", sa.Text, nullable=False, server_default="none", comment="live, history, none"),
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted", sa.Integer, nullable=False, server_default="0"),
    sa.Column("quarantined", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0", comment="rows sealed: new or changed"),
    sa.Column("reasons", JSONB, nullable=False, server_default="{}"),
    sa.Column("notes", JSONB, nullable=False, server_default="{}"),
    sa.Column("findings", JSONB, nullable=False, server_default="[]", comment="rules that held or rejected it"),
    sa.Column("profile", JSONB, nullable=False, server_default="{}", comment="null rates and county counts"),
    sa.Column("wrapped_key", BYTEA, nullable=False, comment="data key under the envelope key"),
    sa.Column("rules_version", sa.Integer, nullable=False),
    sa.Column("reference_version", JSONB, nullable=False, server_default="{}", comment="table -> version when staged"),
    sa.Column("declaration_hash", sa.Text, nullable=False),
    sa.Column("base_seq", sa.BigInteger, comment="the partner's publish_seq when this was staged"),
    sa.Column("publish_seq", sa.BigInteger, unique=True, comment="order of publication, gapless per lock"),
    sa.Column("message", sa.Text, comment="why rejected or held, in words; no personal data"),
    sa.Column("decided", sa.Text, comment="the decision in force: all, no-removals, reject"),
    sa.Column("landed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("partner", "as_of", "sha256"),
    sa.CheckConstraint("kind in ('full','delta')", name="kind"),
    sa.CheckConstraint("rows = accepted + quarantined + refused", name="counts"),
    sa.Index("ix_delivery_partner_state", "partner", "state", "as_of"),
)

handled_offer = sa.Table(
    "handled_offer",
    metadata,
    sa.Column("partner", sa.Text, primary_key=True),
    sa.Column("offer_id", sa.Text, primary_key=True, comment="name, manifest hash, size, time of what was offered"),
    sa.Column("delivery_id", sa.BigInteger, nullable=False, comment="several offers may bring the same bytes"),
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
    _now(),
    sa.Index("ix_delivery_decision_delivery_id", "delivery_id"),
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
    sa.Column("row_no", sa.Integer, primary_key=True, comment="a doubled staff number has one salt a row"),
    sa.Column("salt", BYTEA, nullable=False),
    comment="deleting a salt makes the sealed record unreadable, in backups too",
)

# --- source records: live, history, absences, spells ----------------------------------------------------------

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
    sa.Column("status", sa.Text, nullable=False, comment="active, suspected, left"),
    sa.Column("missing_since", sa.Date, comment="first full snapshot of the current absence"),
    sa.Column("missing_count", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("spell_from", sa.Date, nullable=False, comment="start of the current employment spell"),
    sa.Column("spell_to", sa.Date, comment="end of it: leaving date, else last as-of seen; null while it runs"),
    postgresql_partition_by="LIST (partner)",
    comment="the live state: one row per partner and staff number; untouched while the roster repeats it",
)
sa.Index("ix_source_record_id_index", source_record.c.id_index)
sa.Index("ix_source_record_mobile_index", source_record.c.mobile_index)
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

# --- identity -------------------------------------------------------------------------------------------------

edge = sa.Table(
    "edge",
    metadata,
    sa.Column("left_record", UUID, primary_key=True, comment="the smaller record id"),
    sa.Column("right_record", UUID, primary_key=True),
    sa.Column("rule", sa.Text, primary_key=True, comment="rule name, or 'human'"),
    sa.Column("verdict", sa.Text, nullable=False, comment="same, different, review"),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("decided_by", sa.Text, comment="null for a rule"),
    sa.Column("note", sa.Text),
    _now(),
    sa.CheckConstraint("left_record < right_record", name="order"),
)
sa.Index("ix_edge_right_record", edge.c.right_record)

person = sa.Table(
    "person",
    metadata,
    sa.Column("person_id", UUID, primary_key=True, comment="keyed hash of the founding record"),
    sa.Column("founding_record", UUID, nullable=False),
    sa.Column("founded_on", sa.Date, nullable=False, comment="first_seen of the founding record"),
)

record_person = sa.Table(
    "record_person",
    metadata,
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("person_id", UUID, nullable=False, index=True),
)

person_event = sa.Table(
    "person_event",
    metadata,
    sa.Column("event_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="merge, split"),
    sa.Column("person_id", UUID, nullable=False, comment="who goes on"),
    sa.Column("other_id", UUID, nullable=False, comment="merged into or split from person_id"),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("match_run_id", sa.BigInteger),
    _now(),
)

person_redirect = sa.Table(
    "person_redirect",
    metadata,
    sa.Column("old_id", UUID, primary_key=True),
    sa.Column("new_id", UUID, nullable=False),
)

match_run = sa.Table(
    "match_run",
    metadata,
    sa.Column("match_run_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("up_to_seq", sa.BigInteger, nullable=False, comment="every change up to here is matched"),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("pairs", sa.Integer, nullable=False),
    sa.Column("persons", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    _now(),
)

# --- the pool -------------------------------------------------------------------------------------------------

pool_snapshot = sa.Table(
    "pool_snapshot",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("partners", JSONB, nullable=False, comment="partner -> {as_of, publish_seq} that it was made from"),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    _now(),
    sa.UniqueConstraint("as_of", "version"),
)

pool_person = sa.Table(
    "pool_person",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), primary_key=True),
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("home_county", sa.Text),
    sa.Column("home_partner", sa.Text, nullable=False),
    sa.Column("home_station", sa.Text, nullable=False),
    sa.Column("home_record", UUID, nullable=False, comment="the record of the longest active spell"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("weak_identity", sa.Boolean, nullable=False),
    sa.Column("birth_date", sa.Date),
    sa.Column("age", sa.SmallInteger, comment="completed years on the as-of"),
    sa.Column("age_band", sa.Text, nullable=False),
    sa.Column("youth", sa.Boolean, nullable=False, comment="inside the configured youth band"),
    sa.Column("sex", sa.SmallInteger, nullable=False),
    sa.Column("occupation", sa.Text, nullable=False),
    sa.Column("provenance", JSONB, nullable=False, comment="golden field -> record id that supplies it"),
)
sa.Index("ix_pool_person_snapshot_id_home_county", pool_person.c.snapshot_id, pool_person.c.home_county)

pool_presence = sa.Table(
    "pool_presence",
    metadata,
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), primary_key=True),
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("person_id", UUID, nullable=False),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("county", sa.Text),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, comment="active, suspected, left"),
    sa.Column("spell_from", sa.Date, nullable=False),
    comment="which record, so which county, sees the person: a county reads its own side only",
)
sa.Index("ix_pool_presence_snapshot_id_county", pool_presence.c.snapshot_id, pool_presence.c.county)

# --- lists ----------------------------------------------------------------------------------------------------

target_list = sa.Table(
    "target_list",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("cycle", sa.Text, nullable=False, comment="one round of the campaign, e.g. 2026"),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("snapshot_id", sa.BigInteger, sa.ForeignKey("pool_snapshot.snapshot_id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="draft or locked"),
    sa.Column("declaration_hash", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False, comment="over the rows, never over files"),
    sa.Column("eligible", sa.Integer, nullable=False),
    sa.Column("selected", sa.Integer, nullable=False),
    sa.Column("excluded", JSONB, nullable=False, comment="reason -> count"),
    sa.Column("passport", JSONB, nullable=False, comment="purpose, rules, as-of, snapshot, approvals, hash"),
    sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("locked_at", sa.DateTime(timezone=True)),
    _now(),
    sa.Index(
        "uq_target_list_locked",
        "campaign",
        "cycle",
        unique=True,
        postgresql_where=sa.text("state = 'locked'"),
    ),
)

target_row = sa.Table(
    "target_row",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("row_id", sa.Text, nullable=False, comment="short id printed on the sheet; keyed, not the person id"),
    sa.Column("selected", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, comment="why in, or the first rule that kept it out"),
    sa.Column("county", sa.Text),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("record_id", UUID, nullable=False, comment="whose name and mobile the sheet shows"),
    sa.Column("facts", JSONB, nullable=False, comment="age, band, status: what the rule saw"),
)

list_approval = sa.Table(
    "list_approval",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("approved_by", sa.Text, primary_key=True),
    _now(),
)

list_file = sa.Table(
    "list_file",
    metadata,
    sa.Column("list_id", sa.BigInteger, sa.ForeignKey("target_list.list_id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False, comment="county:<code> or station:<partner>:<county>:<name>"),
    sa.Column("rows", sa.Integer, nullable=False),
    _now(),
)


# --- who did what, and what people asked about themselves --------------------------------------------------------

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.FetchedValue(), primary_key=True, comment="1, 2, 3 ... without a gap"),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("login", sa.Text, nullable=False, comment="database login"),
    sa.Column("actor", sa.Text, nullable=False, comment="who, as the office knows them"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, comment="person:<id>, delivery:<id>, list:<id>"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False, comment="area code"),
    sa.Column("details", JSONB, nullable=False, comment="counts and names of fields, no values"),
    sa.Column("previous", sa.Text, nullable=False, comment="hash of the row before"),
    sa.Column("hash", sa.Text, nullable=False, comment="SHA-256 over the row and `previous`"),
    sa.Index("ix_audit_log_subject", "subject"),
    comment="append-only; number, time, login and hashes are set by a trigger (guard/audit.py verifies them)",
)

person_request = sa.Table(
    "person_request",
    metadata,
    sa.Column("request_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="withdraw, erase, access"),
    sa.Column("subject", sa.Text, nullable=False, comment="person:<id>, an opaque id"),
    sa.Column("records", ARRAY(UUID), nullable=False, comment="record ids concerned; a restore erases them again"),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False, comment="the office's own promise"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proof", JSONB, nullable=False, server_default="{}", comment="what was done, in counts"),
    sa.Column("done_at", sa.DateTime(timezone=True), comment="null while something of it is still to be done"),
    _now(),
    sa.CheckConstraint("kind in ('withdraw','erase','access')", name="kind"),
    comment="the journal of erasures too",
)


def staging_table(delivery_id: int, share: int | None = None) -> sa.Table:
    """The unlogged staging table of one delivery, or of a share of it: content columns plus what validation needs about a row.

    Unchanged rows carry status columns only (no index, key, sealed record or salt). Statuses of dates are packed,
    one letter a date in the order birth, hired, left, consent: o ok, m missing, x impossible, f in the future.
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
        sa.Column("consent_status", sa.Text, nullable=False, comment="ok, missing, unknown_notice"),
        sa.Column("id_birth_date", sa.Date, comment="birth date inside a usable document number"),
        sa.Column("withdrawn", sa.Boolean, nullable=False, comment="on the suppression list"),
        sa.Column("notes", sa.Text, nullable=False, comment="space-separated note codes"),
        *content,
        sa.Column("salt", BYTEA),
        prefixes=["UNLOGGED"],
    )


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
