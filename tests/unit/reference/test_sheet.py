"""Files in and out: a dry run first, all rows or none, the same table back, and nothing a spreadsheet would execute."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reference_cli import KEY, SIGNED, Run
from rosters import Office, person

HOLIDAYS_2027 = """date,kind,name
2027-01-01,holiday,元旦
2027-02-06,holiday,春节
2027/2/7,holiday,春节
20270220,adjusted workday,春节
"""


@pytest.fixture
def holidays(tmp_path: Path) -> Path:
    path = tmp_path / "holidays_2027.csv"
    path.write_text(HOLIDAYS_2027, encoding="utf-8-sig")
    return path


def _file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_next_years_holidays_come_in_beside_this_years(run: Run, office: Office, holidays: Path) -> None:
    seeded = office.one("select count(*) from holiday")
    code, dry = run("import", "holiday", holidays, *SIGNED)
    assert (code, dry["applied"], dry["added"], dry["changed"], dry["removed"]) == (0, False, 4, 0, 0)
    assert [row["key"] for row in dry["rows"]] == [["2027-01-01"], ["2027-02-06"], ["2027-02-07"], ["2027-02-20"]]
    assert office.one("select count(*) from holiday") == seeded
    assert office.ask("select * from reference_change") == []

    code, done = run("import", "holiday", holidays, *SIGNED, "--apply")
    assert (code, done["applied"], done["version"], done["rows"]) == (0, True, 1, dry["rows"])
    assert office.one("select count(*) from holiday") == seeded + 4
    assert {c["version"] for c in run("history", "holiday")[1]["changes"]} == {1}, "one import, one version"
    assert run("import", "holiday", holidays, *SIGNED, "--apply")[1]["applied"] is False


@pytest.mark.parametrize("table", ["division", "occupation", "holiday", "notice", "station"])
def test_what_is_exported_comes_back_as_the_same_table(run: Run, office: Office, tmp_path: Path, table: str) -> None:
    office.deliver("2026-01-31", [person(1), person(2, station="-2号站"), person(3, station="'三站")])
    key = ("partner=didi", "county=140403", "name=太行站")
    run("set", "station", *key, "head=测试站长", f"recipient_key={KEY}", *SIGNED)
    out = tmp_path / "table.csv"
    code, said = run("export", table, "--out", out)
    assert (code, said["rows"]) == (0, office.one(f"select count(*) from {table}"))
    code, done = run("import", table, out, "--replace", *SIGNED)
    assert (code, done["added"], done["changed"], done["removed"]) == (0, 0, 0, 0), done["rows"][:3]
    cells = [cell for line in csv.reader(out.open(encoding="utf-8-sig", newline="")) for cell in line]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


def test_replacing_removes_what_the_file_lacks(run: Run, office: Office, holidays: Path) -> None:
    seeded = office.one("select count(*) from holiday")
    _, done = run("import", "holiday", holidays, "--replace", "--apply", *SIGNED)
    assert (done["added"], done["removed"]) == (4, seeded)
    assert office.one("select count(*) from holiday") == 4


def test_a_county_is_renamed_in_one_file(run: Run, office: Office, tmp_path: Path) -> None:
    office.deliver("2026-01-31", [person(1, county="潞州区")])
    renamed = _file(
        tmp_path / "renamed.csv",
        "code,name,level,parent_code,status,from_year,to_year,successor_code\n"
        "140403,潞州区,county,140400,abolished,2018,2026,140403\n"
        "140403,上党新区,county,140400,current,2027,,\n",
        "gb18030",
    )
    code, done = run("import", "division", renamed, "--apply", *SIGNED)
    assert (code, done.get("added"), done.get("changed")) == (0, 1, 1), done
    second = office.deliver("2026-02-28", [person(1, county="潞州区"), person(2, county="上党新区")])
    assert (second.accepted, second.notes["division_mapped"]) == (2, 1)
    assert office.ask("select distinct county from source_record") == [("140403",)]


def test_words_may_change_places_in_one_file(run: Run, office: Office, tmp_path: Path) -> None:
    swapped = _file(tmp_path / "swap.csv", "code,name\ncourier,外卖骑手\nfood_rider,快递员\n")
    assert run("import", "occupation", swapped, "--apply", *SIGNED)[0] == 0
    assert office.one("select name from occupation where code = 'courier'") == "外卖骑手"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("date,kind,name\n", "has a header and no row"),
        (
            "date,weekday,kind,name\n2027-01-01,5,holiday,x\n",
            "line 1: holiday has no column weekday; valid columns: date",
        ),
        ("kind,name\nholiday,x\n", "line 1: column date is missing"),
        ("date,kind,kind,name\n", "line 1: a column occurs twice"),
        ("date,kind,name\n2027-01-01,holiday,x\n2027-13-01,holiday,x\n", "bad.csv, line 3: column date"),
        ("date,kind,name\n2027-01-01,feast,x\n", "bad.csv, line 2: column kind: Input should be 'holiday' or"),
        ("date,kind,name\n2027-01-01,holiday\n", "line 2: 2 cells under 3 columns"),
        ("date,kind,name\n,holiday,x\n", "line 2: column date is empty"),
        ("date,kind,name\n2027-01-01,holiday,x\n2027/1/1,holiday,y\n", "line 3: the key 2027-01-01 occurs twice"),
        ('date,kind,name\n2027-01-01,holiday,"x\n', "not a CSV line"),
    ],
)
def test_a_bad_file_is_refused_whole_with_its_line(
    run: Run, office: Office, tmp_path: Path, text: str, says: str
) -> None:
    code, done = run("import", "holiday", _file(tmp_path / "bad.csv", text), "--apply", *SIGNED)
    assert (code, says in done["error"]) == (2, True), done
    assert office.one("select count(*) from holiday where date > '2026-12-31'") == 0
    assert office.ask("select * from reference_change") == []


def test_bytes_of_no_encoding_are_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b"date,kind,name\n2027-01-01,holiday,\xff\xff\n")
    code, done = run("import", "holiday", path, *SIGNED)
    assert (code, "neither UTF-8 nor GB18030" in done["error"]) == (2, True)
