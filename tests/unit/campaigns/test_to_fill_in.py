"""What came of a row is filled in after the sheet has left: columns that are empty, and take nothing else than they name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw
from talentpool.declare import Campaign
from talentpool.guard import KeyRing
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
TO_FILL = ["签收", "结果", "数量", "领取日期", "备注"]


@pytest.mark.parametrize("of", ["_潞州区.xlsx", "_东街站.xlsx"])
def test_what_is_filled_in_later_leaves_empty_and_takes_nothing_else(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path, of: str
) -> None:
    """A drop-down, a whole number up to what a row is entitled to, a day: in every row, under the words of 说明."""
    for name in ("欧阳试一", "司马试二", "诸葛试三"):
        city.person(name)
    files = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=tmp_path).files
    book = openpyxl.load_workbook(next(file for file in files if file.endswith(of)))
    tab = book["名单"]
    place = {cell.value: cell.column_letter for cell in tab[3]}
    assert list(place)[-5:] == TO_FILL
    assert tab.max_row == 6
    rules = {str(rule.sqref): rule for rule in tab.data_validations.dataValidation}
    outcome, count, day = (rules[f"{place[name]}4:{place[name]}6"] for name in ("结果", "数量", "领取日期"))
    assert all(rule.showErrorMessage and rule.allowBlank for rule in rules.values())
    assert {tab[f"{place[name]}{row}"].value for name in TO_FILL[1:4] for row in (4, 5, 6)} == {None}
    assert (outcome.type, outcome.formula1) == ("list", '"已领,部分领取,未领,拒领,已离职,不详"')
    assert (count.type, count.operator, count.formula1, count.formula2) == ("whole", None, "0", "1")
    assert (day.type, day.operator) == ("date", "greaterThanOrEqual")
    assert date(1899, 12, 30).toordinal() + int(day.formula1) == AS_OF.toordinal()
    assert tab[f"{place['数量']}4"].number_format == "0" and tab[f"{place['领取日期']}4"].number_format == "yyyy-mm-dd"
    facts = {str(row[0].value): str(row[1].value) for row in book["说明"].iter_rows(min_row=4)}
    assert facts["“结果”列"].startswith("从下拉列表中选一项：已领、部分领取")
    assert "0 至 1" in facts["“数量”列"] and "2026-12-20" in facts["“领取日期”列"]
    assert f"名单编号 {facts['名单编号']}　校验值 {facts['名单校验值'][:12]}" in str(tab["A2"].value)
