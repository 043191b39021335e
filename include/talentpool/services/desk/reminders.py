"""Make the sheet by which stations are reminded of their receipts: counts, and whom to call. Nobody of a list stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from talentpool.acquire import load_partner
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.standing import tally
from talentpool.errors import DeclarationError
from talentpool.guard.export import Column, Sheet, inert, workbook
from talentpool.model import station
from talentpool.settings import Settings

COLUMNS = (
    Column("区县", 12), Column("单位", 16), Column("站点", 26), Column("名单人数", 10), Column("没有回执", 10),
    Column("站点负责人", 18), Column("单位联系方式", 34), Column("催收情况", 24),
)  # fmt: skip


def reminders(
    conn: sa.Connection, settings: Settings, stored: Stored, counties: Mapping[str, str], today: date
) -> tuple[bytes, int]:
    """The workbook, and how many stations are on it; of the rows and stations that the connection sees."""
    lacking = {key: one for key, one in tally(conn, stored.list_id, "county", "partner", "station").items() if one.open}
    of = station.c
    heads = {(row.county, row.partner, row.name): row.head or "" for row in conn.execute(
        sa.select(of.county, of.partner, of.name, of.head).where(of.county.in_({key[0] for key in lacking})))}  # fmt: skip
    partners = {code: _partner(settings, code) for code in sorted({key[1] for key in lacking})}
    rows = [
        (
            counties.get(county, county) or "未注明", partners[partner][0], inert(name) or "未注明站点", one.people, one.open,
            inert(heads.get((county, partner, name), "")), partners[partner][1], "",
        )
        for (county, partner, name), one in lacking.items()
    ]  # fmt: skip
    title = f"{stored.passport['name']}：{len(rows)} 个站点还有没有交回的回执"
    subtitle = f"名单 {stored.list_id}，截至 {today}。只有人数和联系方式，不含名单上的人；用后删除"
    return workbook([Sheet("催收", title, subtitle, COLUMNS, rows, landscape=True)], title=title, made_on=today), len(
        rows
    )


def _partner(settings: Settings, code: str) -> tuple[str, str]:
    """A partner's name, and how its office is reached; its code where the declaration cannot be read."""
    try:
        found = load_partner(settings.partner_dirs, code)
    except DeclarationError:
        return code, ""
    contact = found.contact
    return found.name, inert(
        " ".join(part for part in (contact.unit, contact.role, contact.phone, contact.email) if part)
    )
