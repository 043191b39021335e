"""Count the days from the release of a list to the hand-out, by county: the first, the one in the middle, the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.campaigns.receipts.standing import strongest_text
from talentpool.office_day import OFFICE_ZONE

ROADS = {
    "exported": """provision p where p.list_id = t.list_id and p.state = 'made' and t.county = any(p.counties)
    and (p.recipient_facts -> 'station' is null
        or (p.recipient_facts ->> 'partner', p.recipient_facts ->> 'station') = (t.partner, t.station))""",
    "in_plain": "list_file f where f.list_id = t.list_id and f.recipient = 'county:' || t.county",
    "on_a_phone": """handout_event e join handout_pass a using (event_id)
    where e.list_id = t.list_id and e.county = t.county
    and (a.partner is null or (a.partner, a.station) = (t.partner, t.station))""",
}
"""How a row `t` of a list leaves: by an export to its county or station, a file of a demo, a code to hand out by."""
HAND_OUT_DAYS = """
with s as (select distinct on (row_id) row_id, outcome, on_day from receipt_row where list_id = :list
    order by row_id, {strongest}),
out as (select t.row_id, t.county, least((select min(p.made_on) from {exported}),
    (select min((f.made_at at time zone 'OFFICE_ZONE')::date) from {in_plain}),
    (select min((a.made_at at time zone 'OFFICE_ZONE')::date) from {on_a_phone})) as day
    from target_row t where t.list_id = :list and t.selected)
select out.county, min(out.day), count(*), min(s.on_day - out.day),
    percentile_disc(0.5) within group (order by s.on_day - out.day), max(s.on_day - out.day)
from s join out using (row_id) where s.outcome in ('full', 'part') and s.on_day is not null and out.day is not null
group by out.county order by out.county
""".strip()
HAND_OUT_DAYS = HAND_OUT_DAYS.replace("{strongest}", strongest_text())
for _road, _rows in ROADS.items():
    HAND_OUT_DAYS = HAND_OUT_DAYS.replace(f"{{{_road}}}", _rows)
HAND_OUT_DAYS = HAND_OUT_DAYS.replace("OFFICE_ZONE", OFFICE_ZONE)
"""Of rows that left on a day and whose receipt says another; a county of which nothing left has none."""


@dataclass(frozen=True)
class HandOut:
    """A county's hand-out. `released`: the day on which something of it left first; `dated`: people whose receipt says a day;
    `first`, `middle`, `last`: days since their own row left, negative where it was handed out before."""

    county: str
    released: date
    dated: int
    first: int
    middle: int
    last: int


def hand_out_days(conn: sa.Connection, list_id: int) -> list[HandOut]:
    """By county code."""
    return [
        HandOut(*row) for row in conn.execute(sa.text(HAND_OUT_DAYS.replace("::date", "\\:\\:date")), {"list": list_id})
    ]
