"""Hold a line of a sheet, what may be shown of its person, and the mark of the export that it is on.

A station head reads names and masked mobiles from their own company's roster, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from talentpool.campaigns.selection.rows import Row
from talentpool.conform.values.names import read_name
from talentpool.guard import Personal, mask_mobile
from talentpool.guard.mask import ON_A_LIST

NO_STATION = "（未注明站点）"
ERASED = "（信息已删除）"
"""Also of who asked that they are not used: a station head learns nothing of a withdrawal."""
NO_MOBILE = "无手机"
TWINS = "疑似同一人"
OUTCOMES = ("已领", "部分领取", "未领", "拒领", "已离职", "不详")
"""What may be said of a row when the sheet comes back."""
ENTITLED = 1
"""What a row of a list is entitled to, in pieces of the campaign's item."""


@dataclass(frozen=True)
class Mark:
    """For whom a sheet is made: printed on every page, and told by how neighbours stand (`arrange`)."""

    export_id: int
    recipient: str
    made_on: date
    use_until: date
    arrange: Callable[[list[Line]], list[Line]]


@dataclass(frozen=True, repr=False)
class Line:
    """A row of the list with what may be shown of the person. `twins`: other rows of the county that may be the same one."""

    row: Row
    person: Personal | None
    partner_name: str
    twins: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """As the rules of today read it: a record that was taken in long ago may bear a title still."""
        if self.person is None:
            return ERASED
        return read_name(self.person.name).name or self.person.name

    @property
    def mobile(self) -> str:
        """An empty cell would look like one that somebody forgot to fill in."""
        if self.person is None:
            return ""
        return mask_mobile(self.person.mobile or self.person.mobile2, ON_A_LIST) or NO_MOBILE

    @property
    def is_erased(self) -> bool:
        """Of nobody who is used: the line stays, and nothing is handed out on it."""
        return self.person is None

    def remark(self, shown: Container[UUID]) -> str:
        """Which rows of this sheet may be the same person: a sheet speaks of nobody whom it does not show."""
        others = [row.row_id for row in self.twins if row.person_id in shown]
        return f"{TWINS}：与 {'、'.join(others)} 核对" if others else ""

    @property
    def row_id(self) -> str:
        return self.row.row_id

    @property
    def group(self) -> tuple[str, str]:
        return self.row.partner, self.row.station

    @property
    def handed_out_by(self) -> str:
        return "站点" if self.row.facts["by_station"] else "区县"

    @property
    def order(self) -> tuple[str, bool, bytes, bytes, str]:
        """Company, station, then the name as GB 18030 bytes, which for common characters is the order of pinyin."""
        station = self.row.station
        return (
            self.partner_name,
            not station,
            station.encode("gb18030", "replace"),
            self.name.encode("gb18030", "replace"),
            self.row.row_id,
        )
