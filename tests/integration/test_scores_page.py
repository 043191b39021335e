"""质量评分 in the real console: who sees which rows of it, files of it, and the way through it in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsers import browser, leave
from console_office import HERE, THERE, Console
from rosters import person
from talentpool.services.quality.docs import INDEX, docs_root

NUMBERS = range(601, 621)


@pytest.fixture(scope="module")
def place(listed: Console) -> Iterator[Console]:
    """A delta with faults in both counties, a better one a week later, and a thin full roster that waits."""
    office = listed.office
    for day, faulty in (("2026-10-10", 8), ("2026-10-17", 3)):
        rows = [person(n, county=HERE if n % 2 else THERE, mobile="123" if n - 601 < faulty else f"1377777{n:04d}")
                for n in NUMBERS]  # fmt: skip
        assert office.deliver(day, rows, kind="delta").status == "published"
    assert office.deliver("2026-10-24", [person(n, county=HERE) for n in range(1, 9)]).status == "held"
    yield listed


def newest(place: Console) -> int:
    return int(place.office.one("select max(delivery_id) from delivery where as_of = '2026-10-17'"))


def test_a_county_reads_its_own_rows_and_nobody_elses(place: Console) -> None:
    number = newest(place)
    city = place.visit(f"/console/scores/delivery/{number}", "city").text
    county = place.visit(f"/console/scores/delivery/{number}", "county").text
    assert "手机号码不可用" in city and "结论的理由" in city
    assert "平顺县的行" in county and "结论的理由" not in county and "潞州区" not in county
    for path in (f"county/{THERE}", f"delivery/{number}?county={THERE}", f"rule/name_empty?county={THERE}"):
        assert place.visit(f"/console/scores/{path}", "county").status_code == 404, path
        assert place.visit(f"/console/scores/{path}", "city").status_code == 200, path
    assert place.office.one("select count(*) from audit_log where actor = 'county' and subject = :what",
                            what=f"county:{THERE}") >= 3  # fmt: skip
    own = place.visit("/console/scores", "county").text
    assert "平顺县的名册质量" in own and "潞州区" not in own
    assert "各区县" in place.visit("/console/scores", "auditor").text


def test_what_is_not_there_is_404_and_what_is_no_period_is_refused(place: Console) -> None:
    for path in ("delivery/999999", "delivery/0", "rule/no_such_rule", "partner/nobody", "county/999999", "docs/no_such.html",
                 "docs/..%2fx.html"):  # fmt: skip
        assert place.visit(f"/console/scores/{path}", "city").status_code == 404, path
    for query in ("until=x", "months=x", "form=exe"):
        assert place.visit(f"/console/scores?{query}", "city").status_code == 422, query
    shown = place.visit("/console/scores?months=3&until=2026-09-30", "city").text
    assert "2026-06-30 至 2026-09-30" in shown


def test_every_page_is_saved_as_a_file_and_as_paper(place: Console) -> None:
    for path in ("scores", f"scores/county/{HERE}", f"scores/delivery/{newest(place)}"):
        saved = place.visit(f"/console/{path}?form=html&months=6", "county")
        assert saved.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert "https://" not in saved.text and "href=" not in saved.text and "<style>" in saved.text
    paper = place.visit("/console/scores?form=pdf", "city")
    assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF-")


def test_data_docs_are_served_as_they_were_built_and_their_absence_is_explained(place: Console) -> None:
    assert "还没有校验文档" in place.visit(f"/console/scores/docs/{INDEX}", "city").text
    root = docs_root(place.office)
    root.mkdir(parents=True)
    (root / INDEX).write_text("<!doctype html><title>校验文档</title><p>就是这一页", encoding="utf-8")
    (root.parent / "secret.html").write_text("x", encoding="utf-8")
    found = place.visit(f"/console/scores/docs/{INDEX}", "auditor")
    assert "就是这一页" in found.text and "script" not in found.headers["content-security-policy"]
    assert place.visit(f"/console/scores/docs/{INDEX}", "county").status_code == 403
    assert place.visit("/console/scores/docs/secret.html", "city").status_code == 404


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_the_way_from_overview_to_delivery_rule_and_county(place: Console, tmp_path: Path, width: int) -> None:
    number = newest(place)
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.goto(f"{place.url}/console/scores")
        assert page.locator("svg.spark").count() >= 4
        steps = [
            ("delivery", f"交付 {number}", "逐行与逐值的规则"), ("rule", "手机号码不可用", "逐次交付"),
            ("back", "质量评分", "六个维度"), ("county", "平顺县", "工作区县是平顺县的行"),
        ]  # fmt: skip
        _shoot(page, tmp_path / f"overview_{width}.png", width)
        for name, link, there in steps:
            leave(page, lambda link=link: page.locator("main").get_by_role("link", name=link, exact=True).first.click())
            page.locator("h3, .sub", has_text=there).first.wait_for()
            _shoot(page, tmp_path / f"{name}_{width}.png", width)
        page.locator("main summary").first.click()
        assert "from delivery d" in page.locator("main details[open] code").inner_text()
        page.get_by_label("期间").select_option("3")
        leave(page, lambda: page.get_by_role("button", name="查看").click())
        assert "months=3" in page.url
        own, more = place.window(driven, "county", width)
        own.goto(f"{place.url}/console/scores")
        _shoot(own, tmp_path / f"own_county_{width}.png", width)
        assert complaints == [] == more


def _shoot(page: Any, path: Path, width: int) -> None:
    page.screenshot(path=path, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
