"""Define the tables. Alembic (include/migrations) makes them; a test compares the two.

Personal data is ciphertext in every one of them: a `sealed` column holds the record's names, document number,
mobiles and address (guard/cipher.py), an `*_index` or `*_key` column a keyed hash for equality (guard/blind.py),
a `*_status` column what may be known about a value without knowing it. A `record_id` is
HMAC(partner, staff number), truncated to 16 bytes, and names the row everywhere.

Dates are as-of dates of deliveries unless the name says otherwise; `*_at` columns are clock times and take part
in no digest.
"""

from talentpool.model.aftercare import complaint, spot_check, spot_check_row, spot_check_word
from talentpool.model.alerts import alert, alert_sending, alert_word
from talentpool.model.base import STAGING_SCHEMA, content_columns, metadata
from talentpool.model.bounds import bound_pin, delivery_measure, delivery_people
from talentpool.model.calendar import campaign_date
from talentpool.model.deliveries import (
    delivery,
    delivery_decision,
    delivery_question,
    delivery_sighting,
    handled_offer,
    partner_column,
    publish_seq,
    quarantine,
    record_salt,
)
from talentpool.model.exports import provision, recipient
from talentpool.model.handouts import handout_entry, handout_event, handout_pass, handout_sealed
from talentpool.model.identity import (
    edge,
    match_key,
    match_run,
    match_weights,
    person,
    person_event,
    person_redirect,
    record_person,
    review_pair,
)
from talentpool.model.letters import delivery_fault, letter, letter_sending
from talentpool.model.lists import (
    cancelled_round,
    deputy,
    list_decision,
    list_exception,
    list_file,
    list_question,
    list_step,
    target_list,
    target_row,
    void_word,
)
from talentpool.model.mending import quarantine_word, remembered_value
from talentpool.model.oversight import (
    audit_end,
    audit_head,
    audit_log,
    audit_waiting,
    handed_on,
    key_rotation,
    officer,
    person_request,
    request_step,
    upload,
    use_stop,
    work_lock,
)
from talentpool.model.pool import pool_count, pool_person, pool_presence, pool_snapshot
from talentpool.model.quality import dimension_score, rule_result
from talentpool.model.receipts import receipt, receipt_row
from talentpool.model.records import consent_end, employment_spell, record_absence, source_record, source_record_history
from talentpool.model.reference import (
    contact,
    division,
    holiday,
    key_check,
    notice,
    occupation,
    reference_change,
    station,
    stop_notice,
    suppression,
    suppression_word,
    withdrawal,
)
from talentpool.model.retention import retention_hold, retention_hold_word, retention_report
from talentpool.model.sessions import attendance, session_signup
from talentpool.model.signing_in import second_factor, sign_in_lock, sign_in_session
from talentpool.model.staging import parts_table, staging_table, verdict_table
from talentpool.model.stock import stock_move

__all__ = [
    "STAGING_SCHEMA",
    "alert",
    "alert_sending",
    "alert_word",
    "attendance",
    "audit_end",
    "audit_head",
    "audit_log",
    "audit_waiting",
    "bound_pin",
    "campaign_date",
    "cancelled_round",
    "complaint",
    "consent_end",
    "contact",
    "content_columns",
    "delivery",
    "delivery_decision",
    "delivery_fault",
    "delivery_measure",
    "delivery_people",
    "delivery_question",
    "delivery_sighting",
    "deputy",
    "dimension_score",
    "division",
    "edge",
    "employment_spell",
    "handed_on",
    "handled_offer",
    "handout_entry",
    "handout_event",
    "handout_pass",
    "handout_sealed",
    "holiday",
    "key_check",
    "key_rotation",
    "letter",
    "letter_sending",
    "list_decision",
    "list_exception",
    "list_file",
    "list_question",
    "list_step",
    "match_key",
    "match_run",
    "match_weights",
    "metadata",
    "notice",
    "occupation",
    "officer",
    "partner_column",
    "parts_table",
    "person",
    "person_event",
    "person_redirect",
    "person_request",
    "pool_count",
    "pool_person",
    "pool_presence",
    "pool_snapshot",
    "provision",
    "publish_seq",
    "quarantine",
    "quarantine_word",
    "receipt",
    "receipt_row",
    "recipient",
    "record_absence",
    "record_person",
    "record_salt",
    "reference_change",
    "remembered_value",
    "request_step",
    "retention_hold",
    "retention_hold_word",
    "retention_report",
    "review_pair",
    "rule_result",
    "second_factor",
    "session_signup",
    "sign_in_lock",
    "sign_in_session",
    "source_record",
    "source_record_history",
    "spot_check",
    "spot_check_row",
    "spot_check_word",
    "staging_table",
    "station",
    "stock_move",
    "stop_notice",
    "suppression",
    "suppression_word",
    "target_list",
    "target_row",
    "upload",
    "use_stop",
    "verdict_table",
    "void_word",
    "withdrawal",
    "work_lock",
]
