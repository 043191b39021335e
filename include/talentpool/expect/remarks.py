"""Count what is odd and harmless in a staged delivery: it is said, and nothing is set aside for it."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.deliveries.publications import corrects_a_row
from talentpool.expect.growth import at_new_stations
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import source_record, staging_table


def count_remarks(conn: sa.Connection, case: UnderAudit) -> dict[str, int]:
    """Rows by code: consent dated before the first day of work; a station where the partner had nobody before; a mobile that
    more people of the delivery have than the partner's bound allows (a dormitory, a test number): it says little of who
    somebody is; an as-of date that is no day of which the partner reports."""
    staged = staging_table(case.delivery_id)
    before_hire = sa.select(sa.func.count()).where(staged.c.consented_on < staged.c.hired_on)
    people = sa.func.count()
    live = source_record.c  # a row that did not change is staged without its numbers
    mobile = sa.func.coalesce(staged.c.mobile_index, live.mobile_index)
    same = sa.and_(live.partner == case.partner.code, live.record_id == staged.c.record_id, sa.not_(staged.c.changed))
    shared = (
        sa.select(people.label("people"))
        .select_from(staged.outerjoin(source_record, same))
        .where(mobile.is_not(None))
        .group_by(mobile)
        .having(people > case.partner.bounds.mobile_shared_max)
        .subquery("shared")
    )
    found = {
        "as_of_unusual": _is_roster(case) and not case.partner.cadence.speaks_of(case.facts.as_of),
        "consent_before_hire": conn.scalar(before_hire),
        "station_new": at_new_stations(conn, case),
        "mobile_shared": conn.scalar(sa.select(sa.func.coalesce(sa.func.sum(shared.c.people), 0))),
    }
    return {code: int(rows) for code, rows in found.items() if rows}


def _is_roster(case: UnderAudit) -> bool:
    """Not the rows of an officer, who sends them on whatever day they are known."""
    return case.facts.sent_counties is None and not corrects_a_row(case.facts)
