"""复核 inside the real Airflow API server: who may judge which pair, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from browsers import browser
from console_office import HERE, THERE, Console
from rosters import person
from talentpool.match import match
from talentpool.review import judgements, pair_name, undo
from talentpool.review.judgements import RecordedJudgement

DIFFERENT = {"verdict": "different", "ground": "call", "more": "已通话"}
JUDGEMENTS = "select verdict, decided_by, note from edge where rule = 'human'"


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    return console


@pytest.fixture
def pair(place: Console) -> Iterator[str]:
    """The pair that waits; the judgements of a test are taken back after it."""
    found = place.pair()
    yield found
    for judgement in judgements_of(place):
        undo(place.office, judgement.pair_id, by="李专员", note="试验完毕")


def judgements_of(place: Console) -> list[RecordedJudgement]:
    with place.office.engine.connect() as conn:
        return judgements(conn)


@contextmanager
def altered(place: Console, table: str, column: str, staff_no: str, value: object) -> Iterator[None]:
    """A staff number's row of a table with another value, for as long as a test needs it."""
    record = place.office.one("select record_id from source_record where staff_no = :s", s=staff_no)
    was = place.office.one(f"select {column} from {table} where record_id = :r", r=record)
    put = sa.text(f"update {table} set {column} = :value where record_id = :record")
    with place.office.engine.begin() as conn:
        conn.execute(put, {"value": value, "record": record})
    try:
        yield
    finally:
        with place.office.engine.begin() as conn:
            conn.execute(put, {"value": was, "record": record})


@contextmanager
def queued(place: Console, left: str, right: str) -> Iterator[None]:
    """The pair in the queue as one of these counties, as a run keeps it."""
    put = sa.text("update review_pair set left_county = :left, right_county = :right")
    was = place.office.ask("select left_county, right_county from review_pair")[0]
    with place.office.engine.begin() as conn:
        conn.execute(put, {"left": left, "right": right})
    try:
        yield
    finally:
        with place.office.engine.begin() as conn:
            conn.execute(put, {"left": was[0], "right": was[1]})


def test_a_pair_whose_score_would_do_is_not_said_to_lack_evidence(place: Console, pair: str) -> None:
    bound = place.office.one("select same_from from match_run order by match_run_id desc limit 1")
    was = place.office.ask("select score, why from review_pair where pair_id = :p", p=pair)[0]
    put = sa.text("update review_pair set score = :score, why = :why where pair_id = :pair")
    pages = []
    for score, why in ((bound - 0.01, ["scored"]), (bound, ["scored"]), was):
        with place.office.engine.begin() as conn:
            conn.execute(put, {"score": score, "why": why, "pair": pair})
        pages.append(place.visit("/console/review", "county").text)
    doubtful, held, family = pages
    assert "证据不足" in doubtful and "为慎重不自动合并" not in doubtful
    assert "为慎重不自动合并" in held and "证据不足" not in held
    assert "可能是共用手机的家人" in family, "two names of brothers, whatever the score"
    assert all(f"{bound:g} 以上自动合并" in page for page in pages)


def test_the_bound_that_is_shown_is_the_one_that_the_last_run_found(place: Console, pair: str) -> None:
    newest = "match_run_id = (select max(match_run_id) from match_run)"
    was = place.office.one(f"select same_from from match_run where {newest}")
    put = sa.text(f"update match_run set same_from = :bound where {newest}")
    try:
        with place.office.engine.begin() as conn:
            conn.execute(put, {"bound": 7.25})
        assert "7.25 以上自动合并" in place.visit(f"/console/review/{pair}", "county").text
        assert "7.25 以上自动合并" in place.visit("/console/review", "county").text
    finally:
        with place.office.engine.begin() as conn:
            conn.execute(put, {"bound": was})


def test_station_hire_date_and_what_a_masked_name_shows_stand_among_the_evidence(place: Console, pair: str) -> None:
    page = place.visit(f"/console/review/{pair}", "county").text
    assert {"站点", "入职日期"} <= set(re.findall(r'<th scope="row">([^<]+)</th>', page))
    assert "同区县同站点" in page and "入职日期相同" in page
    known = person(4, county=HERE, station="北关站")
    hidden = known | {
        "staff_no": "S00004",
        "name": f"韩*{known['name'][-1]}",
        "station": "别处",
        "hired_on": "2025-06-07",
    }
    place.office.deliver("2026-10-01", [hidden], partner="sf")
    match(place.office.engine, place.office.keys)
    two = place.office.ask("select record_id from source_record where staff_no in ('T00004', 'S00004') order by 1")
    page = place.visit(f"/console/review/{pair_name(*(row[0] for row in two))}", "county").text
    assert "姓名隐去一部分，看得见的名字相同" in page and "站点不同" in page and "入职日期不同" in page
    assert known["name"][-1] not in page, "what is seen of a masked name is masked here as well"


def test_a_pair_is_judged_by_its_county_once_and_not_against_a_word_that_stands(place: Console, pair: str) -> None:
    page = place.visit(f"/console/review/{pair}", "county").text
    assert "王**" in page and "王建" not in page and "1990-05-05" not in page and "出生日期相同" in page
    assert "依据" not in place.visit(f"/console/review/{pair}", "approver").text, "who only looks has no buttons"
    assert place.visit("/console/review", "other_county").text.count("没有待复核的记录") == 1
    assert place.post(f"/console/review/{pair}", "other_county", DIFFERENT).status_code == 404
    assert place.post(f"/console/review/{pair}", "county", DIFFERENT | {"ground": ""}).status_code == 422
    after = place.onward(place.post(f"/console/review/{pair}", "county", DIFFERENT), "county").text
    assert "已记录：不是同一人" in after and "没有待复核的记录" in after, "to the list where nothing is left"
    assert place.office.ask(JUDGEMENTS) == [("different", "county", "电话核实 已通话")]
    other = place.post(f"/console/review/{pair}", "city", DIFFERENT | {"verdict": "same"})
    assert other.status_code == 422 and "county 已于" in other.text and "判定为“不是同一人”" in other.text
    assert "没有待复核的记录" in place.visit("/console/review", "city").text


def test_a_pair_that_cannot_be_settled_now_is_put_off_and_nobody_changes(place: Console, pair: str) -> None:
    asked = {"verdict": "unsure", "ground": "asked"}
    assert place.post(f"/console/review/{pair}", "county", asked | {"verdict": "same"}).status_code == 422
    persons = "select record_id, person_id from record_person order by 1"
    before = place.office.ask(persons)
    after = place.onward(place.post(f"/console/review/{pair}", "county", asked), "county").text
    assert "已记录：暂缓" in after and "没有待复核的记录" in after
    for user, shown in (("county", 1), ("city", 1), ("other_county", 0)):
        page = place.visit("/console/review", user).text
        assert page.count("暂缓的") == shown and page.count(f'/review/{pair}"') == shown, user
    assert place.office.ask(persons) == before
    page = place.visit(f"/console/review/{pair}", "county").text
    assert "现有判定：暂缓" in page and "核实之前请选“暂缓”" in page, "settled by whoever asked the company"
    assert place.post(f"/console/review/{pair}", "county", DIFFERENT).status_code == 303
    assert [row[0] for row in place.office.ask(JUDGEMENTS)] == ["different"]


def test_both_sides_are_shown_in_plain_on_the_page_of_the_pair_and_each_is_a_line_on_record(
    place: Console, pair: str
) -> None:
    path, why = f"/console/review/{pair}", {"reason": "review", "note": "核对是否同一人"}
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
    assert one.count("王建") == 1 and "王**" in one and 'name="verdict"' in one, (
        "the pair can be judged beside what is seen"
    )
    both = place.post(f"{path}/plain", "county", why | {"side": "both"}).text
    assert "王建国" in both and "王建军" in both and "王建" not in place.visit(path, "county").text
    looks = place.office.ask(on_record)
    assert {look[0] for look in looks} == {"county"} and {look[3] for look in looks} == {"review: 核对是否同一人"}
    assert len(looks) == 3 and {look[1:3] for look in looks} == {(f"person:{owner}", one) for owner, one in people}


def test_a_pair_that_reaches_another_county_is_the_citys_to_judge(place: Console, pair: str) -> None:
    elsewhere = place.office.one(
        "select person_id from record_person p join source_record r using (record_id) where staff_no = 'T90001'"
    )
    with altered(place, "record_person", "person_id", "T00040", elsewhere):
        assert "由市级判定" in place.post(f"/console/review/{pair}", "county", DIFFERENT).text
        assert "依据" not in place.visit(f"/console/review/{pair}", "county").text
    assert place.office.ask(JUDGEMENTS) == []


def test_of_a_pair_across_counties_each_sees_its_own_side_and_the_city_both(place: Console, pair: str) -> None:
    moves = place.office.one("select record_id = left_record from review_pair, source_record where staff_no = 'T00041'")
    sides = (THERE, HERE) if moves else (HERE, THERE)
    with altered(place, "source_record", "county", "T00041", THERE), queued(place, *sides):
        page = place.visit("/console/review", "county").text
        assert "跨区县，由市级判定" in page and page.count("王**") == 1
        assert pair not in page and "没有待复核的记录" in page
        elsewhere = place.visit("/console/review", "other_county").text
        assert elsewhere.count("王**") == 1 and pair not in elsewhere
        assert place.visit(f"/console/review/{pair}", "county").status_code == 404
        city = place.visit("/console/review", "city").text
        assert pair in city and "跨区县，由市级判定" not in city


def test_of_two_officers_at_once_one_decides_and_the_other_is_told(place: Console, pair: str) -> None:
    seen = re.search(r'name="seen" value="(\w+)"', place.visit(f"/console/review/{pair}", "county").text)
    assert seen, "the form says what was looked at"
    said = {"ground": "paper", "seen": seen[1]}
    assert (
        place.post(f"/console/review/{pair}", "county", said | {"verdict": "same", "seen": "0" * 16}).status_code == 422
    )
    assert place.office.ask(JUDGEMENTS) == [], "what was looked at is another by now"
    with ThreadPoolExecutor() as pool:
        words = pool.map(
            lambda who: place.post(f"/console/review/{pair}", who[0], said | {"verdict": who[1]}),
            [("county", "different"), ("city", "same")],
        )
        answers = list(words)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    told = next(answer.text for answer in answers if answer.status_code == 422)
    ((verdict, by, _),) = place.office.ask(JUDGEMENTS)
    assert f"{by} 已于" in told and {"different": "不是同一人", "same": "是同一人"}[verdict] in told


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_the_city_lists_what_was_decided_and_takes_a_judgement_back(place: Console, pair: str, verdict: str) -> None:
    said = {"verdict": verdict, "ground": "paper"}
    assert place.post(f"/console/review/{pair}", "county", said).status_code == 303
    assert place.visit("/console/review/decided", "county").status_code == 403
    assert "撤销这个判定" not in place.visit("/console/review/decided", "approver").text
    page = place.visit("/console/review/decided", "city").text
    assert pair in page and "核对证件原件" in page and "王" not in page
    assert place.post(f"/console/review/{pair}/undo", "approver", {"ground": "call"}).status_code == 403
    assert place.post(f"/console/review/{pair}/undo", "city", {"ground": ""}).status_code == 422
    assert "已撤销" in place.post(f"/console/review/{pair}/undo", "city", {"ground": "call"}).text
    assert place.pair() == pair
    assert "已不在了" in place.post(f"/console/review/{pair}/undo", "city", {"ground": "call"}).text
    assert "还没有判定" in place.visit("/console/review/decided", "city").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_an_officer_judges_a_pair_inside_airflows_frame_and_sees_the_effect(
    place: Console, pair: str, width: int, tmp_path: Path
) -> None:
    with browser() as driven:
        page, frame, complaints = place.first_pair(driven, "county", width, tmp_path / f"list_{width}.png")
        drawn = frame.locator(f"svg.waterfall.{'wide' if width > 720 else 'narrow'}")
        drawn.wait_for()
        page.screenshot(path=tmp_path / f"pair_{width}.png")
        frame.get_by_text("逐项对照").scroll_into_view_if_needed()
        page.screenshot(path=tmp_path / f"alike_{width}.png")
        assert drawn.locator("rect").count() == 10
        said = dict(
            zip(
                ("姓名", "证件号码", "手机号码", "出生日期", "性别"),
                frame.locator("td.alike").all_inner_texts(),
                strict=True,
            )
        )
        assert said["证件号码"] == "缺失" and said["出生日期"] == "相同" and said["姓名"] == "差一位"
        frame.get_by_text("补全证件号码并核实末四位").wait_for()
        assert frame.get_by_role("button", name="暂缓", exact=True).count() == 1
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
    assert [(one.pair_id, one.verdict) for one in judgements_of(place)] == [(pair, "different")]
