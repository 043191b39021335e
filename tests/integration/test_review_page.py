"""复核 inside the real Airflow API server: who may judge which pair, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from browsers import browser
from console_office import THERE, Console, console


@pytest.fixture(scope="module")
def place(server_url: str) -> Iterator[Console]:
    with console(server_url) as found:
        yield found


def test_a_pair_is_judged_by_its_county_once_and_not_against_a_word_that_stands(place: Console) -> None:
    pair = place.pair()
    page = place.visit(f"/console/review/{pair}", "county").text
    assert "王**" in page and "王建" not in page and "1990-05-05" not in page and "出生日期相同" in page
    assert "依据" not in place.visit(f"/console/review/{pair}", "approver").text, "who only looks has no buttons"
    assert place.visit("/console/review", "other_county").text.count("没有待复核的记录") == 1
    said = {"word": "different", "ground": "call", "more": "已通话"}
    assert place.post(f"/console/review/{pair}", "other_county", said).status_code == 404
    assert place.post(f"/console/review/{pair}", "county", said | {"ground": ""}).status_code == 422
    after = place.onward(place.post(f"/console/review/{pair}", "county", said), "county").text
    assert "已记录：不是同一人" in after and "没有待复核的记录" in after, "to the list where nothing is left"
    assert place.office.ask("select verdict, decided_by, note from edge where rule = 'human'") == [
        ("different", "county", "电话核实 已通话")
    ]
    other = place.post(f"/console/review/{pair}", "city", said | {"word": "same"})
    assert other.status_code == 422 and "county 已于" in other.text and "判定为“不是同一人”" in other.text
    assert "没有待复核的记录" in place.visit("/console/review", "city").text
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql("delete from edge where rule = 'human'")


def test_both_sides_are_shown_in_plain_on_the_page_of_the_pair_and_each_is_a_line_on_record(place: Console) -> None:
    path, why = f"/console/review/{place.pair()}", {"reason": "review", "note": "核对是否同一人"}
    people = place.office.ask("select person_id::text, record_id::text from record_person join source_record using (record_id)"
                              " where staff_no in ('T00040', 'T00041')")  # fmt: skip
    on_record = ("select actor, subject, details ->> 'record', reason from audit_log where action = 'reveal'"
                 " and details ? 'record' order by seq")  # fmt: skip
    for fields, status in (({"note": ""}, 422), ({"reason": ""}, 422), ({"side": "neither"}, 422)):
        answer = place.post(f"{path}/plain", "county", why | {"side": "left"} | fields)
        assert answer.status_code == status and "王建" not in answer.text, fields
    refused = "select count(*) from audit_log where action = 'refused' and actor = 'other_county'"
    before = place.office.one(refused)
    assert place.post(f"{path}/plain", "other_county", why | {"side": "both"}).status_code == 404
    assert place.office.one(refused) == before + 1 and place.office.ask(on_record) == []
    one = place.post(f"{path}/plain", "county", why | {"side": "left"}).text
    assert one.count("王建") == 1 and "王**" in one and 'name="word"' in one, (
        "the pair can be judged beside what is seen"
    )
    both = place.post(f"{path}/plain", "county", why | {"side": "both"}).text
    assert "王建国" in both and "王建军" in both and "王建" not in place.visit(path, "county").text
    looks = place.office.ask(on_record)
    assert {look[0] for look in looks} == {"county"} and {look[3] for look in looks} == {"review: 核对是否同一人"}
    assert len(looks) == 3 and {look[1:3] for look in looks} == {(f"person:{owner}", one) for owner, one in people}


def test_a_pair_that_reaches_another_county_is_the_citys_to_judge(place: Console) -> None:
    pair, owner = (
        place.pair(),
        "select person_id from record_person p join source_record r using (record_id) where staff_no = :s",
    )
    mine, theirs = place.office.one(owner, s="T00040"), place.office.one(owner, s="T90001")
    move = sa.text("update record_person set person_id = :new where person_id = :old")
    with place.office.engine.begin() as conn:
        conn.execute(move, {"new": mine, "old": theirs})
    said = {"word": "different", "ground": "call"}
    assert "由市级判定" in place.post(f"/console/review/{pair}", "county", said).text
    assert "依据" not in place.visit(f"/console/review/{pair}", "county").text
    assert place.office.ask("select 1 from edge where rule = 'human'") == []
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("update record_person set person_id = :old where record_id in (select record_id from"
                             " source_record where staff_no in ('T90001'))"), {"old": theirs})  # fmt: skip
        conn.execute(sa.text("update record_person set person_id = :old where record_id in (select record_id from"
                             " source_record where partner = 'didi' and staff_no = 'T00001')"), {"old": theirs})  # fmt: skip


def test_of_a_pair_across_counties_each_sees_its_own_side_and_the_city_both(place: Console) -> None:
    pair = place.pair()
    move = sa.text("update source_record set county = :county where staff_no = 'T00041'")
    home = place.office.one("select county from source_record where staff_no = 'T00041'")
    with place.office.engine.begin() as conn:
        conn.execute(move, {"county": THERE})
    page = place.visit("/console/review", "county").text
    assert "跨区县，由市级判定" in page and page.count("王**") == 1 and pair not in page and "没有待复核的记录" in page
    elsewhere = place.visit("/console/review", "other_county").text
    assert elsewhere.count("王**") == 1 and pair not in elsewhere
    assert place.visit(f"/console/review/{pair}", "county").status_code == 404
    city = place.visit("/console/review", "city").text
    assert pair in city and "跨区县，由市级判定" not in city
    with place.office.engine.begin() as conn:
        conn.execute(move, {"county": home})


def test_of_two_officers_at_once_one_decides_and_the_other_is_told(place: Console) -> None:
    pair = place.pair()
    seen = re.search(r'name="seen" value="(\w+)"', place.visit(f"/console/review/{pair}", "county").text)
    assert seen, "the form says what was looked at"
    said = {"ground": "paper", "seen": seen[1]}
    assert place.post(f"/console/review/{pair}", "county", said | {"word": "same", "seen": "0" * 16}).status_code == 422
    assert place.office.ask("select 1 from edge where rule = 'human'") == [], "what was looked at is another by now"
    with ThreadPoolExecutor() as pool:
        words = pool.map(
            lambda who: place.post(f"/console/review/{pair}", who[0], said | {"word": who[1]}),
            [("county", "different"), ("city", "same")],
        )
        answers = list(words)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    told = next(answer.text for answer in answers if answer.status_code == 422)
    ((by, verdict),) = place.office.ask("select decided_by, verdict from edge where rule = 'human'")
    assert f"{by} 已于" in told and {"different": "不是同一人", "same": "是同一人"}[verdict] in told


def test_the_city_lists_what_was_decided_and_takes_a_word_back(place: Console) -> None:
    ((pair,),) = place.office.ask(
        "select encode(substr(sha256(uuid_send(left_record) || uuid_send(right_record)), 1, 8), 'hex') from edge"
        " where rule = 'human'"
    )
    assert place.visit("/console/review/decided", "county").status_code == 403
    assert "撤销这个结论" not in place.visit("/console/review/decided", "approver").text
    page = place.visit("/console/review/decided", "city").text
    assert pair in page and "核对证件原件" in page and "王" not in page
    assert place.post(f"/console/review/{pair}/undo", "approver", {"ground": "call"}).status_code == 403
    assert place.post(f"/console/review/{pair}/undo", "city", {"ground": ""}).status_code == 422
    assert "已撤销" in place.post(f"/console/review/{pair}/undo", "city", {"ground": "call"}).text
    assert place.pair() == pair
    assert "已不在了" in place.post(f"/console/review/{pair}/undo", "city", {"ground": "call"}).text
    assert "还没有结论" in place.visit("/console/review/decided", "city").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_an_officer_judges_a_pair_inside_airflows_frame_and_sees_the_effect(
    place: Console, width: int, tmp_path: Path
) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, "county", width)
        page.goto(f"{place.url}/plugin/review")
        frame = page.frame_locator("iframe")
        frame.locator("td a").first.wait_for()
        page.screenshot(path=tmp_path / f"list_{width}.png")
        frame.locator("td a").first.press("Enter")
        frame.locator("svg.waterfall").wait_for()
        page.screenshot(path=tmp_path / f"pair_{width}.png")
        assert frame.locator("svg.waterfall rect").count() == 8
        frame.get_by_text("查看明文…").click()
        frame.locator("input[name=note]").fill("核对是否同一人")
        page.screenshot(path=tmp_path / f"asking_{width}.png")
        frame.get_by_role("button", name="两方都显示").click()
        frame.get_by_text("王建军").wait_for()
        page.screenshot(path=tmp_path / f"plain_{width}.png")
        assert frame.locator(".plain-values").count() == 2
        frame.locator("select[name=ground]").select_option("paper")
        frame.get_by_role("button", name="不是同一人", exact=True).click()
        frame.get_by_text("已记录：不是同一人").wait_for()
        frame.get_by_text("没有待复核的记录").wait_for()
        page.screenshot(path=tmp_path / f"decided_{width}.png")
        assert [one for one in complaints if "/console/" in one] == []
        page.context.close()
    with place.office.engine.begin() as conn:
        assert conn.exec_driver_sql("delete from edge where rule = 'human'").rowcount == 1
