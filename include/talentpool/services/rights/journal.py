"""Keep requests on record: when each came, its deadline, who registered it, its steps, the proof in counts.

What was erased is here by record id, so that a restored backup can be made to forget again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.errors import RefusedError, UsageError
from talentpool.model import person_request, request_step
from talentpool.services.rights.subject import Subject

ANSWER_DAYS = 15
"""The office's own promise; the law says "in good time" (PIPL 50)."""
ERASES = ("withdraw", "erase")
"""Kinds that end with an erasure, which a second person confirms."""
RETENTION = "retention"
"""The kind of those whose term was over (services/retention/people.py): nobody asked, so no page of requests shows them."""
IDENTITY = {
    "in_person": "当面核对身份证件",
    "written": "书面申请，已核对所附身份证件",
    "called_back": "拨打名册中的号码核对",
}
REVOKED = {"mistake": "登记错误，不是本人的申请", "own_wish": "本人书面收回申请"}


@dataclass(frozen=True)
class Step:
    """What was done about a request after it was registered. `how`: a code of IDENTITY or REVOKED, with words."""

    step: str
    taken_by: str
    how: str
    made_at: datetime


@dataclass(frozen=True)
class Entry:
    """A request with its steps. `counties`: where the person's records are; None of an older request."""

    request_id: int
    kind: str
    subject: str
    purpose: str | None
    on_paper: bool | None
    counties: tuple[str, ...] | None
    received_on: date
    due_on: date
    decided_by: str
    reason: str
    proof: dict[str, Any]
    done_at: datetime | None
    made_at: datetime
    steps: tuple[Step, ...] = ()

    def took(self, step: str) -> Step | None:
        return next((one for one in self.steps if one.step == step), None)

    @property
    def state(self) -> str:
        """revoked, done, confirmed, verified or registered."""
        if self.took("revoked"):
            return "revoked"
        if self.done_at is not None:
            return "done"
        if self.took("confirmed"):
            return "confirmed"
        return "verified" if self.took("identity") else "registered"

    @property
    def needs_second(self) -> bool:
        """Whether a second person confirms it: an erasure, or a copy in plain."""
        return self.kind in ERASES or (self.kind == "access" and bool(self.on_paper))

    def is_late(self, today: date) -> bool:
        """Still open after the day by which it was to be answered."""
        return self.done_at is None and self.due_on < today


_FIELDS = [person_request.c[name] for name in Entry.__dataclass_fields__ if name != "steps"]


def due_on(received_on: date) -> date:
    """The day by which a request is answered."""
    return received_on + timedelta(days=ANSWER_DAYS)


@dataclass(frozen=True)
class Asked:
    """What a person asks, since when, and who writes it down and why.

    `on_paper`: of a copy alone, in which form; `identity`: of IDENTITY where it was verified on the spot.
    """

    kind: str
    received_on: date
    by: str
    reason: str
    purpose: str | None = None
    on_paper: bool | None = None
    identity: str = ""


def open_request(conn: sa.Connection, asked: Asked, subject: Subject, counties: Collection[str] = ()) -> int:
    """Write a request down; returns its number."""
    row = {
        "kind": asked.kind,
        "subject": subject.name,
        "records": list(subject.records),
        "received_on": asked.received_on,
        "due_on": due_on(asked.received_on),
        "decided_by": asked.by,
        "reason": asked.reason,
        "counties": sorted(counties),
        "purpose": asked.purpose,
        "on_paper": asked.on_paper,
    }
    return int(conn.execute(person_request.insert().values(row).returning(person_request.c.request_id)).scalar_one())


def take_step(conn: sa.Connection, request_id: int, step: str, *, by: str, how: str = "") -> None:
    """Put a step down."""
    conn.execute(request_step.insert().values(request_id=request_id, step=step, taken_by=by, how=how))


def close_request(conn: sa.Connection, request_id: int, proof: dict[str, Any]) -> None:
    """It is done; `proof` adds to what is on record."""
    conn.execute(
        person_request.update()
        .where(person_request.c.request_id == request_id)
        .values(done_at=sa.func.now(), proof=person_request.c.proof.concat(sa.cast(proof, person_request.c.proof.type)))
    )


def note(conn: sa.Connection, request_id: int, proof: dict[str, Any]) -> None:
    """What has been done so far."""
    conn.execute(person_request.update().where(person_request.c.request_id == request_id).values(proof=proof))


def pending(conn: sa.Connection) -> Sequence[sa.Row]:
    """Confirmed erasures, and those of a term that was over, of which something is still to be done (a killed run left them),
    oldest first."""
    confirmed = sa.exists().where(
        request_step.c.request_id == person_request.c.request_id, request_step.c.step == "confirmed"
    )
    query = sa.select(person_request).where(
        person_request.c.done_at.is_(None), person_request.c.kind.in_((*ERASES, RETENTION)), confirmed
    )
    return conn.execute(query.order_by(person_request.c.request_id)).all()


def entries(conn: sa.Connection, counties: Collection[str] | None, *, limit: int | None = None) -> list[Entry]:
    """Requests with their steps, the open ones first, each newest first: of people of these counties (None = everybody)."""
    closed = person_request.c.done_at.is_not(None)
    asked = person_request.c.kind != RETENTION
    query = sa.select(*_FIELDS).where(asked).order_by(closed, person_request.c.request_id.desc()).limit(limit)
    return _with_steps(conn, conn.execute(_within(query, counties)).all())


def entry(
    conn: sa.Connection, request_id: int, counties: Collection[str] | None = None, *, lock: bool = False
) -> Entry:
    """One request. UsageError when there is none; RefusedError (code `scope`) when it is about another county's person."""
    asked = person_request.c.kind != RETENTION
    query = sa.select(*_FIELDS).where(person_request.c.request_id == request_id, asked)
    if lock:
        query = query.with_for_update()
    found = _with_steps(conn, conn.execute(query).all())
    if not found:
        raise UsageError(f"there is no request {request_id}; `talentpool request list` shows all requests")
    if counties is not None and not set(found[0].counties or ()) & set(counties):
        raise RefusedError("scope", "the request is about a person of another county; ask the city")
    return found[0]


def open_entry(conn: sa.Connection, kind: str, subject: str, purpose: str | None) -> Entry | None:
    """The open request of this kind about this person; of an opt-out the one that holds."""
    holds: sa.ColumnElement[bool] = person_request.c.done_at.is_(None)
    if kind == "opt_out":
        revoked = sa.exists().where(
            request_step.c.request_id == person_request.c.request_id, request_step.c.step == "revoked"
        )
        holds = sa.and_(~revoked, person_request.c.purpose == purpose)
    query = sa.select(*_FIELDS).where(person_request.c.kind == kind, person_request.c.subject == subject, holds)
    found = _with_steps(conn, conn.execute(query.order_by(person_request.c.request_id)).all())
    return found[0] if found else None


def _within(query: sa.Select, counties: Collection[str] | None) -> sa.Select:
    if counties is None:
        return query
    return query.where(person_request.c.counties.op("&&")(sa.cast(list(counties), ARRAY(sa.Text))))


def _with_steps(conn: sa.Connection, rows: Sequence[sa.Row]) -> list[Entry]:
    steps: dict[int, list[Step]] = {row.request_id: [] for row in rows}
    taken = sa.select(request_step).where(request_step.c.request_id.in_(steps)).order_by(request_step.c.step_id)
    for one in conn.execute(taken):
        steps[one.request_id].append(Step(one.step, one.taken_by, one.how, one.made_at))
    return [
        Entry(**(dict(row._mapping) | {"counties": None if row.counties is None else tuple(row.counties)}),
              steps=tuple(steps[row.request_id]))
        for row in rows
    ]  # fmt: skip
