"""The flow is not of one city: one county, where the two levels are one, and the whole province with its 117."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from approvals import unapproved_folder
from talentpool.__main__ import cli
from talentpool.area import counties
from talentpool.database import connect
from talentpool.pool import city_counts, county_counts
from talentpool.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = {"postal", "sf", "meituan", "didi"}
AS_OF = "2026-10-31"
CODE = sorted(
    path
    for top in ("include", "dags", "plugins")
    for kind in ("py", "sql", "html", "css", "typ")
    for path in (ROOT / top).rglob(f"*.{kind}")
)


@dataclass
class Ran:
    """What a deployment said and wrote."""

    settings: Settings
    ingested: dict[str, dict[str, Any]]
    matched: dict[str, Any]
    drawn: dict[str, Any]
    page: str

    @property
    def sheets(self) -> list[str]:
        return sorted(Path(name).name for name in self.drawn["files"])


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., Ran]:
    def talentpool(*words: str | Path) -> dict[str, Any]:
        capsys.readouterr()
        cli([str(word) for word in words], standalone_mode=False)
        return dict(json.loads(capsys.readouterr().out))

    def play(area: str, people: int) -> Ran:
        monkeypatch.setenv("TALENTPOOL_AREA", area)
        monkeypatch.setenv("TALENTPOOL_CAMPAIGNS", str(unapproved_folder(settings, tmp_path / "campaigns")))
        made = talentpool("demo-data", "--people", str(people), "--months", "1", "--out", tmp_path / "demo")
        files = {file["partner"]: file for file in made["files"]}
        ingested = {
            code: talentpool("ingest", code, "--file", file["path"], "--as-of", AS_OF, "--kind", file["kind"])
            for code, file in files.items()
        }
        matched = talentpool("match")
        lists = tmp_path / "lists"
        drawn = talentpool("target", "warm_winter", "--as-of", AS_OF, "--lock", "--out", lists)
        talentpool("report", "quality", "--as-of", AS_OF, "--out", tmp_path / "quality.html")
        page = (tmp_path / "quality.html").read_text(encoding="utf-8")
        return Ran(Settings(), ingested, matched, drawn, page)

    return play


def homes(settings: Settings) -> list[str]:
    engine = connect(settings)
    with engine.connect() as conn:
        found = list(conn.scalars(sa.text("select distinct home_county from pool_person where active order by 1")))
    engine.dispose()
    return found


def check_flow(ran: Ran, people: int) -> None:
    assert set(ran.ingested) == PARTNERS
    assert {(one["status"], one["effect"]) for one in ran.ingested.values()} == {("published", "live")}
    assert all(one["accepted"] > one["rows"] * 0.9 > 0 for one in ran.ingested.values())
    assert people * 0.9 < ran.matched["persons"] < people * 1.2
    assert ran.drawn["state"] == "locked"
    assert ran.drawn["selected"] > 0
    assert ran.drawn["selected"] + sum(ran.drawn["excluded"].values()) == ran.matched["persons"]


def test_in_one_county_the_two_levels_are_one(run: Callable[..., Ran]) -> None:
    ran = run("140107", 200)
    check_flow(ran, 200)
    assert set(homes(ran.settings)) <= {"140107", None}
    of_counties = [name for name in ran.sheets if name.endswith("_杏花岭区.xlsx")]
    assert of_counties == [f"warm_winter_2026_{AS_OF}_140107_杏花岭区.xlsx"]
    assert len(ran.sheets) > 1
    assert "杏花岭区青年人才库" in ran.page
    for twice in ("各区县人数", "按服务区县", "按工作区县", "各市人数", "市级"):
        assert twice not in ran.page
    assert "按合作单位" in ran.page
    engine = connect(ran.settings)
    with engine.connect() as conn:
        snapshot = conn.scalar(sa.text("select max(snapshot_id) from pool_snapshot"))
        city, county = city_counts(conn, snapshot), county_counts(conn, snapshot, "140107")
    engine.dispose()
    assert city.overlap == 0
    assert city.people == county.seen == county.served > 0


@pytest.mark.slow
def test_in_the_province_counties_of_one_name_are_told_apart(run: Callable[..., Ran]) -> None:
    ran = run("140000", 700)
    check_flow(ran, 700)
    found = {county for county in homes(ran.settings) if county}
    assert len(found) > 90
    assert found <= set(counties(ran.settings.reference, "140000"))
    assert {"140302", "140502"} <= found  # 城区 of 阳泉 and of 晋城
    assert [name for name in ran.sheets if "140302_阳泉市城区" in name]
    assert [name for name in ran.sheets if "140502_晋城市城区" in name]
    assert "山西省青年人才库" in ran.page
    assert "各市人数" in ran.page
    assert "省级内部使用" in ran.page
    assert re.search(r"<details><summary>1?\d\d 行，点开查看", ran.page)
    heights = [float(height) for height in re.findall(r'<svg role="img"[^>]*? height="([\d.]+)"', ran.page)]
    assert heights
    assert max(heights) < 900  # by prefecture, not one bar for each of 117 counties


def test_there_is_code_to_search() -> None:
    assert len(CODE) > 100
    assert {path.suffix for path in CODE} >= {".py", ".sql", ".html"}


DEFAULT_AREA = 'area: str = Field(default="140400"'


def test_no_code_names_one_city() -> None:
    """Except for the default of TALENTPOOL_AREA. Declarations and tables are data and may."""
    city = re.compile(r"长治|(?<!\d)1404\d\d(?!\d)|changzhi", re.IGNORECASE)
    code = {path: path.read_text(encoding="utf-8").replace(DEFAULT_AREA, "") for path in CODE}
    assert city.search("140403")
    assert [path for path, text in code.items() if city.search(text)] == []
