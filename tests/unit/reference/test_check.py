"""`reference check`: silent on the seed, and one finding for each thing that is not as it must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_cli import SIGNED, Run
from rosters import Office, person


def _codes(done: dict) -> list[tuple[str, str]]:
    return [(finding["table"], finding["code"]) for finding in done["findings"]]


def test_the_seed_is_sound(run: Run) -> None:
    code, done = run("check", "--on", "2026-10-31")
    assert (code, done["findings"]) == (0, [])


def test_campaigns_that_no_notice_covers_are_listed_until_the_office_publishes_one(run: Run) -> None:
    waiting = {"mid_autumn", "spring_festival", "traffic_safety", "courier_letter"}
    assert set(run("check", "--on", "2026-10-31")[1]["not_yet_lawful"]) == waiting
    run("set", "notice", "version=v2", "purpose=mid_autumn", "published_on=2026-10-01", *SIGNED)
    code, done = run("check", "--on", "2026-10-31")
    assert (code, set(done["not_yet_lawful"])) == (0, waiting - {"mid_autumn"})


@pytest.mark.parametrize(
    ("day", "missing"),
    [("2026-10-31", []), ("2026-11-01", ["2027"]), ("2026-12-31", ["2027"]), ("2027-01-01", ["2027"])],
)
def test_next_years_holidays_are_asked_for_from_november_on(run: Run, day: str, missing: list[str]) -> None:
    code, done = run("check", "--on", day)
    assert [f["key"][0] for f in done["findings"] if f["code"] == "year_missing"] == missing
    assert code == (3 if missing else 0)


def test_holidays_that_are_there_are_not_asked_for(run: Run) -> None:
    run("set", "holiday", "date=2027-01-01", "kind=holiday", "name=元旦", *SIGNED)
    assert run("check", "--on", "2026-11-24")[0] == 0


def test_stations_of_an_abolished_county_are_named_with_where_they_belong(run: Run, office: Office) -> None:
    office.deliver("2026-01-31", [person(1, county="沁县", station="沁州站")])
    run("set", "division", "code=140430", "name=沁县", "status=abolished", "successor_code=140431", *SIGNED)
    code, done = run("check", "--on", "2026-10-31")
    assert code == 3
    found = {f["code"]: f for f in done["findings"]}
    assert found.keys() == {"county_not_current", "used_and_abolished"}
    assert found["county_not_current"]["key"] == ["didi", "140430", "沁州站"]
    assert "140431" in found["county_not_current"]["text"]
    assert "1 live records of didi" in found["used_and_abolished"]["text"]

    office.deliver("2026-02-28", [person(1, county="沁县", station="沁州站")])
    run("remove", "station", "didi", "140430", "沁州站", *SIGNED)
    assert run("check", "--on", "2026-10-31")[0] == 0


def test_records_that_say_what_is_gone_are_counted(run: Run, office: Office) -> None:
    office.deliver("2026-01-31", [person(n, county="沁县", occupation="货车司机") for n in (1, 2)])
    with office.engine.begin() as conn:
        conn.exec_driver_sql("delete from division where code = '140430'")
        conn.exec_driver_sql("delete from occupation where code = 'truck_driver'")
        conn.exec_driver_sql("delete from notice where version = 'v1'")
    missing = [f for f in run("check", "--on", "2026-10-31")[1]["findings"] if f["code"] == "used_and_missing"]
    assert [f["key"] for f in missing] == [["140430"], ["truck_driver"], ["v1"]]
    assert all(f["text"].startswith("2 live records of didi") for f in missing)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("update division set successor_code = '149999' where code = '140424'", ("division", "successor_not_current")),
        ("update division set status = 'abolished', successor_code = '140424' where code = '140405'",
         ("division", "successor_cycle")),
        ("update division set parent_code = null where code = '140430'", ("division", "prefecture_missing")),
        ("delete from division where code = '140400'", ("division", "area_missing")),
        ("delete from occupation where code = 'courier'", ("occupation", "default_missing")),
        ("insert into station values ('didi', '', '无县站')", ("station", "county_not_current")),
        ("insert into station values ('gone', '140403', '旧站')", ("station", "partner_unknown")),
    ],
)  # fmt: skip
def test_what_came_in_past_the_command_line_is_found(
    run: Run, office: Office, damage: str, found: tuple[str, str]
) -> None:
    with office.engine.begin() as conn:
        conn.exec_driver_sql(damage)
    code, done = run("check", "--on", "2026-10-31")
    assert code == 3
    assert found in _codes(done)


def test_an_official_export_is_held_against_the_table(run: Run, office: Office, tmp_path: Path) -> None:
    ours = office.ask("select code, name from division where status = 'current' order by code")
    path = tmp_path / "official.csv"

    def publish(rows: list[tuple[str, str]]) -> tuple[int, dict]:
        lines = ["行政区划代码,单位名称", *(f"{code},{name}" for code, name in rows), "150000,内蒙古自治区"]
        path.write_text("\n".join(lines), encoding="gb18030")
        return run("check", "--on", "2026-10-31", "--official", path)

    assert publish(ours)[0] == 0
    changed = [(code, "沁州区" if code == "140430" else name) for code, name in ours if code != "140431"]
    code, done = publish([*changed, ("140499", "新设区")])
    assert code == 3
    assert {(f["code"], f["key"][0]) for f in done["findings"]} == {
        ("official_name", "140430"),
        ("official_gone", "140431"),
        ("official_new", "140499"),
    }


def test_a_file_that_is_no_export_of_the_province_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    for text, says in (("a,b\n1,2\n", "no column of these: code"), ("code,name\n150000,内蒙古\n", "right export"),
                       ("code,name\n14,山西\n", "line 2: a division code has six digits")):  # fmt: skip
        path.write_text(text, encoding="utf-8")
        code, done = run("check", "--official", path)
        assert (code, says in done["error"]) == (2, True), done
