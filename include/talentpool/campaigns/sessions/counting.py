"""Write down how many came: to a slot of a session, or to an event with how many children. Never who."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS, ListState
from talentpool.campaigns.receipts.taking import speaks_for
from talentpool.campaigns.sessions.line import counted
from talentpool.campaigns.sessions.slots import slots_of
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import audit
from talentpool.model import attendance
from talentpool.office import Office
from talentpool.texts.redact import redact

WHAT = {"came": "到场人数", "children": "随行子女人数"}
MOST, LONGEST = 100_000, 200
COUNTED_FORMS = ("session", "event")
"""Forms of campaigns to which people come."""


def count(
    office: Office,
    list_id: int,
    slot: int,
    county: str,
    number: int,
    who: Approver,
    *,
    what: str = "came",
    why: str = "",
) -> None:
    """So many of a county's people came. `slot`: of a session, from 1; 0 of an event. `why`: another count than the first.

    Raises:
        UsageError: no such slot or county, a number that cannot be, children at a session, no reason for another count.
        RefusedError: neither the city's officer nor that county's.
    """
    counties, why = speaks_for(who), redact(why.strip())
    if counties is not None and county not in counties:
        raise RefusedError("scope", f"county {county} is not {who.name}'s")
    if not 0 <= number <= MOST or len(why) > LONGEST or what not in WHAT:
        raise UsageError(f"没有登记：人数应为 0 到 {MOST:,} 的整数，理由不超过 {LONGEST} 字")
    with office.engine.begin() as conn:
        stored = lists.find(conn, list_id)
        lists.serialize(conn, stored.passport["purpose"], stored.cycle)
        stored = lists.find(conn, list_id)
        form, slots = stored.passport.get("form", "kit"), slots_of(stored)
        if form not in COUNTED_FORMS or stored.state not in FROZEN:
            raise UsageError(f"没有登记：名单 {list_id} {STATE_WORDS[stored.state]}；锁定后的场次和集体活动才登记人数")
        if form == "session" and (what == "children" or not 1 <= slot <= len(slots)):
            raise UsageError(f"没有登记：场次号应为 1 到 {len(slots)}；场次活动不登记子女")
        if form == "event" and slot:
            raise UsageError("没有登记：集体活动不分场次")
        if county not in county_names(conn, office.settings.area):
            raise UsageError("没有登记：没有这个区县")
        before = counted(conn, list_id).get((slot, county, what))
        if before == number:
            return
        if (before is not None or stored.state == ListState.CLOSED) and not why:
            raise UsageError("没有登记：此前已登记过，或名单已办结；改数请写明理由")
        conn.execute(
            attendance.insert().values(made_at=sa.func.clock_timestamp()),
            {"list_id": list_id, "slot": slot, "county": county, "what": what, "number": number, "note": why,
             "counted_by": who.name},
        )  # fmt: skip
        audit(conn, "decision", f"list:{list_id}", actor=who.name, reason=why,
              details={"counted": what, "slot": slot, "number": number})  # fmt: skip
