"""Decide on doubtful rows after a withdrawal, and accept consent given anew.

A doubtful row waits alone, under a code that only the office sees. The word on it is remembered by its number and name,
so that it does not wait again; it holds from the next roster that names the row.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from talentpool.conform.rows.resemblance import usable_form
from talentpool.conform.rows.suppress import tokens, word_token
from talentpool.conform.values.names import read_name
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import KeyRing, audit, open_quarantined, record_id
from talentpool.guard.duties import check_duty
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.model import (
    delivery,
    person_request,
    quarantine,
    source_record,
    suppression,
    suppression_word,
    withdrawal,
)
from talentpool.office import Office
from talentpool.office_day import OFFICE_TIME
from talentpool.services.rights.forget import forget
from talentpool.services.rights.journal import due_on
from talentpool.texts.redact import redact

DOUBTFUL = "withdrawn_doubtful"
UNNAMED = UUID(int=0)


def doubtful_rows(conn: sa.Connection, keys: KeyRing) -> list[dict[str, Any]]:
    """Rows that wait for the office's word, of each record the newest: where they stand, and no value of a person.

    `taken_in`: another roster's row under that number was beyond doubt, and is live.
    """
    rows = conn.execute(
        sa.select(
            quarantine.c.delivery_id,
            quarantine.c.row_no,
            quarantine.c.record_id,
            delivery.c.partner,
            delivery.c.as_of,
            sa.exists().where(source_record.c.record_id == quarantine.c.record_id).label("taken_in"),
        )
        .join(delivery, delivery.c.delivery_id == quarantine.c.delivery_id)
        .where(quarantine.c.code == DOUBTFUL)
        .order_by(delivery.c.as_of, quarantine.c.delivery_id, quarantine.c.row_no)
    ).all()
    said = set(conn.scalars(sa.select(suppression_word.c.token)))
    newest = {row.record_id: row for row in rows}
    return [
        {"delivery_id": row.delivery_id, "row_no": row.row_no, "partner": row.partner, "as_of": row.as_of.isoformat(),
         "record_id": str(row.record_id), "taken_in": row.taken_in}
        for row in newest.values()
        if UUID(bytes=_word_of(conn, keys, row.delivery_id, row.row_no)[0]) not in said
    ]  # fmt: skip


def say_of_row(
    office: Office,
    delivery_id: int,
    row_no: int,
    verdict: str,
    *,
    by: str,
    reason: str,
    seen: bool | None = None,
) -> dict[str, Any]:
    """Whether a doubtful row is the person who withdrew (`same`: what is kept of the row is erased) or somebody else.

    `seen`: the row's `taken_in` as it was looked at; then ConflictError when it is another by now, or when somebody has
    said their word on the row. UsageError when no such row is kept; RefusedError when the office knows `by` as somebody
    who does not decide this.
    """
    check_signed(by, reason)
    reason = redact(reason)  # an erasure does not reach what stands in the log
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, by, "say who withdrew")
        token, record = _word_of(conn, office.keys, delivery_id, row_no)
        if seen is not None:
            _still_waits(conn, token, record, seen)
        conn.execute(
            suppression_word.insert().values(token=UUID(bytes=token), verdict=verdict, decided_by=by, reason=reason)
        )
        erased = forget(conn, None, [record]) if verdict == "same" else {}
        audit(
            conn, "decision", f"record:{record}", actor=by, reason=reason, scope=office.settings.area,
            details={"withdrawn": verdict, "delivery": delivery_id},
        )  # fmt: skip
    return {"delivery_id": delivery_id, "row_no": row_no, "verdict": verdict, "erased": erased}


def restore_consent(
    office: Office,
    *,
    staff: str | None = None,
    document: str | None = None,
    by: str,
    reason: str,
    proof: str,
    received_on: date,
) -> dict[str, Any]:
    """Consent given anew, known by a number the person had or by their document: from the next roster on, rows whose
    consent is dated after the withdrawal are taken in. UsageError when nobody withdrew under it."""
    check_signed(by, reason)
    if not proof.strip():
        raise UsageError("consent given anew needs proof: give the reference of the signed paper with --proof")
    token, about = _asked(office.keys, staff, document)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        own = suppression
        ids = set(conn.scalars(sa.select(own.c.withdrawal_id).where(own.c.token == UUID(bytes=token))))
        if UNNAMED in ids:
            ids = ids - {UNNAMED} | {_put_down(conn, token)}
        open_ = sa.and_(withdrawal.c.withdrawal_id.in_(ids), withdrawal.c.restored_at.is_(None))
        restored = conn.execute(
            withdrawal.update()
            .values(restored_at=sa.func.clock_timestamp(), restored_by=by, restored_for=proof)
            .where(open_)
            .returning(withdrawal.c.withdrawn_on)
        ).all()
        if not restored:
            raise UsageError(
                "nobody who withdrew matches that; a consent that was never withdrawn need not be restored"
            )
        number = conn.execute(
            person_request.insert()
            .values(
                kind="restore", subject=about, records=[], received_on=received_on, due_on=due_on(received_on),
                decided_by=by, reason=reason, proof={"proof": proof, "withdrawals": len(restored)},
                done_at=sa.func.now(),
            )
            .returning(person_request.c.request_id)
        ).scalar_one()  # fmt: skip
        audit(
            conn, "decision", about, actor=by, reason=reason, scope=office.settings.area,
            details={"consent": "given anew", "request": number, "proof": proof},
        )  # fmt: skip
    last = max(row.withdrawn_on for row in restored)
    return {"request_id": number, "kind": "restore", "subject": about, "consent_dated_after": last.isoformat()}


def check_signed(by: str, reason: str) -> None:
    """UsageError when nobody stands for an answer, or nothing is said for it."""
    if not by.strip() or not reason.strip():
        raise UsageError("an answer must name who gave it (--by) and why (--reason)")


def _still_waits(conn: sa.Connection, token: bytes, record: UUID, taken_in: bool) -> None:
    """ConflictError when a row is not as somebody looked at it: `same` would erase more, or go over another's word."""
    said = sa.exists().where(suppression_word.c.token == UUID(bytes=token))
    live = sa.exists().where(source_record.c.record_id == record)
    if conn.scalar(sa.select(said)) or conn.scalar(sa.select(live)) != taken_in:
        raise ConflictError("the row changed since you looked; `talentpool suppression list` shows what waits")


def _word_of(conn: sa.Connection, keys: KeyRing, delivery_id: int, row_no: int) -> tuple[bytes, UUID]:
    """The token by which the word on a quarantined row is remembered, and its record."""
    opened = open_quarantined(conn, keys, delivery_id, row_no, DOUBTFUL)
    if opened is None:
        raise UsageError("no such row waits; `talentpool suppression list` shows the rows that wait")
    record, personal = opened
    form = read_name(personal.name).form
    return word_token(keys, record.bytes, form if usable_form(form) else ""), record


def _asked(keys: KeyRing, staff: str | None, document: str | None) -> tuple[bytes, str]:
    """The token to look for, and what stands on record instead of a value."""
    if document:
        token = tokens(keys, [b""], [document.strip().upper()])[0][1]
        assert token is not None
        return token, f"withdrawn:{token.hex()}"
    partner, colon, staff_no = (staff or "").partition(":")
    if not colon or not partner or not staff_no:
        raise UsageError("name <partner>:<staff number>, or give the document number with --document-stdin")
    record = record_id(keys, partner, staff_no)
    return tokens(keys, [record.bytes], [""])[0][0], f"record:{record}"


def _put_down(conn: sa.Connection, token: bytes) -> UUID:
    """A withdrawal for tokens of before they were put down: all of one request were made at one time."""
    own, found = uuid4(), suppression
    made_at = conn.scalar(
        sa.select(found.c.made_at).where(found.c.token == UUID(bytes=token), found.c.withdrawal_id == UNNAMED)
    )
    assert made_at is not None
    conn.execute(
        withdrawal.insert().values(
            withdrawal_id=own, withdrawn_on=made_at.astimezone(OFFICE_TIME).date(), facets={}, name_buckets=[],
            birth_buckets=[], made_at=made_at,
        )
    )  # fmt: skip
    same = sa.and_(found.c.withdrawal_id == UNNAMED, found.c.made_at == made_at)
    conn.execute(found.update().values(withdrawal_id=own).where(same))
    return own


__all__ = ["doubtful_rows", "restore_consent", "say_of_row"]
