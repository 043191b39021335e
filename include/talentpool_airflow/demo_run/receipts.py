"""Play what comes back of a locked list: station heads fill in the sheets, counties register them, the city closes the list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from simulators.station import fill_in
from talentpool.campaigns import Approver
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.receipts.taking import take
from talentpool.model import list_file, target_list
from talentpool.office import Office
from talentpool.office_day import today_in_office


@dataclass(frozen=True)
class Back:
    """What came back. `faults`: code -> lines that were given back and mended by the station."""

    list_id: int
    sheets: int = 0
    taken: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def told(self) -> str:
        wrong = self.faults.total()
        return (
            f"回执：名单 {self.list_id} 的 {self.sheets} 张表由模拟的站点负责人填好交回，登记 {self.taken:,} 行；"
            f"其中 {wrong:,} 行先标出退回、改正后再交。名单已办结，见“名单 > 发放情况与回执登记”"
        )


def play_receipts(office: Office, campaign: str, folder: Path) -> Back | None:
    """Every county's sheet of the campaign's newest locked list, then the end of it; None where nothing is left to do."""
    of, files = target_list.c, list_file.c
    with office.engine.connect() as conn:
        newest = sa.select(of.list_id, of.state).where(of.campaign == campaign, of.state.in_(FROZEN))
        found = conn.execute(newest.order_by(of.list_id.desc()).limit(1)).one_or_none()
        if found is None or found.state == ListState.CLOSED:
            return None
        sheets = sa.select(files.name, files.recipient).where(files.list_id == found.list_id)
        every = conn.execute(
            sheets.where(files.recipient.like("county:%"), files.name.like("%.xlsx")).order_by(files.name)
        ).all()
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
    close(office, found.list_id, Approver("city_officer", frozenset({"city_officer"})), reason="演示：回执已收齐")
    return Back(found.list_id, len(every), taken, faults)
