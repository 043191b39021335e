"""复核 inside the real Airflow API server: who may judge which pair, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from browsers import browser
from console_office import Console, console


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
    assert "已记录：不是同一人" in place.post(f"/console/review/{pair}", "county", said).text
    assert place.office.ask("select verdict, decided_by, note from edge where rule = 'human'") == [
        ("different", "county", "电话核实 已通话")
    ]
    other = place.post(f"/console/review/{pair}", "city", said | {"word": "same"})
    assert other.status_code == 422 and "由市级撤销后再定" in other.text
    assert "没有待复核的记录" in place.visit("/console/review", "city").text
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql("delete from edge where rule = 'human'")


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


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_an_officer_judges_a_pair_inside_airflows_frame_and_sees_the_effect(place: Console, width: int) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, "county", width)
        page.goto(f"{place.url}/plugin/review")
        frame = page.frame_locator("iframe")
        frame.locator("td a").first.click()
        frame.locator("svg.waterfall").wait_for()
        assert frame.locator("svg.waterfall rect").count() == 8
        frame.locator("select[name=ground]").select_option("paper")
        frame.get_by_role("button", name="不是同一人", exact=True).click()
        frame.get_by_text("已记录：不是同一人").wait_for()
        frame.get_by_text("没有待复核的记录").wait_for()
        assert [one for one in complaints if "/console/" in one] == []
        page.context.close()
    with place.office.engine.begin() as conn:
        assert conn.exec_driver_sql("delete from edge where rule = 'human'").rowcount == 1
