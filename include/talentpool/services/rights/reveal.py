"""Show one person's values in plain to an officer who says why: within their scope, so many a day, on record.

The connection must be the officer's: the pages' login in the name of a user, or a database login of the officer's own.
Who that is and which roles they have is what the database says. Show the values after the transaction is committed:
until then the look is not on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from talentpool.area import current_counties
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import (
    PERSONAL_FIELDS,
    KeyRing,
    Personal,
    audit,
    audit_apart,
    open_every_version,
    open_personal,
    record_id,
)
from talentpool.guard.personal import Opener, sealed_with_salt
from talentpool.guard.scope import scope_of
from talentpool.model import audit_log, audit_waiting, quarantine, source_record
from talentpool.office_day import office_midnight
from talentpool.services.rights.subject import Subject, find
from talentpool.settings import Settings
from talentpool.texts.redact import redact

LEAST_NOTE = 4
REASONS = {
    "contact": "联系本人（慰问、通知）",
    "correction": "核对更正信息",
    "withdrawal": "办理撤回、删除或查阅",
    "emergency": "紧急情况",
    "review": "复核是否为同一人",
}
REFUSALS = {
    "login": "本次连接不属于您的账号，不能查看明文。",
    "role": "您的角色不能查看个人信息。",
    "scope": "您的管理范围内没有此人。",
    "limit": "今日查看明文的次数已用完，请明日再查。",
}
"""Codes of RefusedError as an officer reads them."""


@dataclass(frozen=True)
class _Viewer:
    """Who asks to see somebody, and the counties under which that is logged."""

    actor: str
    area: str


def reveal(
    conn: sa.Connection,
    keys: KeyRing,
    settings: Settings,
    asked: str,
    *,
    actor: str,
    roles: frozenset[str],
    reason: str,
    note: str,
    record: UUID | None = None,
) -> Personal:
    """The values of `asked` (person id, or partner:staff_no) as the newest record the session sees has them, or as one
    `record` of that person has them.

    UsageError for a reason that is not in REASONS or a note that says nothing; RefusedError, on record whatever
    becomes of this transaction, where the actor may not (REFUSALS).
    """
    _check_words(reason, note)
    who = _viewer(conn, settings, _Viewer(actor, settings.area), roles, _named(keys, asked))
    try:
        subject = find(conn, keys, asked)
    except UsageError as unknown:
        # of another county, or of nobody: the answer is the same, and so is the line in the log
        raise _refused(conn, who, "scope", _named(keys, asked), str(unknown)) from None
    if record is not None and record not in subject.records:
        raise _refused(conn, who, "scope", subject.name, "that record is not, or no longer, this person's")
    _take_one(conn, settings, subject, who)
    found = _newest(conn, keys, subject if record is None else Subject(subject.person, (record,)))
    shown = [name for name in PERSONAL_FIELDS if getattr(found, name)]
    of = {"record": str(record)} if record is not None else {}
    audit(
        conn, "reveal", subject.name, actor=actor, reason=f"{reason}: {redact(note.strip())}", scope=who.area,
        details={"fields": shown} | of,
    )  # fmt: skip
    return found


def reveal_set_aside(
    conn: sa.Connection,
    keys: KeyRing,
    settings: Settings,
    place: tuple[int, int],
    *,
    actor: str,
    roles: frozenset[str],
    reason: str,
    note: str,
) -> Personal:
    """The values of one row that was set aside, by (delivery, row): counted and on record as a person's are.

    Raises what reveal() raises.
    """
    _check_words(reason, note)
    aside = quarantine
    at = (aside.c.delivery_id == place[0], aside.c.row_no == place[1])
    record: UUID | None = conn.scalar(sa.select(aside.c.record_id).where(*at).limit(1))
    named = f"record:{record}" if record else f"delivery:{place[0]}"
    who = _viewer(conn, settings, _Viewer(actor, settings.area), roles, named)
    if record is None:
        raise _refused(conn, who, "scope", named, "no such row is set aside")
    _take_one(conn, settings, Subject(None, (record,)), who)
    row = conn.execute(sealed_with_salt(aside).where(*at).limit(1)).one_or_none()
    if row is None:
        raise UsageError("this row was erased; nothing can be shown any more")
    found = Opener(keys).open(row)
    shown = [name for name in PERSONAL_FIELDS if getattr(found, name)]
    audit(
        conn, "reveal", named, actor=actor, reason=f"{reason}: {redact(note.strip())}", scope=who.area,
        details={"fields": shown, "delivery": place[0], "row": place[1]},
    )  # fmt: skip
    return found


def _check_words(reason: str, note: str) -> None:
    if reason not in REASONS:
        raise UsageError(f"the reason must be one of {', '.join(REASONS)}")
    if len(note.strip()) < LEAST_NOTE:
        raise UsageError("the note must say what the values are needed for, without personal data")


def _viewer(conn: sa.Connection, settings: Settings, who: _Viewer, roles: frozenset[str], named: str) -> _Viewer:
    """Who asks, with the counties of the roles that the database knows of; RefusedError for whoever sees nobody."""
    held = _roles_of(conn, who, roles, named)
    scope = scope_of(who.actor, held, current_counties(conn, settings.area))
    viewer = _Viewer(who.actor, ",".join(scope.counties or ()) or settings.area)
    if not scope.city and not scope.counties:
        raise _refused(conn, viewer, "role", named, f"{who.actor} has no role that shows people in plain")
    return viewer


def _roles_of(conn: sa.Connection, who: _Viewer, roles: frozenset[str], named: str) -> frozenset[str]:
    """The roles that the database knows of too; RefusedError where it knows the session as somebody else or nobody."""
    known = conn.execute(sa.text("select scope_actor() as actor, scope_roles() as roles")).one()
    if known.actor != who.actor:
        message = "a reveal needs a database login of the officer's own; this one belongs to another, or to no officer"
        raise _refused(conn, replace(who, actor=known.actor or who.actor), "login", named, message)
    return roles & frozenset(known.roles)


def _take_one(conn: sa.Connection, settings: Settings, subject: Subject, who: _Viewer) -> None:
    """One of the day's reveals. Counted under a lock: of two sessions at once only one takes the last."""
    conn.execute(sa.select(sa.func.reveal_turn()))
    # what an officer's own login wrote may wait to be chained; in one statement a row stands in one of the two
    counts = (
        sa.select(sa.func.count())
        .where(log.c.actor == who.actor, log.c.action == "reveal", log.c.at >= office_midnight())
        .scalar_subquery()
        for log in (audit_log, audit_waiting)
    )
    if (conn.scalar(sa.select(sum(counts, start=sa.literal(0)))) or 0) >= settings.reveals_per_day:
        message = (
            f"{who.actor} has seen {settings.reveals_per_day} people in plain today; the next day brings as many again"
        )
        raise _refused(conn, who, "limit", subject.name, message)


def _newest(conn: sa.Connection, keys: KeyRing, subject: Subject) -> Personal:
    """Field by field what the newest record says that says anything; of somebody set aside, what was set aside."""
    order = sa.select(source_record.c.record_id).where(source_record.c.record_id.in_(subject.records))
    ids: Sequence[UUID] = conn.scalars(
        order.order_by(source_record.c.valid_from.desc(), source_record.c.record_id)
    ).all()
    opened = open_personal(conn, keys, ids)
    versions = [opened[one] for one in ids if one in opened]
    if not versions:
        versions = [person for _, person in open_every_version(conn, keys, subject.records)]
    if not versions:
        raise UsageError("this person was erased; nothing can be shown any more")
    return Personal(
        *(next((value for one in versions if (value := getattr(one, name))), "") for name in PERSONAL_FIELDS)
    )


def _named(keys: KeyRing, asked: str) -> str:
    """What was asked for by opaque id: a staff number is a person's and stays out of the log."""
    try:
        return f"person:{UUID(asked)}"
    except ValueError:
        partner, _, staff_no = asked.partition(":")
        return f"record:{record_id(keys, partner, staff_no)}"


def _refused(conn: sa.Connection, who: _Viewer, code: str, subject: str, message: str) -> RefusedError:
    audit_apart(
        conn, "refused", subject, actor=who.actor, reason=f"reveal: {code}", scope=who.area, details={"why": code}
    )
    return RefusedError(code, message)
