"""名单 inside the real Airflow API server: who sees which list and whom on it."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from openpyxl import load_workbook

from console_office import HERE, THERE, Console
from drawn_lists import YOUNG, draw_here, young
from guessing import MASK
from list_acts import act, approve_all, forget, state_of

ROW = re.compile(r'<th scope="row"><span class="masked">([^<]*)</span>.*?</th><td data-label="站点">([^<]*)</td>')


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> int:
    """A fresh draft; whatever became of the one before is gone with it."""
    forget(place)
    return draw_here(place).list_id


def rows(place: Console, path: str, user: str) -> list[tuple[str, str]]:
    """(masked name, county and station) of every row of a page."""
    answer = place.visit(path, user)
    assert answer.status_code == 200, (path, user)
    return ROW.findall(answer.text)


def test_without_a_list_the_board_says_what_is_planned(place: Console) -> None:
    forget(place)
    for user in ("city", "county"):
        page = place.visit("/console/lists", user).text
        assert "还没有拟定过名单" in page and "计划中" in page and "暖冬行动" in page
    assert "尚不合法" in page, "春节慰问 has no notice yet"


def test_each_reads_the_own_numbers_and_what_waits_for_whom(place: Console, number: int) -> None:
    city, county = (place.visit("/console/lists", user).text for user in ("city", "county"))
    assert "<b>12</b> 人入选" in city and "等待区县审批：潞州区、平顺县" in city and "等您处理" not in city
    assert "<b>6</b> 人入选" in county and "等您审批" in county and "潞州区" not in county
    assert county.index("等您处理") < county.index("计划中")
    assert "锁定名单日 2026 年 12 月 8 日，还有 7 天" in city
    own = place.visit(f"/console/lists/{number}", "county").text
    assert "潞州区" not in own and own.count("平顺县") > 6 and ">12<" not in own
    act(place, number, "approve", "county")
    assert "等待其他区县审批" in place.visit("/console/lists", "county").text
    act(place, number, "return", "other_county", comment="北关站少了人")
    told = place.visit("/console/lists", "city").text
    assert "已退回" in told and "北关站少了人" in told
    assert "北关站少了人" not in place.visit(f"/console/lists/{number}", "county").text


def test_a_county_sees_only_its_own_people_whatever_the_address_asks_for(place: Console, number: int) -> None:
    every = rows(place, f"/console/lists/{number}?on=in", "city")
    assert len(every) == len(YOUNG) and {where.split()[0] for _, where in every} == {"潞州区", "平顺县"}
    own = rows(place, f"/console/lists/{number}?on=in", "county")
    assert len(own) == 6 and {where.split()[0] for _, where in own} == {"平顺县"}
    assert rows(place, f"/console/lists/{number}?county={THERE}", "county") == []
    out = rows(place, f"/console/lists/{number}?on=out&reason=age_outside&partner=didi", "county")
    assert len(out) > 10 and all(name.endswith("**") for name, _ in out)
    assert rows(place, f"/console/lists/{number}?page=999999", "county") == []
    for strange in (f"/console/lists/{number}?page=x&on=zzz", "/console/lists/999999", f"/console/lists/{2**60}"):
        assert place.visit(strange, "county").status_code in (200, 404), strange


def test_a_list_without_anybody_of_the_county_is_none_to_it(place: Console, number: int) -> None:
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql(f"delete from target_row where county = '{HERE}'")
    gone = place.visit(f"/console/lists/{number}", "county")
    assert gone.status_code == 404 and "没有这份名单" in gone.text
    assert act(place, number, "approve", "county").status_code == 404
    assert f"/console/lists/{number}" not in place.visit("/console/lists", "county").text
    assert ("county", "refused") in place.office.ask(
        "select actor, action from audit_log where subject = :s", s=f"list:{number}"
    )


def test_a_search_on_a_list_is_one_of_the_whole_page_of_people(place: Console, number: int) -> None:
    somebody = young(YOUNG[0])  # of HERE
    way = f"/console/lists/{number}/search"
    found = place.onward(place.post(way, "county", {"by": "document", "value": somebody["document_no"]}), "county")
    assert len(ROW.findall(found.text)) == 1 and somebody["name"] not in found.text
    assert not MASK.search(found.text), "of a number a list shows nothing at all: no mask adds up with a search"
    other = place.onward(place.post(way, "county", {"by": "mobile", "value": young(YOUNG[1])["mobile"]}), "county")
    assert "名单中没有" in other.text and not ROW.findall(other.text) and "今日还可以" in other.text
    assert place.post(way, "county", {"by": "name", "value": "甲乙", "county": THERE}).status_code == 422
    searches = place.office.ask("select details::text from audit_log where action = 'search' and actor = 'county'")
    assert len(searches) == 2 and somebody["document_no"] not in str(searches)
    over = place.visit(f"/console/lists/{number}?found=x", "county")
    assert "查找结果已过期" in over.text
    for tried in range(20):
        answer = place.post(way, "other_county", {"by": "mobile", "value": f"1398765{tried:04d}"})
        page = place.onward(answer, "other_county")
    assert "次数已用完" in page.text, "misses are counted with those of 查人"


def test_a_look_is_on_record_and_no_value_of_a_person_is_in_a_log(place: Console, number: int) -> None:
    page = place.visit(f"/console/lists/{number}", "county").text
    links = re.findall(r"/console/people/[0-9a-f-]{36}", page)
    assert links and place.visit(links[0], "county").status_code == 200
    assert place.office.one(
        "select count(*) from audit_log where action = 'view' and subject = :s and actor = 'county'", s=f"list:{number}"
    )
    written = place.office.folder.with_suffix(".log").read_text() + str(
        place.office.ask("select subject, reason, details::text from audit_log")
    )
    for one in map(young, YOUNG):
        for value in (one["name"], one["mobile"], one["document_no"], one["staff_no"]):
            assert value not in written and (value == one["staff_no"] or value not in page)


def test_a_locked_list_is_taken_out_by_county_and_on_record(place: Console, number: int) -> None:
    assert act(place, number, "download", "county").status_code == 409
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    assert "下载表格" in place.visit(f"/console/lists/{number}", "county").text
    assert act(place, number, "download", "county", sure="").status_code == 422
    own = act(place, number, "download", "county")
    assert own.status_code == 200 and ".xlsx" in own.headers["content-disposition"]
    inside = str([[cell.value for cell in row] for row in load_workbook(io.BytesIO(own.content)).active.rows])
    for one in map(young, YOUNG):
        assert (one["name"] in inside) == (one["county"] == HERE) and one["mobile"] not in inside
    whole = zipfile.ZipFile(io.BytesIO(act(place, number, "download", "city").content)).namelist()
    assert {HERE in name for name in whole} == {True, False} and len(whole) > 2
    assert act(place, number, "download", "approver").status_code == 403
    kept = place.office.ask(
        "select actor, scope from audit_log where action = 'export' and subject = :s", s=f"list:{number}"
    )
    assert kept == [("county", HERE), ("city", "140400")]
    assert state_of(place, number) == "locked"


def test_what_waits_for_whom_stands_in_to_do(place: Console, number: int) -> None:
    def waits(user: str) -> bool:
        return f'href="/console/lists/{number}"><b class="n">1</b>' in place.visit("/console/to_do", user).text

    assert [waits(user) for user in ("county", "other_county", "approver", "city")] == [True, True, False, False]
    for user in ("county", "other_county"):
        act(place, number, "approve", user)
    assert [waits(user) for user in ("county", "other_county", "approver", "city")] == [False, False, True, False]
    act(place, number, "approve", "approver")
    assert [waits(user) for user in ("county", "other_county", "approver", "city")] == [False, False, False, True]
