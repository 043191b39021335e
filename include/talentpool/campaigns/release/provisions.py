"""Record exports of personal data: requested, approved by a second person where large, made, kept three years."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.lists import Stored
from talentpool.campaigns.release.plans import Plan
from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty, two_people
from talentpool.model import notice, provision, target_list

FIELDS = ("name", "sex", "partner", "station", "mobile (masked)")
YEARS_KEPT = 3


def legal_basis(conn: sa.Connection, purpose: str) -> str:
    """On what a provision rests. UsageError when no notice names the purpose any more."""
    versions = conn.scalars(sa.select(notice.c.version).where(notice.c.purpose == purpose).order_by(notice.c.version))
    named = ", ".join(versions)
    if not named:
        raise UsageError(f"no notice covers the purpose {purpose} (any more); its lists may not be exported")
    return f"consent; notice {named} names {purpose}"


def ask(conn: sa.Connection, stored: Stored, one: Plan, *, by: str, today: date, use_days: int) -> int:
    """Write down that `by` wants to make this provision; its number. One that is asked for already is the same one."""
    waiting = conn.scalar(_of(stored, one, by).where(provision.c.state == "asked"))
    if waiting is not None:
        return int(waiting)
    row = {
        "list_id": stored.list_id, "state": "asked", "recipient": one.code, "recipient_facts": one.facts,
        "counties": list(one.counties), "purpose": stored.passport["purpose"],
        "legal_basis": legal_basis(conn, stored.passport["purpose"]), "fields": list(FIELDS), "people": one.people,
        "content_hash": stored.content_hash, "made_by": by, **dates(today, use_days),
    }  # fmt: skip
    return int(conn.execute(provision.insert().values(row).returning(provision.c.export_id)).scalar_one())


def approved(conn: sa.Connection, stored: Stored, one: Plan, by: str) -> int | None:
    """The number of an approved provision that is still to be made, for the same recipient and key."""
    return conn.scalar(_of(stored, one, by).where(provision.c.state == "approved").with_for_update())


def _of(stored: Stored, one: Plan, by: str) -> sa.Select:
    return (
        sa.select(provision.c.export_id)
        .where(
            provision.c.list_id == stored.list_id,
            provision.c.recipient == one.code,
            provision.c.recipient_facts == sa.cast(one.facts, provision.c.recipient_facts.type),
            provision.c.counties == list(one.counties),
            provision.c.made_by == by,
        )
        .order_by(provision.c.export_id)
        .limit(1)
    )


def dates(today: date, use_days: int) -> dict[str, date]:
    """Made on, to be used until, kept until."""
    # 29 February plus three years is the day after the last of February
    later = today.replace(year=today.year + YEARS_KEPT) if (today.month, today.day) != (2, 29) else None
    kept = later or date(today.year + YEARS_KEPT, 3, 1)
    return {"made_on": today, "use_until": today + timedelta(days=use_days), "keep_until": kept}


def approve_export(engine: sa.Engine, export_id: int, by: str) -> dict[str, Any]:
    """A second person approves. UsageError when there is nothing to approve, RefusedError when it is the same person."""
    by = by.strip()
    if not by:
        raise UsageError("an approval must name who approves")
    with engine.begin() as conn:
        row = conn.execute(
            sa.select(provision).where(provision.c.export_id == export_id).with_for_update()
        ).one_or_none()
        if row is None:
            raise UsageError(f"there is no export {export_id}; see `talentpool export list`")
        if row.state != "asked":
            raise UsageError(f"export {export_id} is {row.state}; it does not wait for an approval")
        two_people({row.made_by}, by, f"asked for export {export_id}")
        check_duty(conn, by, "approve an export")
        conn.execute(
            provision.update().where(provision.c.export_id == export_id).values(state="approved", approved_by=by)
        )
        audit(
            conn, "approval", f"export:{export_id}", actor=by, scope=",".join(row.counties),
            details={"list": row.list_id, "recipient": row.recipient, "people": row.people},
        )  # fmt: skip
    return {"export": export_id, "approved_by": by, "asked_by": row.made_by, "people": row.people}


def exports(conn: sa.Connection, today: date, *, list_id: int | None = None) -> list[dict[str, Any]]:
    """Every provision, newest first; `expired`: its sheets must not be used any more; `void`: nor must a void list's."""
    void = (target_list.c.state == "void").label("void")
    query = (
        sa.select(provision, void)
        .join(target_list, target_list.c.list_id == provision.c.list_id)
        .order_by(provision.c.export_id.desc())
    )
    if list_id is not None:
        query = query.where(provision.c.list_id == list_id)
    return [
        {**row, "expired": row["state"] == "made" and row["use_until"] < today}
        for row in conn.execute(query).mappings()
    ]
