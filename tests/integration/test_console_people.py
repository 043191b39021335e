"""What officers do on the pages about people: look for them, see them for a reason, bring a roster; at desk and phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browsers import browser
from console_office import HERE, THERE, Console
from rosters import person, write_template


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    return console


def test_each_side_counts_its_own_and_a_search_finds_the_own_side_only(place: Console) -> None:
    assert '<option value="2026-09-30" selected>' in place.visit("/console/pool?side=&as_of=2026-09-30", "city").text
    city, own = place.visit("/console/pool", "city").text, place.visit("/console/pool", "county").text
    assert ">28</strong>" in city and ">19</strong>" in own and "平顺县" in own and "潞州区" not in own
    document = person(1)["document_no"]
    for user, records in (("city", 2), ("county", 1), ("other_county", 1)):
        found = place.search(user, {"by": "document", "value": document})
        assert found.status_code == 200 and found.text.count('class="masked">韩**') == records, user
        assert document not in found.text and "*" * 18 in found.text
    assert "没有找到" in place.search("county", {"by": "mobile", "value": person(3)["mobile"]}).text
    searches = place.office.ask("select subject, details::text from audit_log where action = 'search'")
    assert len(searches) >= 4 and document not in str(searches)


def test_a_reveal_needs_a_reason_shows_the_own_side_and_is_on_record(place: Console) -> None:
    here = place.person_of(HERE)
    page = f"/console/people/{here}"
    assert "请选择理由" in place.post(page, "county", {"reason": "contact", "note": ""}).text
    shown = place.post(page, "county", {"reason": "contact", "note": "暖冬行动电话联系"})
    assert shown.status_code == 200 and "140199" in shown.text and "明文" in shown.text
    assert "140199" not in place.visit(page, "county").text
    assert place.post(page, "other_county", {"reason": "contact", "note": "暖冬行动电话联系"}).status_code == 404
    log = place.office.ask("select actor, action from audit_log where subject = :s", s=f"person:{here}")
    assert ("county", "reveal") in log and ("other_county", "refused") in log


def test_an_upload_is_tried_then_handed_on_once_and_only_by_who_brought_it(place: Console, tmp_path: Path) -> None:
    good = write_template(tmp_path / "good.csv", [person(n, county=HERE) for n in (101, 102)]).read_bytes()
    foreign = [person(103, county=HERE), person(104, county=THERE), person(3, county=HERE)]
    bad = write_template(tmp_path / "bad.csv", foreign).read_bytes()
    fields = {"partner": "didi", "as_of": "2026-11-01"}
    refused = place.post("/console/upload/check", "county", fields, files={"file": ("a.csv", bad)})
    assert "不能提交" in refused.text and refused.text.count("工作区县不在报送人的管理范围内") == 1
    assert "140199" not in refused.text and 'name="upload"' not in refused.text
    tried = place.post("/console/upload/check", "county", fields, files={"file": ("a.csv", good)})
    number = re.search(r'name="upload" value="([^"]+)"', tried.text)
    assert number and "可以提交，全部入库" in tried.text
    assert bad[:40] not in bytes(place.office.one("select sealed from upload"))
    for user, status in (("other_county", 422), ("county", 200), ("county", 422)):
        assert place.post("/console/upload/submit", user, {"upload": number[1]}).status_code == status, user
    (sent,) = (place.office.folder / "inbox").glob("*.csv")
    assert sent.name == "roster_didi_20261001_01.csv", "a county's changes are not newer than the newest roster"
    assert sent.read_bytes() == good
    assert place.office.one("select count(*) from upload") == 0
    large = place.post("/console/upload/check", "county", fields, files={"file": ("a.csv", b"x" * 9_000_000)})
    assert large.status_code == 413


def test_a_file_that_cannot_be_read_is_refused_in_words_with_its_row(place: Console, tmp_path: Path) -> None:
    table = write_template(tmp_path / "a.csv", [person(n, county=HERE) for n in (105, 106)]).read_bytes()
    fields = {"partner": "didi", "as_of": "2026-11-01"}
    for file, said in (
        (table + b"\xff\xff\n", "upload.csv：带 UTF-8 标记，但第 4 行"),
        (table.replace("姓名".encode(), "甲".encode(), 1), "upload.csv：表头缺少必需的列：姓名"),
    ):
        refused = place.post("/console/upload/check", "county", fields, files={"file": ("a.csv", file)})
        assert "会被整份退回" in refused.text and said in refused.text
        assert 'name="upload"' not in refused.text and "140199" not in refused.text


def test_searching_too_often_is_slowed_down(place: Console) -> None:
    answers = [place.post("/console/people", "approver", {"by": "mobile", "value": "1"}).status_code for _ in range(32)]
    assert 429 in answers and answers[0] == 303


VISITS = {
    "city": ("/to_do", "/pool", "/people", "/people/{person_id}", "/review", "/review/decided", "/review/{pair_id}", "/upload",
             "/columns", "/consents", "/requests", "/requests?kind=withdraw", "/requests?kind=access", "/quality", "/nothing"),
    "county": ("/to_do", "/pool", "/people", "/people/{person_id}", "/review/{pair_id}", "/upload", "/consents", "/quality"),
    "auditor": ("/to_do", "/audit", "/quality", "/pool"),
}  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_pages_work_under_their_policy_at_desk_and_phone_width(place: Console, width: int, tmp_path: Path) -> None:
    somebody, pair = place.person_of(HERE), place.pair()
    with browser() as driven:
        for user, paths in VISITS.items():
            page, complaints = place.window(driven, user, width)
            for path in paths:
                page.goto(f"{place.url}/console{path.replace('{person_id}', somebody).replace('{pair_id}', pair)}")
                page.screenshot(path=tmp_path / f"{user}{path.replace('/', '_')[:20]}_{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (user, path)
                assert (
                    page.evaluate("getComputedStyle(document.querySelector('.bar')).backgroundColor")
                    == "rgb(16, 49, 79)"
                )
                assert page.locator(".bar .who b").inner_text() in ("长治市全域", "平顺县", "不含人员数据")
                assert "韩" not in page.title() and "韩" not in page.url
            assert [one for one in complaints if "404" not in one and "403" not in one] == [], user
            page.context.close()
    assert len(list(tmp_path.glob("*.png"))) == sum(map(len, VISITS.values()))


@pytest.mark.browser
def test_an_officer_searches_and_reveals_inside_airflows_frame(place: Console) -> None:
    with browser() as driven:
        page, _ = place.window(driven, "city", 1280)
        page.goto(place.url + "/")
        page.wait_for_url("**/plugin/to_do")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="查人").click()
        form = frame.locator("form", has=frame.locator("input[value=mobile]"))
        form.locator("input[name=value]").fill(person(2)["mobile"])
        form.get_by_role("button").click()
        frame.locator("td a").first.click()
        frame.locator("select[name=reason]").select_option("contact")
        frame.locator("input[name=note]").fill("暖冬行动电话联系")
        frame.get_by_role("button", name="显示明文").click()
        assert frame.locator(".plain-values dd").nth(1).inner_text() == person(2)["document_no"]
        assert person(2)["mobile"] not in page.url
        page.context.close()
