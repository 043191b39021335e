"""Withdraw, erase, access: what each does, in an order that a killed run can be picked up from.

Withdraw: no lawful basis, no row. The person is put on the suppression list and everything of them is erased, on every
roster they are on. Erase: the same without the suppression list, for those who have left. What a partner is told of
either: nothing (docs/adr/0021), unless who withdraws wants in writing that a partner be told to stop.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import let_go
from talentpool.errors import UsageError
from talentpool.guard import KeyRing, audit
from talentpool.load import GLOBAL_LOCK
from talentpool.locks import hold
from talentpool.match import MATCH_LOCK, match, match_within, neighbours
from talentpool.model import person_request, source_record, upload
from talentpool.pool import POOL_LOCK
from talentpool.rights.account import write_account
from talentpool.rights.forget import forget
from talentpool.rights.journal import close_request, due_on, note, open_request, pending
from talentpool.rights.set_aside import partners_of, with_set_aside
from talentpool.rights.subject import Subject, find
from talentpool.rights.suppressing import ask_to_stop, suppress
from talentpool.settings import Settings
from talentpool.target.forgetting import Forgotten, forget_in_lists, rewrite_files, unlink_exports


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
    file: str | None = None
    call_back: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def withdraw(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    asked: str,
    *,
    by: str,
    reason: str,
    received_on: date,
    tell_partner: bool = False,
) -> Answered:
    """Suppress and erase the person `asked` (person id or partner:staff_no), whatever rosters name them.

    `tell_partner`: the person wants in writing that the partner asked by, or every one, be told to stop (停止报送).
    """
    return _take_away(
        engine, keys, settings, "withdraw", asked, by=by, reason=reason, received_on=received_on, tell=tell_partner
    )


def erase(
    engine: sa.Engine, keys: KeyRing, settings: Settings, asked: str, *, by: str, reason: str, received_on: date
) -> Answered:
    """Erase a person who has left. UsageError while a roster still names them: it would bring them back next time."""
    return _take_away(engine, keys, settings, "erase", asked, by=by, reason=reason, received_on=received_on)


def access(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    asked: str,
    *,
    by: str,
    reason: str,
    received_on: date,
    out: Path,
    recipient: str | None = None,
) -> Answered:
    """Write everything about one person as a readable workbook, who saw it and why included.

    Plain only under the embedded demo profile; elsewhere encrypted to `recipient` (an age public key).
    """
    if recipient is None and not settings.embedded:
        raise UsageError("a person's file leaves in plain only under the embedded demo profile; name a --recipient")
    finish_pending(engine, keys, settings)
    match(engine, keys)
    with engine.begin() as conn:
        subject, aside = with_set_aside(conn, keys, find(conn, keys, asked))
        number = open_request(conn, "access", subject, by=by, reason=reason, received_on=received_on)
        path = write_account(conn, keys, settings, subject, out, recipient, aside)
        close_request(conn, number, {"records": len(subject.records), "encrypted": recipient is not None})
        audit(
            conn, "access", subject.name, actor=by, reason=reason, scope=settings.area,
            details={"request": number, "records": len(subject.records), "encrypted": recipient is not None},
        )  # fmt: skip
    due = due_on(received_on).isoformat()
    return Answered(number, "access", subject.name, due, len(subject.records), file=str(path))


def _take_away(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    kind: str,
    asked: str,
    *,
    by: str,
    reason: str,
    received_on: date,
    tell: bool = False,
) -> Answered:
    if not by.strip() or not reason.strip():
        raise UsageError("a request says who decided (--by) and why (--reason)")
    finish_pending(engine, keys, settings)
    match(engine, keys)
    with engine.begin() as conn:
        hold(conn, GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK)
        subject, _ = with_set_aside(conn, keys, find(conn, keys, asked))
        if kind == "erase":
            _check_left(conn, subject)
        number = open_request(conn, kind, subject, by=by, reason=reason, received_on=received_on)
        if kind == "withdraw":
            suppress(conn, keys, subject, received_on)
        told = ask_to_stop(conn, subject, asked.partition(":")[0] if ":" in asked else None, received_on) if tell else 0
        partners = partners_of(conn, subject)
        near = neighbours(conn, subject.records)
        gone = forget(conn, subject.person, subject.records, subject.aside)
        match_within(conn, keys, around=near, by="erasure")  # what they had in common with others is another now
        note(conn, number, {"erased": gone, "partners": partners, "aside": subject.aside})
        action = {"withdraw": "withdrawal", "erase": "erasure"}[kind]
        audit(
            conn, action, subject.name, actor=by, reason=reason, scope=settings.area,
            details={"request": number, "records": len(subject.records)} | ({"stop_notices": told} if told else {}),
        )  # fmt: skip
    return _finish(engine, keys, settings, number)


def finish_pending(engine: sa.Engine, keys: KeyRing, settings: Settings) -> None:
    """Finish what a killed run, or a restored backup, left open."""
    with engine.connect() as conn:
        numbers = [row.request_id for row in pending(conn)]
    for number in numbers:
        _finish(engine, keys, settings, number)


def _finish(engine: sa.Engine, keys: KeyRing, settings: Settings, number: int) -> Answered:
    """Outside the pool: lists, their files, landed rosters. May be done again by whoever finds it undone."""
    with engine.begin() as conn:
        request = conn.execute(sa.select(person_request).where(person_request.c.request_id == number)).one()
        kind, _, person = request.subject.partition(":")
        found = forget_in_lists(conn, person) if kind == "person" else Forgotten()
        lists = {
            name: sorted({*request.proof.get(f"lists_{name}", []), *ids})
            for name, ids in (("cut", found.cut), ("flagged", found.flagged))
        }
        left = [*request.proof.get("provisions", []), *found.provisions]
        proof = request.proof | {f"lists_{name}": ids for name, ids in lists.items()} | {"provisions": left}
        note(conn, number, proof)
    rewrite_files(engine, keys, settings, lists["flagged"], found.stale, by=request.decided_by)
    unlink_exports(left)
    landed = let_go(engine, request.proof.get("partners", []))
    with engine.begin() as conn:
        conn.execute(upload.delete().where(upload.c.partner.in_(request.proof.get("partners", []))))
        close_request(conn, number, {"landed_files": landed})
    return Answered(
        number, request.kind, request.subject, request.due_on.isoformat(), len(request.records),
        request.proof.get("erased", {}), landed, lists["cut"], lists["flagged"],
        call_back=[{key: one[key] for key in ("export", "recipient", "name", "list")} for one in left],
    )  # fmt: skip


def _check_left(conn: sa.Connection, subject: Subject) -> None:
    live = source_record
    there = sa.exists().where(live.c.record_id.in_(subject.records), live.c.status != "left")
    if conn.scalar(sa.select(there)):
        raise UsageError(
            "a roster still names this person and would bring them back; `talentpool withdraw` keeps them away for good"
        )
