"""列名待确认 inside the real Airflow API server: the city says what a column is, and the roster goes in with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from browsers import browser
from console_office import HERE, Console
from rosters import person
from talentpool.declare import TEMPLATE_V1
from talentpool.flow import Outcome, ingest
from talentpool.guard import verify
from talentpool.match import match

LEFT = "select count(*) from source_record where partner = 'sf' and status = 'left'"


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    return console


def bring(place: Console, as_of: str, **names: str) -> Outcome:
    """A roster of twelve in which some columns are called otherwise; five have left, all have a second mobile."""
    rows = [person(n, staff_no=f"S{n}", county=HERE, mobile2=f"137{20_000_000 + n}", left_on="2026-09-30" if n < 206 else "")
            for n in range(201, 213)]  # fmt: skip
    office = place.office
    path = office.folder / f"roster_sf_{as_of}.csv"
    header = [names.get(field, header) for header, field in TEMPLATE_V1.items()]
    lines = [",".join(row.get(field, "") for field in TEMPLATE_V1.values()) for row in rows]
    path.write_text("\n".join([",".join(header), *lines]), encoding="utf-8")
    return ingest(office, office.partner("sf"), file=path,
                  as_of=date.fromisoformat(as_of), kind="full")  # fmt: skip


def test_the_city_answers_column_by_column_and_is_on_record_as_the_author(place: Console) -> None:
    assert "没有待确认的列名" in place.visit("/console/columns", "city").text
    found = bring(place, "2026-10-05", left_on="离岗日期", mobile2="紧急联系电话")
    assert found.status == "held"
    page = place.visit("/console/columns", "city").text
    assert "名册中的列“离岗日期”" in page and "就是“离职日期”" in page and "就是“备用手机”" in page
    assert "137200" not in page and "韩" not in page
    columns = list(place.office.one("select findings from delivery where state = 'held'"))
    order = [one["detail"].split(" → ")[0] for one in columns]
    fields = {"delivery": str(found.delivery_id), "reason": "电话问过"}
    fields |= {f"column_{n}": header for n, header in enumerate(order)}
    first = {f"answer_{order.index('离岗日期')}": "离职日期"}
    assert place.post("/console/columns", "city", fields).status_code == 422, "nothing is answered"
    assert place.post("/console/columns", "city", fields | first | {"reason": ""}).status_code == 422
    for user in ("approver", "county", "auditor", "operator", "admin", "nobody"):
        assert place.post("/console/columns", user, fields | first).status_code == 403, user
        assert place.visit("/console/columns", user).status_code == 403, user
    foreign = place.visit(
        "/console/columns", "city", method="POST", headers={"origin": "http://else.where"}, data=fields
    )
    assert foreign.status_code == 403
    assert place.office.ask("select 1 from partner_column") == []
    some = place.post("/console/columns", "city", fields | first)
    assert some.status_code == 200 and "名册仍搁置" in some.text and "名册中的列“离岗日期”" not in some.text
    rest = {"column_0": "紧急联系电话", "answer_0": "ignore", "delivery": fields["delivery"], "reason": "家属的"}
    done = place.post("/console/columns", "city", rest)
    assert "名册已入库" in done.text and "已确认的列名" in done.text
    assert place.office.ask("select header, field, decided_by, reason from partner_column order by 1") == [
        ("离岗日期", "left_on", "city", "电话问过"), ("紧急联系电话", None, "city", "家属的"),
    ]  # fmt: skip
    assert place.office.one(LEFT) == 5
    again = place.post("/console/columns", "city", rest)
    assert again.status_code == 422 and "不再等待列名确认" in again.text
    with place.office.engine.connect() as conn:
        assert verify(conn, place.office.keys, place.office.settings.audit_heads_file).whole
    match(place.office.engine, place.office.keys)


def test_an_answer_that_the_page_does_not_offer_is_none(place: Console) -> None:
    found = bring(place, "2026-10-12", station="网点")
    fields = {"delivery": str(found.delivery_id), "reason": "x", "column_0": "网点", "answer_0": "姓名"}
    assert place.post("/console/columns", "city", fields).status_code == 422
    assert place.post("/console/columns", "city", fields | {"column_0": "别的", "answer_0": "站点"}).status_code == 422
    assert place.office.one("select state from delivery where delivery_id = :d", d=found.delivery_id) == "held"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_page_fits_desk_and_phone_and_works_under_its_policy(place: Console, width: int, tmp_path: Path) -> None:
    as_of, name = ("2026-10-20", "到岗日期") if width > 400 else ("2026-10-21", "入站日期")
    assert bring(place, as_of, hired_on=name, station="所属网点").status == "held"
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        page.goto(f"{place.url}/console/columns")
        page.screenshot(path=tmp_path / f"columns_{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        form = page.locator("form.card").first
        form.locator("select").first.select_option("ignore")
        form.locator("input[name=reason]").fill("单位确认")
        form.get_by_role("button").click()
        page.locator("section.alert h2").wait_for()
        page.screenshot(path=tmp_path / f"columns_said_{width}.png", full_page=True)
        assert "已记录" in page.locator("section.alert h2").inner_text()
        assert complaints == []
        page.context.close()
