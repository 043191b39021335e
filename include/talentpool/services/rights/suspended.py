"""List whose consent ended, and record the office's answer that a consent counts after all.

A suspension is confirmed by `withdraw`, which erases; it is lifted here where the partner was in error, with a reason on
record. The listings name record ids (the command line's staff numbers as well), and no value of a person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from talentpool.deliveries.publications import newest_roster
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit, record_id
from talentpool.guard.duties import check_county, check_duty
from talentpool.load.consent import is_open
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.model import consent_end, delivery, source_record
from talentpool.office import Office
from talentpool.texts.redact import redact

CAUSES = {
    "missing": "no valid date of consent or version of the notice",
    "withdrawn": "the partner reports a withdrawal",
}
NOBODY = "nobody is suspended under that staff number; `talentpool consent list` shows who is"


@dataclass(frozen=True)
class Suspension:
    """A record whose consent ended and does not count again, since the delivery that said so first.

    `cause`: of CAUSES, a reported withdrawal before all else; `county`: None where the roster named none;
    `last_roster`: the as-of from which the consent would count again.
    """

    partner: str
    record_id: UUID
    since: date
    cause: str
    status: str
    county: str | None
    delivery_id: int
    kind: str | None
    last_roster: date | None

    @property
    def moment(self) -> str:
        """What an answer is held against: another cause, roster or county makes it another suspension."""
        return f"{self.since}/{self.cause}/{self.delivery_id}/{self.county or ''}/{self.last_roster or ''}"


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


def suspensions(
    conn: sa.Connection, counties: Collection[str] | None, *, record: UUID | None = None, limit: int | None = None
) -> tuple[list[Suspension], int]:
    """Who waits in these counties (None = the whole area), those first who wait longest, and how many there are.

    The readers' policy hides a suspended record from every scoped connection, so the pipeline's asks, and the counties
    are held here. A record without a county is the city's alone.
    """
    end, live = consent_end, source_record
    said = sa.func.array_agg(aggregate_order_by(end.c.delivery_id, end.c.as_of))
    waiting = (
        sa.select(
            end.c.partner,
            end.c.record_id,
            sa.func.min(end.c.as_of).label("since"),
            sa.case((sa.func.bool_or(end.c.cause == "withdrawn"), "withdrawn"), else_="missing").label("cause"),
            live.c.status,
            live.c.county,
            said[1].label("delivery_id"),
        )
        .join(live, sa.and_(live.c.partner == end.c.partner, live.c.record_id == end.c.record_id))
        .where(end.c.lifted_on.is_(None))
        .group_by(end.c.partner, end.c.record_id, live.c.status, live.c.county)
    )
    if counties is not None:
        waiting = waiting.where(live.c.county.in_(list(counties)))
    if record is not None:
        waiting = waiting.where(end.c.record_id == record)
    one = waiting.subquery("waiting")
    query = (
        sa.select(one, delivery.c.kind, newest_roster(one.c.partner).label("last_roster"))
        .outerjoin(delivery, delivery.c.delivery_id == one.c.delivery_id)
        .order_by(one.c.since, one.c.partner, one.c.record_id)
        .limit(limit)
    )
    total = conn.scalar(sa.select(sa.func.count()).select_from(one)) or 0
    return [Suspension(**row) for row in conn.execute(query).mappings()], total


def resume(
    office: Office,
    asked: str,
    *,
    by: str,
    reason: str,
    proof: str = "",
    counties: Collection[str] | None = None,
    seen: str | None = None,
) -> dict[str, Any]:
    """The consent of `asked` (partner:staff_no) counts again from the partner's newest roster on.

    Args:
        proof: the reference of the paper that shows it; stays on record.
        counties: for which `by` may decide, as the door that they came through knows; None = the whole area.
        seen: the Suspension.moment that was looked at.

    Raises:
        UsageError: nobody is suspended under it.
        ConflictError: it is another suspension than the one `seen`.
        RefusedError: the person is another county's (code `scope`), or the office knows `by` as somebody who does not
            decide this (`role`).
    """
    if not by.strip() or not reason.strip():
        raise UsageError("an answer must name who gave it (--by) and why (--reason)")
    partner, colon, staff_no = asked.partition(":")
    if not colon or not partner or not staff_no:
        raise UsageError("name <partner>:<staff number>; `talentpool consent list` shows who is suspended")
    record = record_id(office.keys, partner, staff_no)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, by, "resume a suspended person")
        found = _only(conn, record)
        if counties is not None and found.county not in counties:
            raise RefusedError("scope", "the person works in another county, or in none that is known; ask the city")
        check_county(conn, by, found.county)
        if seen not in (None, found.moment):
            raise ConflictError("the suspension changed since you looked; look again, then decide")
        ended = _lift(conn, partner, record, by)
        details = {"consent": "counts again", "ended": [day.isoformat() for day in ended]}
        audit(
            conn, "decision", f"record:{record}", actor=by, reason=redact(reason),
            scope=",".join(counties or ()) or office.settings.area,
            details=details | ({"proof": redact(proof)} if proof.strip() else {}),
        )  # fmt: skip
    return {"partner": partner, "record_id": str(record), "lifted": len(ended)}


def _only(conn: sa.Connection, record: UUID) -> Suspension:
    """The suspension of one record; UsageError when it is not suspended."""
    found, _ = suspensions(conn, None, record=record)
    if not found:
        raise UsageError(NOBODY)
    return found[0]


def _lift(conn: sa.Connection, partner: str, record: UUID, by: str) -> list[date]:
    """The record is used again unless something else holds it; returns the days from which its consent had ended."""
    end, live = consent_end, source_record
    ended = conn.scalars(
        end.update()
        .values(lifted_on=newest_roster(partner), lifted_by=by)
        .where(end.c.partner == partner, end.c.record_id == record, end.c.lifted_on.is_(None))
        .returning(end.c.as_of)
    ).all()
    conn.execute(
        live.update()
        .values(status=sa.case((live.c.missing_count > 0, "suspected"), else_="active"))
        .where(
            live.c.partner == partner,
            live.c.record_id == record,
            live.c.status == "suspended",
            ~is_open(live.c.record_id, live.c.partner),  # the person asked us as well
        )
    )
    return list(ended)
