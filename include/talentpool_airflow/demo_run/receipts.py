"""Play what comes back of a locked list: station heads fill in the sheets, counties register them, the city closes the list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from simulators.station import fill_in
from talentpool.campaigns import Approver
from talentpool.campaigns.ledger.accounts import CITY, county_account
from talentpool.campaigns.ledger.balance import Balance, balance, entries
from talentpool.campaigns.ledger.moving import Entry, enter
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.taking import take
from talentpool.model import list_file, target_list, target_row
from talentpool.office import Office
from talentpool.office_day import today_in_office

CITY_OFFICER = Approver("city_officer", frozenset({"city_officer"}))


@dataclass(frozen=True)
class Back:
    """What came back. `faults`: code -> lines that were given back and mended by the station."""

    list_id: int
    sheets: int = 0
    taken: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    stock: Balance = field(default_factory=Balance)

    def told(self) -> str:
        wrong = self.faults.total()
        return (
            f"回执：名单 {self.list_id} 的 {self.sheets} 张表由模拟的站点负责人填好交回，登记 {self.taken:,} 行；"
            f"其中 {wrong:,} 行先标出退回、改正后再交。名单已办结，见“名单 > 发放情况与回执登记”\n"
            f"物资台账：购入 {self.stock.bought:,}，捐赠 {self.stock.donated:,}，发放 {self.stock.handed:,}，"
            f"损坏、遗失 {self.stock.damaged:,}，结存 {self.stock.left:,}；全部账户合计 {self.stock.total}"
        )


def play_receipts(office: Office, campaign: str, folder: Path) -> Back | None:
    """Every county's sheet of the campaign's newest locked list, then the end of it; None where nothing is left to do."""
    of, files = target_list.c, list_file.c
    with office.engine.connect() as conn:
        newest = sa.select(of.list_id, of.state, of.campaign, of.cycle).where(
            of.campaign == campaign, of.state.in_(FROZEN)
        )
        found = conn.execute(newest.order_by(of.list_id.desc()).limit(1)).one_or_none()
        if found is None or found.state == ListState.CLOSED:
            return None
        sheets = sa.select(files.name, files.recipient).where(files.list_id == found.list_id)
        every = conn.execute(
            sheets.where(files.recipient.like("county:%"), files.name.like("%.xlsx")).order_by(files.name)
        ).all()
    _fill_the_store(office, found.list_id)
    taken, faults, today = 0, Counter[str](), today_in_office(office.settings)
    for name, recipient in every:
        if not (folder / name).is_file():
            continue
        county = recipient.removeprefix("county:")
        who = Approver(f"county_{county}", frozenset({f"county_officer_{county}"}))
        sheet = (folder / name).read_bytes()
        done = take(office, found.list_id, fill_in(sheet), who, name=name, today=today, via="page")
        taken, faults = taken + done.taken, faults + Counter(done.faults)
        if done.sheet is not None:
            again = fill_in(done.sheet, careful=True)
            taken += take(office, found.list_id, again, who, name=name, today=today, via="page").taken
    close(office, found.list_id, CITY_OFFICER, reason="演示：回执已收齐")
    with office.engine.connect() as conn:
        return Back(found.list_id, len(every), taken, faults, balance(conn, found.campaign, found.cycle))


def _fill_the_store(office: Office, list_id: int) -> None:
    """What the list hands out is bought, some of it given, allocated to each county, and one of them arrives broken."""
    row = target_row.c
    query = sa.select(row.county, sa.func.count()).where(row.list_id == list_id, row.selected, row.county.is_not(None))
    with office.engine.connect() as conn:
        stored = find(conn, list_id)
        begun = bool(entries(conn, stored.campaign, stored.cycle))
        counties = [tuple(one) for one in conn.execute(query.group_by(row.county).order_by(row.county))]
    people = sum(number for _, number in counties)
    if begun or not people:  # a run that was broken off bought already
        return
    for entry in (
        Entry("bought", CITY, people, "演示：采购合同"),
        Entry("donated", CITY, len(counties) + 1, "演示：捐赠协议", "演示捐赠方"),
        *(Entry(CITY, county_account(code), number + 1, "演示：拨付单") for code, number in counties),
        Entry(CITY, "damaged", 1, "演示：运输中破损"),
    ):
        enter(office, list_id, entry, CITY_OFFICER)
