"""Register a request about oneself, record the verified identity, and revoke a mistake.

A withdrawal needs nobody's permission: use stops in the transaction that registers it. What cannot be undone, an erasure
or a copy in plain, waits for the identity and for a second person (requests.py), who confirms and never refuses.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.declare import campaign_files, load_campaign
from talentpool.deliveries.ending import follow_stops
from talentpool.errors import OpenAlreadyError, RefusedError, UsageError
from talentpool.guard import KeyRing, audit
from talentpool.guard.duties import check_county, check_duty, spelt
from talentpool.locks import GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK, hold
from talentpool.match import match
from talentpool.model import notice, source_record
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.rights import journal, use
from talentpool.services.rights.journal import IDENTITY, REVOKED, Asked, Entry
from talentpool.services.rights.set_aside import with_set_aside
from talentpool.services.rights.subject import Subject, find
from talentpool.services.rights.suppressing import suppress, unsuppress
from talentpool.services.rights.withdrawn import check_signed
from talentpool.settings import Settings
from talentpool.texts.redact import redact

KINDS = ("withdraw", "opt_out", "access", "erase", "correct")
ON_RECORD = {
    "withdraw": "withdrawal",
    "erase": "erasure",
    "access": "access",
    "opt_out": "decision",
    "correct": "decision",
}
"""Kind -> the action in the audit log."""
REGISTER = "register a request"
LATEST_DAYS = 731
"""Two years: how long ago a request may have come in; one that is older is a slip of the pen."""


def register(
    office: Office,
    kind: str,
    asked: str,
    *,
    by: str,
    reason: str,
    received_on: date,
    identity: str = "",
    purpose: str | None = None,
    on_paper: bool | None = None,
    counties: Collection[str] | None = None,
    tell_partner: bool = False,
) -> Entry:
    """Register what a person (person id or partner:staff_no) asks; one that is open already is returned as it is.

    Args:
        kind: withdraw (use stops at once), opt_out (of `purpose` alone, at once), access, erase, correct.
        identity: of IDENTITY where it was verified on the spot.
        counties: for which `by` may register, as the door that they came through knows; None = the whole area.
        tell_partner: the person wants in writing that the partner asked by, or every one, be told to stop (停止报送).

    Raises:
        UsageError: nobody is known by it, a roster names who asks for an erasure, the purpose is
            unknown, or a word is missing.
        OpenAlreadyError: a copy in the other form is asked for and open.
        RefusedError: the person is another county's (code `scope`), or the office knows `by` as somebody else (`role`).
    """
    check_signed(by, reason)
    _check_words(kind, identity, purpose)
    _check_day(received_on, today_in_office(office.settings))
    request = Asked(kind, received_on, by, redact(reason), purpose, on_paper if kind == "access" else None, identity)
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK)
        check_duty(conn, by, REGISTER)
        subject, _ = with_set_aside(conn, office.keys, find(conn, office.keys, asked))
        places = _counties(conn, subject)
        _check_scope(conn, by, places, counties)
        _check_possible(conn, office.settings, request, subject)
        known = journal.open_entry(conn, kind, subject.name, purpose)
        if known is not None:
            return _go_on_with(conn, office.settings, known, request)
        number = journal.open_request(conn, request, subject, places)
        proof = _stopped(conn, office.keys, number, request, subject)
        if tell_partner:
            proof |= {"tell": asked.partition(":")[0] if ":" in asked else ""}
        journal.note(conn, number, proof)
        if identity:
            journal.take_step(conn, number, "identity", by=by, how=identity)
        if kind == "opt_out":  # there is nothing more to be done
            journal.close_request(conn, number, {})
        _say_registered(conn, office.settings, number, request, subject)
    use.see_to_files(office, number)
    with office.engine.connect() as conn:
        return journal.entry(conn, number)


def _go_on_with(conn: sa.Connection, settings: Settings, known: Entry, request: Asked) -> Entry:
    """The request that is open already, with the identity if that was missing.

    OpenAlreadyError when it is for a copy in the other form.
    """
    follow_stops(conn)  # what came to the person since
    if request.kind == "access" and bool(known.on_paper) != bool(request.on_paper):
        form = "on paper" if known.on_paper else "under a password"
        raise OpenAlreadyError(
            f"request {known.request_id} for a copy {form} is open; hand that one out or revoke it first",
            number=known.request_id,
        )
    if request.identity and known.state == "registered":
        journal.take_step(conn, known.request_id, "identity", by=request.by, how=request.identity)
        _say(conn, settings, known, request.by, request.identity, "identity")
    return journal.entry(conn, known.request_id)


def verify(office: Office, number: int, how: str, *, by: str, counties: Collection[str] | None = None) -> Entry:
    """The identity of who asks was verified. `how`: of IDENTITY. UsageError when it was before, or the request is closed."""
    if how not in IDENTITY:
        raise UsageError(f"the way in which the identity was verified must be one of {', '.join(IDENTITY)}")
    with office.engine.begin() as conn:
        check_duty(conn, by, REGISTER)
        entry = journal.entry(conn, number, counties, lock=True)
        _check_scope(conn, by, entry.counties or (), None)
        if entry.state != "registered":
            raise UsageError(f"the identity for request {number} is on record already, or the request is closed")
        journal.take_step(conn, number, "identity", by=by, how=how)
        _say(conn, office.settings, entry, by, how, "identity")
        return journal.entry(conn, number)


def revoke(
    office: Office,
    number: int,
    why: str,
    *,
    by: str,
    proof: str = "",
    counties: Collection[str] | None = None,
) -> Entry:
    """The request was registered by mistake, or the person takes it back in writing: use begins again.

    Nobody refuses a withdrawal by this: a mistake is said by who made it, the person's wish by a paper (`proof`).

    Raises:
        UsageError: it is carried out or revoked already, or the paper is not named.
        RefusedError: a mistake of somebody else (code `same_person`); as register().
    """
    check_signed(by, why)
    if why not in REVOKED:
        raise UsageError(f"the reason for revoking must be one of {', '.join(REVOKED)}")
    if why == "own_wish" and not proof.strip():
        raise UsageError("the person revokes in writing: give the reference of that paper")
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK)
        check_duty(conn, by, REGISTER)
        entry = journal.entry(conn, number, counties, lock=True)
        _check_scope(conn, by, entry.counties or (), None)
        if entry.state in ("confirmed", "revoked") or (entry.state == "done" and entry.kind != "opt_out"):
            raise UsageError(f"request {number} is carried out or revoked already")
        if why == "mistake" and spelt(by) != spelt(entry.decided_by):
            raise RefusedError(
                "same_person",
                "only whoever registered the request may revoke it as a mistake; the person's own wish needs a paper",
            )
        own = entry.proof.get("withdrawal")
        lifted = unsuppress(conn, UUID(own)) if own else 0
        use.lift(conn, number)
        journal.take_step(conn, number, "revoked", by=by, how=f"{why} {redact(proof)}".strip())
        journal.close_request(
            conn, number, {"tokens_lifted": lifted, "sheets_due": bool(entry.proof.get("lists_flagged"))}
        )
        _say(conn, office.settings, entry, by, f"{why} {redact(proof)}".strip(), "revoked")
    use.see_to_files(office, number)
    with office.engine.connect() as conn:
        return journal.entry(conn, number)


def _check_possible(conn: sa.Connection, settings: Settings, request: Asked, subject: Subject) -> None:
    """UsageError for an erasure that would not last, and for an opt-out of nothing."""
    if request.kind == "erase":
        check_left(conn, subject)
    if request.purpose:
        _check_purpose(conn, settings, request.purpose)


def check_left(conn: sa.Connection, subject: Subject) -> None:
    """UsageError while a roster names the person: it would bring them back."""
    live = source_record
    if conn.scalar(sa.select(sa.exists().where(live.c.record_id.in_(subject.records), live.c.status != "left"))):
        raise UsageError(
            "a roster still names this person and would bring them back; `talentpool withdraw` keeps the person out for good"
        )


def _check_words(kind: str, identity: str, purpose: str | None) -> None:
    if kind not in KINDS:
        raise UsageError(f"a request is one of {', '.join(KINDS)}")
    if identity and identity not in IDENTITY:
        raise UsageError(f"the way in which the identity was verified must be one of {', '.join(IDENTITY)}")
    if (kind == "opt_out") != bool(purpose):
        raise UsageError("an opt-out must name its purpose; no other request has one")


def _check_day(received_on: date, today: date) -> None:
    """UsageError for a day to come, or one so long ago that it is a slip of the pen."""
    if not today - timedelta(days=LATEST_DAYS) <= received_on <= today:
        raise UsageError(f"a request came in today or in the last {LATEST_DAYS} days, not on {received_on}")


def _stopped(conn: sa.Connection, keys: KeyRing, number: int, request: Asked, subject: Subject) -> dict[str, Any]:
    """Stop the use that ends with the request; what came of it, for the record."""
    if request.kind not in ("withdraw", "opt_out"):
        return {}
    proof: dict[str, Any] = {}
    if request.kind == "withdraw":
        proof["withdrawal"] = str(suppress(conn, keys, subject, request.received_on))
    found = use.stop(conn, number, subject, request.purpose)
    left = [{key: one[key] for key in ("export", "recipient", "name", "list")} for one in found.provisions]
    return proof | {"lists_cut": found.cut, "lists_flagged": found.flagged, "stale": found.stale, "call_back": left,
                    "sheets_due": True}  # fmt: skip


def _counties(conn: sa.Connection, subject: Subject) -> set[str]:
    live = source_record
    query = sa.select(live.c.county).where(live.c.record_id.in_(subject.records), live.c.county.is_not(None))
    return set(conn.scalars(query.distinct()))


def _check_scope(conn: sa.Connection, by: str, places: Collection[str], counties: Collection[str] | None) -> None:
    if counties is not None and not set(places) & set(counties):
        raise RefusedError("scope", "the person works in another county, or in none that is known; ask the city")
    check_county(conn, by, *places)


def _check_purpose(conn: sa.Connection, settings: Settings, purpose: str) -> None:
    """UsageError for a purpose that no notice and no campaign has: an opt-out of it would do nothing, and nobody would see."""
    known = set(conn.scalars(sa.select(notice.c.purpose)))
    for code in campaign_files(settings.campaign_dirs):
        known.add(load_campaign(settings.campaign_dirs, code).purpose)
    if purpose not in known:
        raise UsageError(f"no notice and no campaign has the purpose {purpose!r}; known: {', '.join(sorted(known))}")


def _say_registered(conn: sa.Connection, settings: Settings, number: int, request: Asked, subject: Subject) -> None:
    details = {"request": number, "step": "registered", "records": len(subject.records)}
    said = {"purpose": request.purpose, "identity": request.identity}
    audit(
        conn, ON_RECORD[request.kind], subject.name, actor=request.by, reason=request.reason, scope=settings.area,
        details=details | {name: value for name, value in said.items() if value},
    )  # fmt: skip


def _say(conn: sa.Connection, settings: Settings, entry: Entry, by: str, how: str, step: str) -> None:
    audit(
        conn, "decision", entry.subject, actor=by, reason=how, scope=settings.area,
        details={"request": entry.request_id, "step": step},
    )  # fmt: skip
