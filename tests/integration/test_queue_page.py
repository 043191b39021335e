"""复核 one pair after the other inside the real Airflow API server: on to the next after a judgement, and that one taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsers import access_key, browser
from console_office import HERE, THERE, Console
from rosters import person
from talentpool.match import match
from talentpool.review import pending

NAMES = (("李建国", "李建军"), ("张建国", "张建军"), ("刘建国", "刘建军"), ("王海波", "王海涛"))


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    """Five pairs of HERE wait, and one of THERE."""
    twins = [
        person(60 + 2 * n + m, name=name, county=HERE, sex="男", document_no="", birth_date=f"199{n}-03-07",
               mobile=f"1370002{n + 1:04d}")
        for n, pair in enumerate(NAMES) for m, name in enumerate(pair)
    ]  # fmt: skip
    theirs = [person(80 + m, name=name, county=THERE, sex="男", document_no="", birth_date="1989-02-02",
                     mobile="13500009999")
              for m, name in enumerate(("陈建国", "陈建军"))]  # fmt: skip
    others = [person(n, county=HERE) for n in range(90, 94)]
    assert console.office.deliver("2026-10-20", twins + theirs + others, partner="sf").status == "published"
    match(console.office.engine, console.office.keys)
    return console


@pytest.fixture(autouse=True)
def nothing_said(place: Console) -> Iterator[None]:
    yield
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql("delete from edge where rule = 'human'")
    match(place.office.engine, place.office.keys, full=True)


def queue(place: Console, user: str) -> list[str]:
    """The pairs that the user may judge, in the order of the list."""
    with place.office.engine.connect() as conn:
        pairs = pending(conn, place.office.keys)
    return [one["pair_id"] for one in pairs if user == "city" or one["left"]["county"] == HERE]


def judge(place: Console, pair: str, user: str, verdict: str) -> str:
    """Where a judgement sends its user."""
    answer = place.post(f"/console/review/{pair}", user, {"verdict": verdict, "ground": "call"})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_after_a_word_the_next_pair_is_there_and_from_the_last_one_on_the_first_that_was_left(place: Console) -> None:
    first, second, third, fourth, fifth = queue(place, "county")
    assert judge(place, second, "county", "different") == f"/console/review/{third}?after={second}"
    page = place.visit(f"/console/review/{third}?after={second}", "county").text
    assert "已记录：不是同一人" in page and second in page and third in page and "撤销" in page
    for typed in (third, third.upper()):
        assert place.visit(f"/console/review/{typed}/next", "county").headers["location"] == f"/console/review/{fourth}"
    assert judge(place, third, "county", "unsure").startswith(f"/console/review/{fourth}?")
    assert judge(place, fourth, "county", "different").startswith(f"/console/review/{fifth}?")
    assert judge(place, fifth, "county", "different").startswith(f"/console/review/{first}?"), (
        "what was left comes last"
    )
    assert judge(place, first, "county", "different") == f"/console/review?after={first}"
    left = place.visit(f"/console/review?after={first}", "county").text
    assert "没有待复核的记录" in left and "已记录" in left
    assert len(queue(place, "city")) == 1, "another county's pair was never come to"
    assert "已记录" not in place.visit(f"/console/review?after={first}", "city").text, (
        "that judgement is not the city's"
    )


def test_a_pair_that_is_the_citys_is_passed_over_where_a_county_goes_on(place: Console) -> None:
    first, second, third, *_ = queue(place, "county")
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql(
            "update record_person set person_id = (select person_id from record_person join edge on record_id = left_record"
            f" where encode(substr(sha256(uuid_send(left_record) || uuid_send(right_record)), 1, 8), 'hex') = '{second}')"
            " where record_id = (select record_id from source_record where staff_no = 'T90001')"
        )
    assert judge(place, first, "county", "unsure") == f"/console/review/{third}?after={first}"
    assert second in queue(place, "city")
    assert "由市级判定" in place.post(f"/console/review/{second}", "county", {"verdict": "same", "ground": "call"}).text


def test_who_judged_takes_the_own_word_back_as_long_as_it_is_that_word(place: Console) -> None:
    first, *_ = queue(place, "county")
    onward = judge(place, first, "county", "same")
    page = place.visit(onward, "county").text
    seen = re.search(r'name="seen" value="([^"]*\+00:00)"', page)
    assert seen, "the notice says which judgement it takes back"
    back = {"at_once": "yes", "ground": "slip", "seen": seen[1]}
    path = f"/console/review/{first}/undo"
    assert place.post(path, "county", back | {"at_once": ""}).status_code == 404, (
        "any judgement is the city's to take back"
    )
    assert place.post(path, "other_county", back).status_code == 404
    assert place.post(path, "approver", back).status_code == 403
    stale = place.post(path, "county", back | {"seen": "2026-01-01T00:00:00+00:00"})
    assert stale.status_code == 422 and "已是另一个判定" in stale.text
    assert place.office.ask("select verdict from edge where rule = 'human'") == [("same",)]
    undone = place.onward(place.post(path, "county", back), "county").text
    assert "已撤销" in undone and 'name="verdict"' in undone and first in queue(place, "county")
    assert place.office.ask("select 1 from edge where rule = 'human'") == []
    assert (
        place.office.one("select reason from audit_log where action = 'decision' order by seq desc") == "撤销：点错了"
    )
    assert place.post(path, "county", back).status_code == 422
    judge(place, first, "city", "different")
    assert place.post(path, "county", back | {"seen": ""}).status_code == 422, (
        "the city's judgement is not the county's"
    )


def test_what_was_decided_is_read_page_by_page_and_by_officer_or_staff_number(place: Console) -> None:
    many = (
        "insert into edge (left_record, right_record, rule, verdict, score, decided_by, note, made_at)"
        " select l, r, 'human', 'unsure', 0, case when n <= 3 then 'li' else 'wang' end, '核实', now() - n * interval '1 hour'"
        " from (select l.record_id as l, r.record_id as r,"
        "       row_number() over (order by l.staff_no = 'T00060' desc, r.record_id) as n"
        " from source_record l join source_record r on l.record_id < r.record_id"
        "       where (l.staff_no, l.partner) = ('T00060', 'sf') or l.partner = 'didi') pairs where n <= 120"
    )  # fmt: skip
    gone = (
        "insert into edge (left_record, right_record, rule, verdict, score, decided_by, note)"
        " values (gen_random_uuid(), 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'human', 'different', 0, 'zhao', '核对')"
    )
    with place.office.engine.begin() as conn:
        assert conn.exec_driver_sql(many).rowcount == 120
        conn.exec_driver_sql(gone)
    path = "/console/review/decided"
    first = place.visit(path, "city").text
    assert "共 121 个判定" in first and "第 1 / 3 页" in first and first.count("撤销这个判定") == 50
    newest = first.split("<tbody>")[1].split("</tr>")[0]
    assert "记录已不在册" in newest and "<a " not in newest, "no link leads nowhere"
    links = re.findall(r'href="(/console/review/[0-9a-f]{16})"', first)
    assert len(links) >= 2
    for link in links[:2]:
        assert place.visit(link, "city").status_code == 200
    last = place.post(path, "city", {"page": "3"}).text
    assert "第 3 / 3 页" in last and last.count("撤销这个判定") == 21 and "下一页" not in last
    assert "这一页已经没有判定" in place.post(path, "city", {"page": "9"}).text
    assert place.post(path, "city", {"by": "li"}).text.count("撤销这个判定") == 3
    (words,) = place.office.ask("select count(*) from edge join source_record on record_id in (left_record, right_record)"
                                " where rule = 'human' and staff_no = 'T00060' and partner = 'sf'")  # fmt: skip
    about = place.post(path, "city", {"partner": "sf", "staff_no": "T00060"})
    assert about.text.count("撤销这个判定") == words[0] > 0 and "T00060" not in str(about.url)
    assert "没有符合条件的判定" in place.post(path, "city", {"partner": "sf", "staff_no": "T99999"}).text
    assert place.post(path, "county", {"by": "li"}).status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_an_officer_judges_pair_after_pair_by_keyboard(place: Console, width: int, tmp_path: Path) -> None:
    pairs = queue(place, "county")
    with browser() as driven:
        page, frame, complaints = place.first_pair(driven, "county", width, tmp_path / f"list_{width}.png")
        for at, pair in enumerate(pairs[:3]):
            frame.get_by_text(f"编号 {pair} ·").wait_for()
            access_key(page, "g")
            page.keyboard.press("ArrowDown")
            access_key(page, "2")
            frame.get_by_text(f"编号 {pairs[at + 1]} ·").wait_for()
            frame.get_by_text("已记录：不是同一人").wait_for()
        page.screenshot(path=tmp_path / f"next_{width}.png")
        access_key(page, "z")
        frame.get_by_text("已撤销。").wait_for()
        frame.get_by_text(f"编号 {pairs[2]} ·").wait_for()
        page.screenshot(path=tmp_path / f"undone_{width}.png")
        access_key(page, "n")
        frame.get_by_text(f"编号 {pairs[3]} ·").wait_for()
        access_key(page, "l")
        frame.get_by_text("待复核 3 对").wait_for()
        assert [one for one in complaints if "/console/" in one] == []
        page.context.close()
    assert place.office.ask("select decided_by, note from edge where rule = 'human'") == [("county", "电话核实")] * 2


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_city_turns_the_pages_of_what_was_decided(place: Console, width: int, tmp_path: Path) -> None:
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql(
            "insert into edge (left_record, right_record, rule, verdict, score, decided_by, note, split_id)"
            " select l.record_id, r.record_id, 'human', 'unsure', 0, 'li', '电话核实',"
            " case when l.partner = r.partner and l.partner = 'postal' then '00000000-0000-0000-0000-000000000001'::uuid end"
            " from source_record l join source_record r on l.record_id < r.record_id order by l.partner <> 'postal', r.partner"
            " limit 90"
        )
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.goto(f"{place.url}/console/review/decided")
        page.get_by_text("第 1 /").wait_for()
        page.screenshot(path=tmp_path / f"decided_{width}.png")
        page.get_by_role("button", name="下一页").click()
        page.get_by_text("第 2 /").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="上一页").click()
        page.get_by_text("第 1 /").wait_for()
        assert [one for one in complaints if "/console/" in one] == []
        page.context.close()
