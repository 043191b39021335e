"""Carry out a request: an erasure or a copy, in an order that can go on after a killed run.

Withdraw: no lawful basis, no row. Use stopped when the request was registered (registering.py); once the identity is
verified and a second person has confirmed it, everything of them is erased, on every roster they are on, and they stay on
the suppression list. Erase: the same without the suppression list, for those who have left. What a partner is told of
either: nothing (docs/adr/0021), unless who withdraws wants in writing that a partner be told to stop.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.acquire import let_go
from talentpool.campaigns.forgetting import (
    Forgotten,
    forget_in_lists,
    forget_left_in_lists,
    rewrite_files,
    unlink_exports,
)
from talentpool.deliveries import holds
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import KeyRing, audit
from talentpool.guard.duties import check_duty, two_people
from talentpool.guard.sealing import lock_workbook
from talentpool.locks import GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK, hold
from talentpool.match import match, match_within, neighbours
from talentpool.model import person_request, record_person, upload
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.rights import journal, use
from talentpool.services.rights.account import read_account
from talentpool.services.rights.copies import as_pdf
from talentpool.services.rights.forget import forget
from talentpool.services.rights.journal import ERASES, RETENTION, Entry, close_request, note, pending
from talentpool.services.rights.registering import ON_RECORD, check_left
from talentpool.services.rights.set_aside import partners_of, with_set_aside
from talentpool.services.rights.subject import Subject, find
from talentpool.services.rights.suppressing import ask_to_stop, suppress
from talentpool.settings import Settings

UNVERIFIED = "request {} waits for the identity of who asks; `talentpool request identity` puts it on record"


@dataclass(frozen=True)
class Answered:
    """A request that was carried out: ids, counts and dates. `lists_flagged`: locked lists that named the person.

    `call_back`: exports whose sheets name the person, and with whom they are: the office asks for them back.
    """

    request_id: int
    kind: str
    subject: str
    due_on: str
    records: int
    erased: dict[str, int] = field(default_factory=dict)
    landed_files: int = 0
    lists_cut: list[int] = field(default_factory=list)
    lists_flagged: list[int] = field(default_factory=list)
    call_back: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def confirm(office: Office, number: int, *, by: str) -> Answered | Entry:
    """The second person's word: an erasure is carried out, a copy on paper may be handed out. Said again of an erasure that a
    killed run left half done, it finishes that.

    Raises:
        UsageError: there is nothing to confirm, or the identity is not verified.
        ConflictError: the person was split since the request was registered: nobody can say which of them asked.
        RefusedError: the one who registered it (code `same_person`), or whose role does not go with it (`role`); a legal hold
            keeps the person (`hold`): use has stopped, the erasure waits for the end of the hold.
    """
    with office.engine.connect() as conn:
        check_duty(conn, by, "confirm an erasure")
        half_done = number in {row.request_id for row in pending(conn)}
    finish_pending(office)
    if half_done:
        return _finish(office, number)
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK)
        check_duty(conn, by, "confirm an erasure")
        entry = journal.entry(conn, number, lock=True)
        if not entry.needs_second or entry.state in ("done", "revoked", "confirmed"):
            raise UsageError(f"request {number} does not wait for a second person")
        if entry.state == "registered":
            raise UsageError(UNVERIFIED.format(number))
        two_people([entry.decided_by], by, f"registered request {number}")
        if entry.kind in ERASES:
            _check_whole(conn, office.keys, entry)
            _check_hold(conn, office, entry)
        journal.take_step(conn, number, "confirmed", by=by)
        audit(
            conn, "approval", entry.subject, actor=by, reason=entry.reason, scope=office.settings.area,
            details={"request": number, "step": "confirmed"},
        )  # fmt: skip
        if entry.kind in ERASES:
            _erase(conn, office.keys, office.settings, entry, by)
    return _finish(office, number) if entry.kind in ERASES else entry


@dataclass(frozen=True, repr=False)
class Copy:
    """A person's copy: a PDF to print, or a workbook that opens with the password alone."""

    request_id: int
    suffix: str
    content: bytes


def hand_over(office: Office, number: int, *, by: str, password: str = "") -> Copy:
    """The copy that was asked for, made and closed in one transaction: on paper once confirmed, else under `password`.

    UsageError while the identity is not verified or the second person has not confirmed a copy in plain.
    """
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        check_duty(conn, by, "hand out a copy")
        entry = journal.entry(conn, number, lock=True)
        if entry.kind != "access" or entry.state in ("done", "revoked"):
            raise UsageError(f"request {number} asks for no copy, or it was handed out or revoked")
        if not entry.took("identity"):
            raise UsageError(UNVERIFIED.format(number))
        if entry.on_paper and entry.state != "confirmed":
            raise UsageError(f"a second person must confirm request {number} first, because paper is not encrypted")
        subject, aside = with_set_aside(conn, office.keys, _subject(conn, office.keys, entry))
        read = read_account(conn, office.keys, office.settings, subject, aside, by=by, reason=entry.reason)
        content = as_pdf(read) if entry.on_paper else lock_workbook(read.workbook(), password)
        journal.take_step(conn, number, "handed_over", by=by)
        close_request(conn, number, {"records": len(subject.records), "encrypted": not entry.on_paper})
        audit(
            conn, "access", subject.name, actor=by, reason=entry.reason, scope=office.settings.area,
            details={"request": number, "records": len(subject.records), "encrypted": not entry.on_paper},
        )  # fmt: skip
    return Copy(number, ".pdf" if entry.on_paper else ".xlsx", content)


def finish_pending(office: Office) -> None:
    """Finish what a killed run, or a restored backup, left open."""
    with office.engine.connect() as conn:
        numbers = [row.request_id for row in pending(conn)]
        due = use.sheets_due(conn)
    for number in numbers:
        _finish(office, number)
    for number in set(due) - set(numbers):
        use.see_to_files(office, number)


def _subject(conn: sa.Connection, keys: KeyRing, entry: Entry) -> Subject:
    """Whom a request is about, as the pool has them today."""
    kind, _, name = entry.subject.partition(":")
    records = conn.scalar(sa.select(person_request.c.records).where(person_request.c.request_id == entry.request_id))
    if kind != "person":
        return Subject(None, tuple(records or ()))
    try:
        today = find(conn, keys, name)
    except UsageError:  # nobody has the id: the records are all there is
        return Subject(UUID(name), tuple(records or ()))
    return today


def _check_whole(conn: sa.Connection, keys: KeyRing, entry: Entry) -> None:
    records = conn.scalar(sa.select(person_request.c.records).where(person_request.c.request_id == entry.request_id))
    apart = set(records or ()) - set(_subject(conn, keys, entry).records)
    if conn.scalar(sa.select(sa.exists().where(record_person.c.record_id.in_(apart)))):
        raise ConflictError(
            f"the person was split since request {entry.request_id} was registered; revoke it and register anew, by number"
        )


def _check_hold(conn: sa.Connection, office: Office, entry: Entry) -> None:
    holds.settle(conn)
    records = _subject(conn, office.keys, entry).records
    if holds.keeps(conn, today_in_office(office.settings), records):
        raise RefusedError("hold", f"a legal hold keeps the person of request {entry.request_id}; end it first")


def _erase(conn: sa.Connection, keys: KeyRing, settings: Settings, entry: Entry, by: str) -> None:
    """Everything in the pool; what lies outside is seen to by _finish."""
    before = set(
        conn.scalar(sa.select(person_request.c.records).where(person_request.c.request_id == entry.request_id)) or ()
    )
    subject, _ = with_set_aside(conn, keys, _subject(conn, keys, entry))
    if entry.kind == "erase":
        check_left(conn, subject)
    elif set(subject.records) - before or not entry.proof.get("withdrawal"):
        suppress(conn, keys, subject, entry.received_on)  # records that came to the person since
    tell = entry.proof.get("tell")
    told = ask_to_stop(conn, subject, tell or None, entry.received_on) if tell is not None else 0
    partners = partners_of(conn, subject)
    near = neighbours(conn, subject.records)
    gone = forget(conn, subject.person, subject.records, subject.aside)
    match_within(conn, keys, around=near, by="erasure")  # what they had in common with others is another now
    conn.execute(
        person_request.update()
        .where(person_request.c.request_id == entry.request_id)
        .values(records=list(subject.records), subject=subject.name)
    )
    note(conn, entry.request_id, entry.proof | {"erased": gone, "partners": partners, "aside": subject.aside})
    audit(
        conn, ON_RECORD[entry.kind], subject.name, actor=by, reason=entry.reason, scope=settings.area,
        details={"request": entry.request_id, "records": len(subject.records)} | ({"stop_notices": told} if told else {}),
    )  # fmt: skip


def _finish(office: Office, number: int) -> Answered:
    """Outside the pool: lists, their files, landed rosters. May be done again by whoever finds it undone."""
    with office.engine.begin() as conn:
        request = conn.execute(sa.select(person_request).where(person_request.c.request_id == number)).one()
        found = _off_lists(conn, request)
        lists = {
            name: sorted({*request.proof.get(f"lists_{name}", []), *ids})
            for name, ids in (("cut", found.cut), ("flagged", found.flagged))
        }
        left = [*request.proof.get("provisions", []), *found.provisions]
        proof = request.proof | {f"lists_{name}": ids for name, ids in lists.items()} | {"provisions": left}
        note(conn, number, proof | {"sheets_due": False})
        held = holds.in_force(conn, today_in_office(office.settings))
    if holds.SHEETS not in held.kinds:
        rewrite_files(office, lists["flagged"], found.stale, by=request.decided_by)
    if holds.EXPORTS not in held.kinds:
        unlink_exports(left)
    partners = request.proof.get("partners", [])
    landed = let_go(office.engine, partners, today_in_office(office.settings)) if partners else 0
    with office.engine.begin() as conn:
        conn.execute(upload.delete().where(upload.c.partner.in_(partners), ~held.of_upload()))
        close_request(conn, number, {"landed_files": landed})
    return Answered(
        number, request.kind, request.subject, request.due_on.isoformat(), len(request.records),
        request.proof.get("erased", {}), landed, lists["cut"], lists["flagged"],
        call_back=[{key: one[key] for key in ("export", "recipient", "name", "list")} for one in left],
    )  # fmt: skip


def _off_lists(conn: sa.Connection, request: sa.Row) -> Forgotten:
    """Take whom a request is about off every list."""
    if request.kind == RETENTION:
        people = [UUID(one) for one in request.proof["people"]]
        return forget_left_in_lists(conn, people, request.records)
    kind, _, person = request.subject.partition(":")
    return forget_in_lists(conn, UUID(person), request.records) if kind == "person" else Forgotten()
