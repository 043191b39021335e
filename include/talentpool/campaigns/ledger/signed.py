"""Tell who answers for how many of what was handed out: county and station by the receipts that stand, and who brought those."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.campaigns.receipts.standing import strongest_text

SIGNED = sa.text(
    "with s as (select distinct on (r.list_id, r.row_id) r.list_id, r.row_id, r.receipt_id, r.delivered, r.on_day"
    " from receipt_row r join target_list l on l.list_id = r.list_id and l.campaign = :campaign and l.cycle = :cycle"
    " order by r.list_id, r.row_id, {strongest})"
    " select coalesce(t.county, '') as county, t.partner, t.station, count(*) as people,"
    " cast(sum(s.delivered) as bigint) as number,"
    " max(s.on_day) as last_day, array_agg(distinct b.received_by) filter (where b.received_by is not null) as brought_by"
    " from s join target_row t on t.list_id = s.list_id and t.row_id = s.row_id and t.selected"
    " left join receipt b on b.receipt_id = s.receipt_id where s.delivered > 0"
    " group by 1, 2, 3 order by 1, 2, 3".replace("{strongest}", strongest_text("r."))
)


@dataclass(frozen=True)
class Signed:
    """Of a station: how many people received how many, by when as far as sheets say, and which officers brought the receipts
    that say so (of those that the session may see)."""

    county: str
    partner: str
    station: str
    people: int
    number: int
    last_day: date | None
    brought_by: list[str]


def signed(conn: sa.Connection, campaign: str, cycle: str) -> list[Signed]:
    """A line for each station of the round at which something was received, of the rows that the session sees."""
    found = conn.execute(SIGNED, {"campaign": campaign, "cycle": cycle})
    return [
        Signed(row.county, row.partner, row.station, row.people, int(row.number), row.last_day,
               [name.removeprefix("login:") for name in row.brought_by or []])
        for row in found
    ]  # fmt: skip
