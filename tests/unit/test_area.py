"""Areas: a province, a prefecture, one county; names that repeat; who has officers of their own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from talentpool.area import contains, counties, county_names, level, shipped, unambiguous
from talentpool.conform.values.divisions import Divisions
from talentpool.demo import write_demo_data
from talentpool.settings import INCLUDE

REFERENCE = INCLUDE / "reference"


@pytest.mark.parametrize(
    ("area", "of", "many", "example", "not_inside"),
    [
        ("140000", "province", 117, "140107", "130102"),
        ("140400", "prefecture", 12, "140403", "140502"),
        ("141000", "prefecture", 17, "141002", "141102"),
        ("140107", "county", 1, "140107", "140105"),
    ],
)
def test_an_area_holds_its_counties(area: str, of: str, many: int, example: str, not_inside: str) -> None:
    found = counties(REFERENCE, area)
    assert level(area) == of
    assert len(found) == many
    assert example in found
    assert contains(area, example)
    assert not contains(area, not_inside)


def test_names_of_a_province_repeat_and_are_told_apart_with_their_prefecture(engine: sa.Engine) -> None:
    current = [county for county in shipped(REFERENCE) if county.current]
    assert Counter(county.name for county in current)["城区"] == 2
    named = unambiguous(current)
    assert (named["140302"], named["140502"], named["140107"]) == ("阳泉市城区", "晋城市城区", "杏花岭区")
    assert len(set(named.values())) == 117
    with engine.connect() as conn:
        assert county_names(conn, "140000")["140502"] == "晋城市城区"
        assert county_names(conn, "140500")["140502"] == "城区"


@pytest.mark.parametrize(
    ("area", "cell", "status", "county"),
    [
        ("140000", "城区", "unknown", None),
        ("140000", "晋城市城区", "ok", "140502"),
        ("140000", "山西省阳泉市城区", "ok", "140302"),
        ("140000", "140302", "ok", "140302"),
        ("140500", "城区", "ok", "140502"),
        ("140107", "太原市杏花岭区", "ok", "140107"),
        ("140107", "太原市小店区", "outside", None),
        ("140000", "太原市小店区", "ok", "140105"),
        ("140000", "河北省石家庄市长安区", "unknown", None),
    ],
)
def test_a_cell_is_placed_by_the_area(engine: sa.Engine, area: str, cell: str, status: str, county: str | None) -> None:
    with engine.connect() as conn:
        placed = Divisions(conn, area).place(cell)
    assert (placed.status, placed.county) == (status, county)


@pytest.mark.parametrize("area", ["140107", "140000", "140500"])
def test_the_synthetic_rosters_of_an_area_place_their_people_there(
    engine: sa.Engine, area: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALENTPOOL_AREA", area)
    made = write_demo_data(tmp_path, people=600, months=1)
    with engine.connect() as conn:
        divisions = Divisions(conn, area)
    found: Counter[str] = Counter()
    for file in made.files:
        lines = (file.path.parent / "template.csv").read_text(encoding="utf-8-sig").splitlines()
        at = lines[0].split(",").index("工作区县")
        found.update(divisions.place(line.split(",")[at]).status for line in lines[1:])
    assert found["ok"] > 0.97 * found.total()
    assert found["unknown"] + found["outside"] <= 0.01 * found.total()
