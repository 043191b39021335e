"""Play the officers for whom a list waits: pairs of two document numbers under one name are put off, for now, and it is
approved by every county and the city."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.campaigns import Approver, decide
from talentpool.model import list_step
from talentpool.office import Office
from talentpool.office_day import today_in_office

BY, NOTE = "city_officer", "演示：已请合作企业核对证件号，核实前暂缓"


def put_off_urgent(office: Office) -> int:
    """How many pairs were put off, without which no list that holds both people would be locked."""
    from talentpool.review import judge, pending

    count = 0
    while True:
        with office.engine.begin() as conn:
            urgent = [pair["pair_id"] for pair in pending(conn, office.keys) if pair["urgent"]]
        if not urgent:
            return count
        for pair_id in urgent:
            judge(office, pair_id, "unsure", by=BY, note=NOTE)
            count += 1


def approve_open(office: Office) -> int:
    """Play everybody who approves: each county its share, then the city. How many approvals were given."""
    today, count = today_in_office(office.settings), 0
    with office.engine.connect() as conn:
        waiting = sa.select(list_step.c.list_id, list_step.c.number, list_step.c.role, list_step.c.county).where(
            list_step.c.approved_by.is_(None)
        )
        found = conn.execute(waiting.order_by(list_step.c.list_id, list_step.c.number)).all()
    for step in found:
        role = f"{step.role}_{step.county}" if step.county else step.role
        name = role.replace("county_officer", "county")
        decide(office, step.list_id, Approver(name, frozenset({role})), today=today, county=step.county)
        count += 1
    return count
