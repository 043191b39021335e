"""拆分 on the page of a person inside the real Airflow API server: who may, what becomes of it, and that it stays so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browsers import browser
from console_office import HERE, Console
from rosters import person
from talentpool.match import activate, keep_weights, load_weights, match
from talentpool.model import officer

OWNER = "select person_id from record_person p join source_record r using (record_id) where staff_no = :s"


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    twice = [person(n, staff_no=f"T9100{n}", county=HERE, station="城东站") for n in (1, 2, 4, 5, 7, 8)]
    console.office.deliver("2026-10-20", twice, partner="sf")
    match(console.office.engine, console.office.keys)
    return console


DIFFERENT = "select left_record, right_record from edge where rule = 'human' and verdict = 'different' order by 1, 2"


def form(place: Console, who: str, user: str) -> tuple[str, dict[str, str]]:
    """Where the form of the page of a staff number's person goes, and its fields with the newer company's record ticked."""
    owner = place.office.one(OWNER, s=who)
    page = place.visit(f"/console/people/{owner}", user).text
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    ticks = re.findall(r'name="(leave_[0-9a-f-]+)"[^>]*><span>顺丰', page)
    return f"/console/people/{owner}/split", {
        "seen": seen[1] if seen else "", "ground": "call", **dict.fromkeys(ticks, "yes"),
    }  # fmt: skip


def apart(place: Console, n: int) -> int:
    """How often somebody said of a number's two records that they are different people's."""
    both = "(select record_id from source_record where staff_no = any(:two))"
    return int(
        place.office.one(
            "select count(*) from edge where rule = 'human' and verdict = 'different'"
            f" and left_record in {both} and right_record in {both}",
            two=[f"T0000{n}", f"T9100{n}"],
        )
    )


def owners(place: Console, n: int) -> set[str]:
    return {str(place.office.one(OWNER, s=who)) for who in (f"T0000{n}", f"T9100{n}")}


def test_a_county_takes_its_person_apart_and_no_run_puts_it_together_again(place: Console) -> None:
    assert len(owners(place, 2)) == 1
    assert "<h3>拆分</h3>" not in place.visit(f"/console/people/{place.office.one(OWNER, s='T91002')}", "approver").text
    path, fields = form(place, "T91002", "county")
    assert place.post(path, "approver", fields).status_code == 403
    assert place.post(path, "other_county", fields).status_code == 404
    assert place.post(path, "county", fields | {"ground": ""}).status_code == 422
    assert place.post(path, "county", {"seen": fields["seen"], "ground": "call"}).status_code == 422, (
        "nothing is ticked"
    )
    stale = place.post(path, "county", fields | {"seen": fields["seen"].split()[0]})
    assert stale.status_code == 422 and "没有拆分" in stale.text and apart(place, 2) == 0
    others = place.office.ask("select record_id, person_id from record_person where person_id <> :p order by 1",
                              p=next(iter(owners(place, 2))))  # fmt: skip
    done = place.post(path, "county", fields)
    assert done.status_code == 200 and "已拆分为 2 人" in done.text
    assert all(str(owner) in done.text for owner in owners(place, 2)), "the other one is a click away"
    assert len(owners(place, 2)) == 2 and apart(place, 2) == 1
    now = place.office.ask("select record_id, person_id from record_person order by 1")
    assert set(others) <= set(now), "nobody else is another"
    match(place.office.engine, place.office.keys, full=True)
    assert len(owners(place, 2)) == 2


def test_whoever_works_in_two_counties_is_the_citys_to_take_apart(place: Console) -> None:
    (owner,) = owners(place, 1)
    page = place.visit(f"/console/people/{owner}", "county").text
    assert page.count("手机号码</dt>") == 2 and "由市级拆分" in page and "leave_" not in page
    path, fields = form(place, "T91001", "city")
    assert len(fields["seen"].split()) == 3
    answer = place.post(path, "county", fields)
    assert answer.status_code == 422 and "由市级拆分" in answer.text and owners(place, 1) == {owner}
    assert "已拆分为 2 人" in place.post(path, "city", fields).text
    assert len(owners(place, 1)) == 2 and str(place.office.one(OWNER, s="T90001")) == str(
        place.office.one(OWNER, s="T00001")
    )
    match(place.office.engine, place.office.keys, full=True)
    assert len(owners(place, 1)) == 2


def test_a_county_does_not_overwrite_the_citys_word_by_taking_apart(place: Console) -> None:
    word = place.post(f"/console/review/{place.pair()}", "city", {"verdict": "same", "ground": "paper"})
    assert "已记录" in place.onward(word, "city").text
    path, fields = form(place, "T00040", "county")
    one, _ = fields["seen"].split()
    answer = place.post(path, "county", fields | {f"leave_{one}": "yes"})
    assert answer.status_code == 422 and "已有他人判定为同一人（city，编号 " in answer.text
    assert place.office.ask("select decided_by from edge where rule = 'human' and verdict = 'same'") == [("city",)]
    assert place.office.one(OWNER, s="T00040") == place.office.one(OWNER, s="T00041")


def test_the_page_of_conclusions_shows_no_numbers_of_people_that_an_older_release_kept(place: Console) -> None:
    path, fields = form(place, "T91007", "county")
    assert place.post(path, "county", fields).status_code == 200
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql("update edge set note = note || ' 姓名：王小明 13900000007' where rule = 'human'")
    page = place.visit("/console/review/decided", "city").text
    assert "county" in page and "电话核实 姓名：[redacted] [redacted]" in page
    assert "13900000007" not in page and "王小明" not in page


def test_whatever_else_stands_in_the_way_is_said_as_it_is(place: Console) -> None:
    path, fields = form(place, "T91004", "county")
    before = place.office.ask("select record_id, person_id from record_person order by 1"), place.office.ask(DIFFERENT)
    with place.office.engine.begin() as conn:
        left = {"name": "county", "login": "officer_county", "role": "auditor", "added_by": "admin"}
        conn.execute(officer.insert(), left)
    answer = place.post(path, "county", fields)
    assert answer.status_code == 403 and "职务登记表" in answer.text and "判定为同一人" not in answer.text
    with place.office.engine.begin() as conn:
        conn.execute(officer.delete())
        activate(conn, keep_weights(conn, load_weights(), by="city", note="x"), by="city", note="x")
        conn.exec_driver_sql("update match_weights set weights = weights #- '{comparisons,name,pinyin}'")
    answer = place.post(path, "county", fields)
    with place.office.engine.begin() as conn:
        activate(conn, load_weights().version, by="city", note="x")
    assert answer.status_code == 422 and "do not fit this release" in answer.text and "判定为同一人" not in answer.text
    assert before == (
        place.office.ask("select record_id, person_id from record_person order by 1"), place.office.ask(DIFFERENT)
    )  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(("width", "n"), [(1280, 4), (390, 5)])
def test_an_officer_ticks_a_record_and_sees_two_people(place: Console, width: int, n: int, tmp_path: Path) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, "county", width)
        page.goto(f"{place.url}/console/people/{place.office.one(OWNER, s=f'T9100{n}')}")
        box = page.get_by_label("顺丰")
        box.check()
        at, beside = box.bounding_box(), page.locator(".tick > span").last.bounding_box()
        assert at["width"] < 30 and at["x"] + at["width"] <= beside["x"], "a box stands before its own record"
        assert beside["y"] - 4 <= at["y"] < beside["y"] + 20
        page.screenshot(path=tmp_path / f"person_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("select[name=ground]").select_option("paper")
        page.get_by_role("button", name="拆分", exact=True).click()
        page.get_by_text("已拆分为 2 人").wait_for()
        page.screenshot(path=tmp_path / f"apart_{width}.png", full_page=True)
        assert len(owners(place, n)) == 2
        page.get_by_role("button", name="撤销拆分").click()
        page.get_by_text("已撤销这次拆分").wait_for()
        assert [one for one in complaints if "/console/" in one] == []
        page.context.close()
    assert len(owners(place, n)) == 1


def test_a_split_is_one_line_of_what_was_decided_and_taken_back_whole(place: Console) -> None:
    lines, others = place.visit("/console/review/decided", "city").text.count("撤销整次拆分…"), owners(place, 4)
    path, fields = form(place, "T91008", "county")
    done = place.post(path, "county", fields).text
    again = re.search(r'action="(/console/people/[0-9a-f-]+/split/[0-9a-f-]+/undo)"', done)
    assert again and len(owners(place, 8)) == 2
    for user, status in (("approver", 403), ("other_county", 404), ("city", 422)):
        assert place.post(again[1], user, {"seen": "1"}).status_code == status, user
    assert "这次拆分已不在了" in place.post(again[1], "county", {"seen": "2"}).text, (
        "another number of judgements was seen"
    )
    page = place.visit("/console/review/decided", "city").text
    assert "拆分（1 对）" in page and page.count("撤销整次拆分…") == lines + 1
    row = re.search(r"/console/review/split/([0-9a-f-]+)/undo", page)
    assert row and row[1] in again[1], "the newest is the first"
    undo = f"/console/review/split/{row[1]}/undo"
    assert place.post(undo, "county", {"ground": "call", "seen": "1"}).status_code == 403
    assert place.post(undo, "city", {"ground": "", "seen": "1"}).status_code == 422
    assert place.post(undo, "city", {"ground": "call", "seen": "9"}).status_code == 422 and len(owners(place, 8)) == 2
    assert "已撤销这次拆分" in place.post(undo, "city", {"ground": "call", "seen": "1"}).text
    assert len(owners(place, 8)) == 1 and owners(place, 4) == others, "nobody else is touched"
    assert place.post(undo, "city", {"ground": "call", "seen": "1"}).status_code == 422
