"""待更正 inside the real Airflow API server: who sees which row, in plain for a reason, and a row corrected to its end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browsers import browser, leave
from console_office import HERE, THERE, Console
from rosters import Office, person

BAD = {"document_no": "", "birth_date": "1990-05-05"}
ROWS = {
    50: person(50, county=HERE, hired_on="2024-13-45", name="欧阳槿翊"),
    51: person(51, county=HERE, hired_on="2024-13-46"),
    52: person(52, county=THERE, hired_on="2024-13-47"),
    53: person(53, county="", name="司徒槿萱"),
    54: person(54, county=HERE, **BAD | {"birth_date": "2011-06-01"}),
    55: person(55, county=HERE, hired_on="2024-13-48"),
}
WHY = {"reason": "电话向单位核实"}


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    bring(console.office)
    return console


def bring(office: Office) -> None:
    everyone = [person(n, county=HERE if n % 3 else THERE, station="北关站") for n in range(1, 25)]
    outcome = office.deliver("2026-10-05", [*everyone, *ROWS.values()])
    assert (outcome.status, outcome.quarantined) == ("published", len(ROWS))


def at(place: Console, number: int) -> dict[str, int]:
    """Where the row of somebody stands."""
    delivery = place.office.one(
        "select max(delivery_id) from delivery where sent_counties is null and partner = 'didi'"
    )
    return {"delivery": delivery, "row": 24 + 1 + sorted(ROWS).index(number)}


def row_path(place: Console, number: int) -> str:
    where = at(place, number)
    return f"/console/quarantine/row?delivery={where['delivery']}&row={where['row']}"


def test_each_side_sees_its_own_rows_masked(place: Console) -> None:
    pages = {
        user: place.visit("/console/quarantine", user).text for user in ("city", "approver", "county", "other_county")
    }
    assert [page.count("/quarantine/row?") for page in pages.values()] == [6, 6, 4, 1]
    for page in pages.values():
        assert "140199" not in page and "T0005" not in page and "欧阳槿" not in page and "2024-13" not in page
    assert "欧**" not in pages["other_county"] and "欧***" in pages["county"]
    assert place.visit("/console/quarantine?code=county_missing&partner=didi&age=x", "city").text.count("/row?") == 0
    assert place.visit("/console/quarantine?code=county_missing", "city").text.count("/row?") == 1
    for user in ("auditor", "operator", "admin", "nobody"):
        assert place.visit("/console/quarantine", user).status_code == 403, user
    for user, number, status in (
        ("county", 52, 404),
        ("county", 53, 404),
        ("other_county", 52, 200),
        ("city", 53, 200),
    ):
        assert place.visit(row_path(place, number), user).status_code == status, (user, number)
    looks = place.visit(row_path(place, 50), "approver").text
    assert "更正并收下" not in looks and "在这里查看" in looks
    young = place.visit(row_path(place, 54), "county").text
    assert "不能按原样收下" in young and "由市级专员更正" in young and "更正并收下" not in young


def test_a_row_is_shown_in_plain_for_a_reason_counted_and_on_record(place: Console) -> None:
    fields = at(place, 51) | {"reason": "correction", "note": "核对入职日期"}
    assert place.post("/console/quarantine/plain", "county", fields | {"note": ""}).status_code == 422
    assert "2024-13-47" not in place.post("/console/quarantine/plain", "county", fields | at(place, 52)).text
    shown = place.post("/console/quarantine/plain", "county", fields)
    assert shown.status_code == 200 and "2024-13-46" in shown.text and ROWS[51]["mobile"] in shown.text
    said = place.office.ask("select actor, reason, details->>'row' from audit_log where action = 'reveal'")
    assert said == [("county", "correction: 核对入职日期", str(at(place, 51)["row"]))]


def test_a_county_corrects_its_own_row_and_a_second_officer_hears_of_it(place: Console) -> None:
    fields = at(place, 53) | WHY | {"field": "county", "value": THERE}
    assert place.post("/console/quarantine/correct", "county", fields).status_code == 422
    for wrong in ({"field": "staff_no"}, {"value": ""}, {"reason": ""}, {"field": "mobile", "value": "123"}):
        answer = place.post("/console/quarantine/correct", "city", fields | wrong)
        assert answer.status_code == 422 and "没有执行" in answer.text, wrong
    own = at(place, 51) | WHY | {"field": "station", "value": "城东站"}
    waits = place.onward(place.post("/console/quarantine/correct", "county", own), "county")
    assert "还有别的问题" in waits.text and "记住的更正（1）" in waits.text and "城东站" not in waits.text
    told = place.post("/console/quarantine/correct", "city", own | {"value": "城西站"})
    assert told.status_code == 422 and "county 于" in told.text and "替换对方的更正" in told.text
    (number,) = re.findall(r'name="replaces" value="(\d+)"', told.text)
    place.onward(
        place.post("/console/quarantine/correct", "city", own | {"value": "城西站", "replaces": number}), "city"
    )
    (last,) = re.findall(r'name="value" value="(\d+)"', place.visit("/console/quarantine", "county").text)
    assert place.post("/console/quarantine/end", "other_county", {"value": last} | WHY).status_code == 422
    told = place.post("/console/quarantine/end", "county", {"value": last} | WHY)
    assert told.status_code == 422 and "city 于" in told.text and "停用对方的更正" in told.text
    sure = {"value": last, "sure": "yes"} | WHY
    ended = place.onward(place.post("/console/quarantine/end", "county", sure), "county")
    assert "已停用" in ended.text and "记住的更正（0）" in ended.text


def test_a_row_is_returned_and_another_taken_as_it_is(place: Console) -> None:
    assert place.post("/console/quarantine/release", "county", at(place, 51) | WHY).status_code == 422, "not ticked"
    young = place.post("/console/quarantine/release", "city", at(place, 54) | WHY | {"sure": "yes"})
    assert young.status_code == 422 and "不能按原样收下" in young.text
    taken = place.onward(
        place.post("/console/quarantine/release", "county", at(place, 51) | WHY | {"sure": "yes"}), "county"
    )
    assert "已入库" in taken.text and place.visit(row_path(place, 51), "county").status_code == 404
    assert (
        "已不再等待" in place.post("/console/quarantine/release", "county", at(place, 51) | WHY | {"sure": "yes"}).text
    )
    back = place.onward(place.post("/console/quarantine/return", "other_county", at(place, 52) | WHY), "other_county")
    assert "已退回单位" in back.text


def test_a_persons_own_request_ends_in_the_same_correction(place: Console) -> None:
    somebody = place.person_of(HERE)
    fields = {"person": somebody, "kind": "correct", "received_on": "2026-11-01", "reason": "本人到访"}
    path = place.post("/console/requests", "county", fields).headers["location"]
    record = place.office.one("select record_id::text from record_person where person_id = :p limit 1", p=somebody)
    wish = {"record": record, "field": "station", "value": "本人说的站"} | WHY
    assert place.post(f"{path}/correct", "county", wish).status_code == 422, "nobody verified who asks"
    page = place.onward(place.post(f"{path}/identity", "county", {"identity": "in_person"}), "county").text
    assert "更正后的内容" in page
    assert place.post(f"{path}/correct", "county", wish | {"field": "mobile", "value": "12"}).status_code == 422
    assert place.post(f"{path}/correct", "other_county", wish).status_code == 404
    done = place.onward(place.post(f"{path}/correct", "county", wish), "county")
    assert "已办结" in done.text and "已更正“站点”" in done.text
    assert place.office.one("select station from source_record where record_id::text = :r", r=record) == "本人说的站"
    assert place.post(f"{path}/correct", "county", wish).status_code == 422


@pytest.mark.browser
@pytest.mark.parametrize(("user", "number", "width"), [("county", 50, 390), ("city", 55, 1280)])
def test_an_officer_corrects_a_row_to_its_end(
    place: Console, user: str, number: int, width: int, tmp_path: Path
) -> None:
    with browser() as driven:
        page, complaints = place.window(driven, user, width)
        page.goto(f"{place.url}{row_path(place, number)}")
        page.screenshot(path=tmp_path / f"row_{width}.png", full_page=True)
        page.get_by_text("查看明文…").click()
        page.get_by_label("说明").fill("核对入职日期")
        leave(page, page.get_by_role("button", name="显示这一行").click)
        assert ROWS[number]["hired_on"] in page.content()
        page.screenshot(path=tmp_path / f"plain_{width}.png", full_page=True)
        page.get_by_label("字段").select_option(label="入职日期")
        page.get_by_label("更正后的内容").fill("2024-03-05")
        page.locator("form[action$='/correct']").get_by_label("理由").fill("电话向单位核实")
        leave(page, page.get_by_role("button", name="更正并收下").click)
        assert "已入库" in page.content() and "记住的更正" in page.content()
        page.screenshot(path=tmp_path / f"list_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []
    hired = place.office.one("select hired_on::text from source_record where staff_no = :s", s=f"T{number:05d}")
    assert hired == "2024-03-05"
