"""Editing through the command line: what is refused with which words, what is logged, and that a day can be read back."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from reference_cli import KEY, SIGNED, Run
from rosters import Office, person
from talentpool.errors import UsageError
from talentpool.model import reference_change
from talentpool.reference import TABLES, set_row
from talentpool.settings import Settings


def test_an_edit_is_a_version_with_before_after_and_who(run: Run) -> None:
    code, done = run("set", "occupation", "code=courier", "aliases=快递|跑腿员", *SIGNED)
    assert code == 0, done
    assert (done["version"], done["applied"], done["added"], done["changed"]) == (1, True, 0, 1)
    assert done["rows"][0]["after"] == {"code": "courier", "name": "快递员", "aliases": ["快递", "跑腿员"]}
    _, log = run("history", "occupation", "courier")
    (change,) = log["changes"]
    assert "快递小哥" in change["before"]["aliases"]
    assert change["after"]["aliases"] == ["快递", "跑腿员"]
    assert (change["version"], change["changed_by"], change["reason"]) == (1, "王干事", "民政公告")
    assert run("history", "occupation", "sorter")[1]["changes"] == []


def test_the_same_again_is_no_version(run: Run) -> None:
    run("set", "holiday", "date=2027-01-01", "kind=holiday", "name=元旦", *SIGNED)
    _, again = run("set", "holiday", "date=2027/1/1", "kind=holiday", "name=元旦", *SIGNED)
    assert (again["version"], again["applied"], again["rows"]) == (1, False, [])
    assert len(run("history", "holiday")[1]["changes"]) == 1


def test_a_column_not_named_stays_and_an_empty_one_is_cleared(run: Run) -> None:
    key = ("partner=didi", "county=140403", "name=太行站")
    run("set", "station", *key, "head=测试站长", f"recipient_key={KEY}", *SIGNED)
    _, done = run("set", "station", *key, "head=", *SIGNED)
    assert done["rows"][0]["after"]["head"] is None
    assert done["rows"][0]["after"]["recipient_key"] == KEY


def test_a_row_is_found_however_its_key_is_typed(run: Run) -> None:
    run("set", "station", "partner=didi", "county=140403", "name=太行站", "head=测试站长", *SIGNED)
    _, done = run(
        "set", "station", "partner=ｄｉｄｉ", "county=140403 ", "name= 太行站", f"recipient_key={KEY}", *SIGNED
    )
    assert (done["changed"], done["rows"][0]["after"]["head"]) == (1, "测试站长")
    assert len(run("history", "station", "ｄｉｄｉ")[1]["changes"]) == 2
    assert len(run("show", "holiday", "2026/10/10")[1]["rows"]) == 1
    assert "that is 2 words" in run("show", "holiday", "2026-10-10", "x")[1]["error"]


def test_removed_and_added_again(run: Run) -> None:
    code, done = run("remove", "holiday", "2026-10-10", *SIGNED)
    assert (code, done["removed"]) == (0, 1)
    assert run("show", "holiday", "2026-10-10")[0] == 2
    run("set", "holiday", "date=2026-10-10", "kind=adjusted workday", "name=国庆节", *SIGNED)
    assert [c["version"] for c in run("history", "holiday", "2026-10-10")[1]["changes"]] == [1, 2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("set", "towns", "code=1"), "valid: division, station, occupation, holiday, notice, contact, recipient"),
        (("list", "towns"), "valid: division, station, occupation, holiday, notice, contact, recipient"),
        (("set", "holiday", "date=2027-01-01", "colour=red"), "valid columns: date, kind, name"),
        (("set", "holiday", "date=2027-01-01", "kind=feast", "name=x"), "'holiday' or 'adjusted workday'"),
        (("set", "holiday", "date=1 May", "kind=holiday", "name=x"), "a date is written YYYY-MM-DD"),
        (("set", "holiday", "date=2027-02-30", "kind=holiday", "name=x"), "a date is written YYYY-MM-DD"),
        (("set", "holiday", "kind=holiday"), "missing: date"),
        (("set", "holiday", "date=2027-01-01", "kind=holiday"), "column name is required"),
        (("set", "holiday", "date"), "COLUMN=VALUE"),
        (("set", "division", "code=14", "name=x", "level=county", "status=current"), "column code: valid is six digits"),
        (("set", "division", "code=140421", "name=长治县", "status=gone"), "'current' or 'abolished'"),
        (("set", "division", "code=140421", "name=长治县", "successor_code=149999"), "149999 is not in the table"),
        (("set", "division", "code=140421", "name=长治县", "successor_code=140424"), "140424 is abolished too"),
        (("set", "division", "code=140421", "name=长治县", "successor_code=140421"), "lead back to itself"),
        (
            ("set", "division", "code=140499", "name=新区", "level=county", "status=current"),
            "parent_code is not a current prefecture",
        ),
        (("set", "division", "code=140403", "name=潞州新区", "level=county", "status=current",
          "parent_code=140400"), "current under two names"),
        (("set", "occupation", "code=sorter", "aliases=骑手"), "骑手: is a word of food_rider, sorter"),
        (("set", "station", "partner=nobody", "county=140403", "name=x"), "its partner is not declared; valid: didi"),
        (("set", "station", "partner=didi", "county=140421", "name=x"), "belong to the same station in 140404"),
        (("remove", "holiday", "2031-01-01"), "holiday has no row 2031-01-01"),
        (("remove", "division", "140403"), "identified by code name (2 words)"),
        (("remove", "division", "140403", "潞洲区"), "there is 140403 潞州区"),
        (("remove", "division", "140400", "长治市"), "parent_code is not a current prefecture"),
        (("remove", "occupation", "other"), "it must stay"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_can(run: Run, office: Office, words: tuple[str, ...], says: str) -> None:
    signed = () if words[0] == "list" else SIGNED
    code, done = run(*words, *signed)
    assert (code, says in done["error"]) == (2, True), done
    assert office.ask("select * from reference_change") == []


def test_a_message_holds_no_contact_data(run: Run) -> None:
    key = ("partner=didi", "county=140403", "name=太行站")
    code, done = run("set", "station", *key, "head=司马\x07试", *SIGNED)
    assert code == 2
    assert "司马" not in done["error"]
    code, done = run("set", "station", *key, "head=司马试", "recipient_key=秘密", *SIGNED)
    assert code == 2
    assert "秘密" not in done["error"]
    assert "public key" in done["error"]


def test_a_reason_with_a_mobile_or_an_unsigned_edit_is_refused(run: Run) -> None:
    edit = ("remove", "holiday", "2026-10-10")
    assert "no mobile" in run(*edit, "--by", "王", "--reason", "电话 13912345678 要求")[1]["error"]
    assert run(*edit, "--by", " ", "--reason", "x")[0] == 2
    assert run(*edit, "--reason", "x")[0] == 2


def test_a_table_reads_as_it_stood_on_a_day(run: Run, office: Office) -> None:
    before = run("list", "occupation")[1]["rows"]
    run("set", "occupation", "code=courier", "name=快递小哥员", *SIGNED)
    run("set", "occupation", "code=streamer", "name=网络主播", *SIGNED)
    run("remove", "occupation", "truck_driver", *SIGNED)
    today = office.one("select (max(made_at) at time zone 'Asia/Shanghai')::date from reference_change")
    yesterday = run("list", "occupation", "--at", today - timedelta(days=1))[1]
    assert (yesterday["rows"], yesterday["version"]) == (before, 0)
    now = run("list", "occupation", "--at", today)[1]
    assert now["version"] == 3
    assert now["rows"] == run("list", "occupation")[1]["rows"] != before
    assert run("show", "occupation", "truck_driver", "--at", date(2020, 1, 1))[1]["rows"][0]["name"] == "货车司机"


def test_two_officers_at_once_both_count(office: Office) -> None:
    table, key = TABLES["station"], {"partner": "didi", "county": "140403", "name": "太行站"}
    edits = [{"head": "站长"}, {"recipient_key": KEY}] * 4

    def edit(cells: dict[str, str]) -> None:
        set_row(office, table, {**key, **cells}, by="甲", reason="同时")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(edit, edits))
    assert office.ask("select head, recipient_key from station") == [("站长", KEY)]
    log = office.ask("select version, before, after from reference_change order by version")
    assert [version for version, _, _ in log] == [1, 2]
    assert log[1][1] == log[0][2], "the second saw what the first wrote"


def test_the_log_cannot_be_rewritten(run: Run, office: Office) -> None:
    run("remove", "holiday", "2026-10-10", *SIGNED)
    for statement in (reference_change.update().values(changed_by="x"), reference_change.delete()):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), office.engine.begin() as conn:
            conn.execute(statement)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), office.engine.begin() as conn:
        conn.execute(sa.text("truncate reference_change"))


def test_what_live_records_use_is_not_taken_away(run: Run, office: Office) -> None:
    rows = [person(n, county="140430", occupation="货车司机", notice_version="v1") for n in range(1, 4)]
    assert office.deliver("2026-01-31", rows).accepted == 3
    code, done = run("remove", "division", "140430", "沁县", *SIGNED)
    assert code == 2
    assert "3 live records use division 140430" in done["error"]
    assert "successor_code" in done["error"]
    code, done = run("set", "division", "code=140430", "name=沁县", "status=abolished", *SIGNED)
    assert "3 live records" in done["error"]
    assert "3 live records" in run("remove", "occupation", "truck_driver", *SIGNED)[1]["error"]

    purposes = [row["purpose"] for row in run("show", "notice", "v1")[1]["rows"]]
    for purpose in purposes[1:]:
        assert run("remove", "notice", "v1", purpose, *SIGNED)[0] == 0
    assert "3 live records" in run("remove", "notice", "v1", purposes[0], *SIGNED)[1]["error"]

    led_on = ("status=abolished", "successor_code=140431", "to_year=2026")
    assert run("set", "division", "code=140430", "name=沁县", *led_on, *SIGNED)[0] == 0
    assert office.one("select count(*) from source_record where county = '140430'") == 3
    assert "3 live records" in run("remove", "division", "140430", "沁县", *SIGNED)[1]["error"]
    assert (
        "3 live records" in run("set", "division", "code=140430", "name=沁县", "successor_code=", *SIGNED)[1]["error"]
    )


def test_an_id_number_in_a_reason_is_refused(office: Office) -> None:
    with pytest.raises(UsageError, match="stay on record"):
        set_row(office, TABLES["notice"], {"version": "v2", "purpose": "registry"},
                by="王", reason="140199199505050019")  # fmt: skip


def test_a_process_prints_one_object_and_logs_no_contact_data(settings: Settings) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "talentpool", "reference", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    station = ("set", "station", "partner=didi", "county=140403", "name=太行站", "head=司马试")
    done = call(*station, *SIGNED)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"][0]["after"]["head"] == "司马试"
    assert "司马试" not in done.stderr
    bad = call(*station, "recipient_key=司马钥匙", *SIGNED)
    assert bad.returncode == 2
    assert json.loads(bad.stdout)["exit"] == 2
    assert "司马" not in bad.stderr + bad.stdout


def test_words_are_added_and_taken_away(run: Run) -> None:
    run("set", "occupation", "code=sorter", "aliases=分拣|操作员", *SIGNED)
    _, done = run("set", "occupation", "code=sorter", "aliases+=理货员|分拣", *SIGNED)
    assert done["rows"][0]["after"]["aliases"] == ["分拣", "操作员", "理货员"]
    _, done = run("set", "occupation", "code=sorter", "aliases-=分拣", *SIGNED)
    assert done["rows"][0]["after"]["aliases"] == ["操作员", "理货员"]
    assert run("set", "occupation", "code=sorter", "name+=x", *SIGNED)[0] == 2
