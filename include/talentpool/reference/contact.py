"""Find whom people turn to for corrections and withdrawal: the nearest office in the table of contacts."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.area import division_name, level, prefecture
from talentpool.model import contact


def contact_for(conn: sa.Connection, area: str, county: str | None = None) -> str:
    """As printed: the office and how it is reached.

    The county's own contact comes before its prefecture's and the one of the deployment's area. With none in the table
    it is the League committee of the county, or of the area, by its name alone.
    """
    places = [code for code in (county, prefecture(county) if county else None, area) if code]
    rows = conn.execute(sa.select(contact).where(contact.c.area.in_(places)))
    known = {row.area: f"{row.office}（{row.reach}）" for row in rows}
    return next((known[code] for code in places if code in known), _committee(conn, county or area))


def _committee(conn: sa.Connection, code: str) -> str:
    name = division_name(conn, code)
    if level(code) == "county":
        name = division_name(conn, prefecture(code)) + name
    return f"共青团{name}委员会"
