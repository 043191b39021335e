"""Check what watches over the others: the log's tables, triggers and functions, and rights given beyond ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from talentpool.database.roles import BACKUP, CONSOLE, PIPELINE, READER, TASKS
from talentpool.guard.officers import LOGIN_PREFIX
from talentpool.services.doctor.finding import Finding, Patient, ok

LOG = ("audit_log", "audit_end", "audit_waiting", "audit_head")
KEPT = (
    ("audit_log", "audit_stays"), ("audit_head", "audit_stays"), ("provision", "provision_stays"),
    ("provision", "provision_is_kept"), ("alert", "alert_stays"), ("alert_word", "alert_stays"), ("alert_sending", "alert_stays"),
    ("reference_change", "reference_change_stays"), ("quarantine_word", "quarantine_word_stays"),
    ("retention_report", "retention_stays"),
    ("retention_hold", "retention_stays"), ("retention_hold_word", "retention_stays"),
    ("letter", "letter_stays"), ("letter", "letter_is_kept"), ("letter_sending", "letter_sending_stays"),
    ("bound_pin", "bound_pin_stays"),
)  # fmt: skip
"""Triggers that keep what is only ever appended."""
HIDDEN = (
    "alembic_version", "alert", "alert_sending", "alert_word", "campaign_date", "consent_end", "delivery_fault",
    "delivery_question",
    "handed_on", "handled_offer", "handout_pass", "handout_sealed", "key_check", "key_rotation", "letter", "letter_sending",
    "list_exception", "list_question", "match_key",
    "match_weights", "partner_column", "reference_change", "request_step",
    "retention_hold", "retention_hold_word", "retention_report",
    "second_factor", "sign_in_lock", "sign_in_session", "stop_notice", "suppression", "suppression_word", "upload",
    "use_stop", "void_word", "withdrawal",
    "work_lock",
)  # fmt: skip
"""Tables of which no reader sees a row (docs/access-database.md)."""


@dataclass(frozen=True)
class Made:
    """A function as the migrations leave it. `by`: md5 of body, security and settings; `may`: who may call it."""

    name: str
    by: str
    may: str


FUNCTIONS = (
    Made("alert_stays()", "0aafd6d311eaa45e5c4cb328a436ea82", "PUBLIC"),
    Made("attendance_fits()", "4b71724a551d8968b6f522047a3e691f", "PUBLIC"),
    Made("attendance_stays()", "0c7665beacbb6867dec01471d6a69e2f", "PUBLIC"),
    Made("audit_by_us()", "86a6ee9c2fd8f634aaf907ead33ff06b", "talentpool_reader talentpool_pipeline"),
    Made("audit_chained(audit_log,audit_end)", "9641ef96c1ec9747904039ba16e5997d", ""),
    Made("audit_checked(text,text,text,text,text,jsonb)", "e6169bf9c8cfdfd0368c4f564f095750", ""),
    Made("audit_gather()", "24a88ed63095304667de419d330cb297", "talentpool_console talentpool_pipeline"),
    Made("audit_hash(audit_log)", "af085a4b02544b0a10f9d08e8cb4fe92", "PUBLIC"),
    Made("audit_keep(bigint,text,text,text)", "16daf3deb631bf8bf13bf1413bdcf1fd", "talentpool_pipeline"),
    Made("audit_stays()", "c9a86ed5e2936447c5cb26431ef575f0", ""),
    Made(
        "audit_write(text,text,text,text,text,jsonb)",
        "cefdc77c66a73f89d41879b4284cdcf0",
        "talentpool_reader talentpool_pipeline",
    ),
    Made("bound_pin_stays()", "c3c4750822b465f96219983a0612d632", "PUBLIC"),
    Made("complaint_fits()", "68b067e3066253c8e7f7ee5bd92a4997", "PUBLIC"),
    Made("complaint_stays()", "dc474d9606baa627ca6fe54230c4ef1e", "PUBLIC"),
    Made("delivery_moves()", "21274a5108f7c672305ef8e65f409d95", "PUBLIC"),
    Made("follow_fits()", "6533c5a322bc801786c25c596201f7dc", "PUBLIC"),
    Made("handout_fits()", "207b3687362d9cc61725ac04cf0ddcbb", "PUBLIC"),
    Made("handout_stays()", "87888eca0d2b08266f375070cf44ae2f", "PUBLIC"),
    Made("letter_sending_stays()", "072125a06d0dee4f885c6fd4bb05a832", "PUBLIC"),
    Made("letter_stays()", "959e2a493ff10c9bd6744e7850a4cadc", "PUBLIC"),
    Made("list_decision_stays()", "f2cf37743770c509dd8e16f3d8a2fc49", "PUBLIC"),
    Made("list_moves()", "8441b09284a697d1f7754129c6674333", "PUBLIC"),
    Made("list_stays()", "3194c117823bd17b86a2cb62256277e9", "PUBLIC"),
    Made("match_index(text,boolean)", "4522b26a4ac5db1278722532094a9822", "talentpool_pipeline"),
    Made("name_of_one(text)", "565d457df4c231d4508927c4a75b519e", "PUBLIC"),
    Made("out_of_use(bigint)", "0fed3143f0d2fdf069b902b7921fb073", "talentpool_reader"),
    Made("partner_partition_attach(text)", "5db06bcc5efd17329af5f1e800ea039e", "talentpool_pipeline"),
    Made("partner_partition_make(text)", "dca99c3442df6790ac39362390190af0", "talentpool_pipeline"),
    Made("person_today(uuid,uuid)", "bdd33cbe3b54fd2adf631d77d7977388", "PUBLIC"),
    Made("provision_stays()", "28ca854c167b167b5b721833412b85a4", ""),
    Made("quarantine_word_stays()", "cd3a4833728e689b1a01f5dacae726dc", "PUBLIC"),
    Made("receipt_fits()", "d2346d8001a2386436a50a1ab1ca39b5", "PUBLIC"),
    Made("receipt_is_no_visit()", "1f4bfd265d3ab9e012235de33fa20b28", "PUBLIC"),
    Made("receipt_stays()", "875ad435e7d6d5fd7dd22c5ea71f9a7c", "PUBLIC"),
    Made("receipts_seen(bigint,bigint[])", "f2755c2e4c7a44d1e3bfa5fa620be0c4", "talentpool_reader"),
    Made("received_once()", "bcc3de3aa38a198c94a9016ac8a96e00", "PUBLIC"),
    Made("reference_change_stays()", "1f3bd6761e50ad4760c53cd28b7c9e02", "PUBLIC"),
    Made("retention_stays()", "cddcd5d1fc32b93eb13b6674a3e95f81", "PUBLIC"),
    Made("reveal_turn()", "c8c2d6aecf9f2d8198eebe2bdac24494", "talentpool_reader talentpool_pipeline"),
    Made("row_stays()", "f7753abeaa5e6e7d4a9f5a58189e15fa", "PUBLIC"),
    Made("rows_stay()", "e01290c0427665660659557baea7f7cb", "PUBLIC"),
    Made("scope_actor()", "faca9841943b27cc0d6302b963835962", "PUBLIC"),
    Made("scope_audits()", "37624aa79fcb208e1a8c57c244a63597", "PUBLIC"),
    Made("scope_counties()", "ec14bbc2efc73bece4a3c285175770aa", "PUBLIC"),
    Made("scope_roles()", "5d06ea2bff074963c50622c2620bb11b", "PUBLIC"),
    Made("scope_whole()", "41dd13248efbfdf539276399dfcf0da2", "PUBLIC"),
    Made("session_slots(bigint)", "44d7a4bbf4275ed29bea4e5e468fe95f", "PUBLIC"),
    Made("signup_fits()", "e5115fa2e899cfc1c40be7ab7295236e", "PUBLIC"),
    Made("signup_stays()", "ae67a5f2d1a70f8e8e3cfdd16806bd93", "PUBLIC"),
    Made("spot_check_fits()", "7645b4ae263ec0f47ee246478e14d015", "PUBLIC"),
    Made("spot_check_stays()", "a5c601c311ff161e2782b43868d71a47", "PUBLIC"),
    Made("stock_fits()", "1563c2250e96cb77e63902517dd32a88", "PUBLIC"),
    Made("stock_left(text,text,text)", "8c67bdd31cbe13d2be17ff351ebdb68c", "PUBLIC"),
    Made("stock_stays()", "ad55868286d37e6b3a80465dc4bbf01a", "PUBLIC"),
    Made("step_stays()", "fba70a058074c8df91ca318809a2cd1a", "PUBLIC"),
    Made("what_stands(bigint,text)", "04258fa96ad86d11a95f759d84c75cad", "PUBLIC"),
)
"""Anew whenever a migration changes one: tests/unit/services/doctor/test_oversight.py says so."""

QUERIES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n")
WRONG = (
    ("triggers that keep the log are off, gone or not ours",
     "find out who did it; alter table ... enable trigger ...; drop those that are not ours"),
    ("functions or tables of the log were replaced, or are not the owner's",
     "find out who did it; restore a backup of before, or make them as the migrations do; alter ... owner to"),
    ("functions may be called by those who should not", "revoke execute on function ... from ..."),
    ("tables of the log may be written past its functions",
     "revoke insert, update, delete, truncate, trigger on ... from ..."),
    ("logins of officers or pages are members of roles that see or change more",
     "revoke ... from ...; find out what was done meanwhile"),
    ("tables that no officer reads may be read", "revoke select on ... from ..."),
)  # fmt: skip
"""What each of QUERIES names, and what to do."""


def oversight(patient: Patient) -> Iterator[Finding]:
    """What keeps the log is as it was made, and nobody was given more than `init` gives."""
    facts = {
        "log": list(LOG), "hidden": list(HIDDEN), "kept": [table for table, _ in KEPT],
        "triggers": [trigger for _, trigger in KEPT], "functions": [made.name for made in FUNCTIONS],
        "made": [made.by for made in FUNCTIONS], "may": [made.may for made in FUNCTIONS],
        "readers": [READER, CONSOLE], "officers": LOGIN_PREFIX, "workers": [PIPELINE, TASKS, BACKUP],
        "ours": [PIPELINE, CONSOLE, TASKS, BACKUP],
    }  # fmt: skip
    healthy = True
    with patient.engine.connect() as conn:
        for query, (said, todo) in zip(QUERIES, WRONG, strict=True):
            asked = sa.text(query)
            named = sorted(conn.scalars(asked, {name: facts[name] for name in asked.compile().params}))
            if named:
                healthy = False
                yield Finding("oversight", "fail", f"{said}: {', '.join(named)}", todo)
    if healthy:
        yield ok("oversight", "the log's triggers, functions and rights are as they were made")
