"""Whose consent ended: the office's listing, and its word that the consent counts after all.

A suspension is confirmed by `withdraw`, which erases; it is lifted here where the partner was in error, with a reason on
record. The listing names record ids and staff numbers, and no value of a person.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.guard import KeyRing, audit, record_id
from talentpool.load import GLOBAL_LOCK
from talentpool.locks import hold
from talentpool.model import consent_end, delivery, source_record
from talentpool.settings import Settings

CAUSES = {
    "missing": "no valid date of consent or version of the notice",
    "withdrawn": "the partner reports a withdrawal",
}


def suspended(conn: sa.Connection, partner: str | None = None) -> list[dict[str, Any]]:
    """Who waits for the office, those first who wait longest."""
    end, live = consent_end, source_record
    query = (
        sa.select(end.c.partner, live.c.staff_no, end.c.record_id, end.c.as_of, end.c.cause, live.c.status,
                  end.c.delivery_id)
        .join(live, sa.and_(live.c.partner == end.c.partner, live.c.record_id == end.c.record_id))
        .where(end.c.lifted_on.is_(None))
        .order_by(end.c.as_of, end.c.partner, live.c.staff_no)
    )  # fmt: skip
    if partner is not None:
        query = query.where(end.c.partner == partner)
    return [
        {"partner": row.partner, "staff_no": row.staff_no, "record_id": str(row.record_id), "since": row.as_of.isoformat(),
         "cause": row.cause, "status": row.status, "delivery_id": row.delivery_id}
        for row in conn.execute(query)
    ]  # fmt: skip


def resume(engine: sa.Engine, keys: KeyRing, settings: Settings, asked: str, *, by: str, reason: str) -> dict[str, Any]:
    """The consent of `asked` (partner:staff_no) counts again from the partner's newest roster on."""
    if not by.strip() or not reason.strip():
        raise UsageError("a decision says who decided (--by) and why (--reason)")
    partner, colon, staff_no = asked.partition(":")
    if not colon or not partner or not staff_no:
        raise UsageError("name <partner>:<staff number>; `talentpool consent list` shows who is suspended")
    record = record_id(keys, partner, staff_no)
    end, live = consent_end, source_record
    newest = sa.select(sa.func.max(delivery.c.as_of)).where(
        delivery.c.partner == partner, delivery.c.state == "published", delivery.c.effect == "live"
    )
    with engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        lifted = conn.execute(
            end.update()
            .values(lifted_on=newest.scalar_subquery(), lifted_by=by)
            .where(end.c.partner == partner, end.c.record_id == record, end.c.lifted_on.is_(None))
            .returning(end.c.as_of, end.c.cause)
        ).all()
        if not lifted:
            raise UsageError("nobody is suspended under that staff number; `talentpool consent list` shows who is")
        conn.execute(
            live.update()
            .values(status=sa.case((live.c.missing_count > 0, "suspected"), else_="active"))
            .where(live.c.partner == partner, live.c.record_id == record, live.c.status == "suspended")
        )
        audit(
            conn, "decision", f"record:{record}", actor=by, reason=reason, scope=settings.area,
            details={"consent": "counts again", "ended": [row.as_of.isoformat() for row in lifted]},
        )  # fmt: skip
    return {"partner": partner, "record_id": str(record), "lifted": len(lifted)}
