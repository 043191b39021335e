"""Count the days from the release of a list to the hand-out, by county: the first, the one in the middle, the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.office_day import OFFICE_ZONE

HAND_OUT_DAYS = """
with s as (select distinct on (row_id) row_id, county, outcome, on_day from receipt_row where list_id = :list
    order by row_id, case when correction then entry_id end desc nulls last,
    array_position(array['full','part','refused','left','none','unknown'], outcome), delivered desc, on_day nulls last),
out as (select county, min(day) as day from (
    select unnest(p.counties) as county, p.made_on as day from provision p where p.list_id = :list and p.state = 'made'
    union all select split_part(f.recipient, ':', 2), (f.made_at at time zone 'OFFICE_ZONE')::date from list_file f
    where f.list_id = :list and f.recipient like 'county:%') as left_house group by county)
select s.county, out.day, count(*), min(s.on_day), percentile_disc(0.5) within group (order by s.on_day), max(s.on_day)
from s join out using (county) where s.outcome in ('full', 'part') and s.on_day is not null
group by s.county, out.day order by s.county
""".strip().replace("OFFICE_ZONE", OFFICE_ZONE)
"""Of rows whose receipt says a day; a county whose sheets never left has none."""


@dataclass(frozen=True)
class HandOut:
    """A county's hand-out. `released`: the day on which its sheets left first; `dated`: people whose receipt says a day; `first`,
    `middle`, `last`: days from the release on, negative where it was handed out before."""

    county: str
    released: date
    dated: int
    first: int
    middle: int
    last: int


def hand_out_days(conn: sa.Connection, list_id: int) -> list[HandOut]:
    """By county code."""
    return [
        HandOut(county, released, dated, (first - released).days, (middle - released).days, (last - released).days)
        for county, released, dated, first, middle, last in conn.execute(
            sa.text(HAND_OUT_DAYS.replace("::date", "\\:\\:date")), {"list": list_id}
        )
    ]
