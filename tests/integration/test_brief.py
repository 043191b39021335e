"""活动小结: each number is what its own query gives, the page names nobody, and it opens by itself."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import date
from pathlib import Path

import docx
import pypdf
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from approvals import unapproved
from rosters import Office, person
from talentpool.__main__ import cli
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import Share, correct, take_all_but
from talentpool.errors import UsageError
from talentpool.report.brief import brief, brief_docx, brief_pdf, render_brief
from talentpool.report.brief.parts import parts
from talentpool_airflow.demo_run.receipts import play_receipts

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)


@pytest.fixture
def list_id(office: Office, tmp_path: Path) -> int:
    people = [person(n, county="140403" if n % 2 else "140404") for n in range(5001, 5041)] + [person(3)]
    assert office.deliver("2026-10-31", people).status == "published"
    campaign = unapproved(office.settings, oldest=35)
    return draw(office, campaign, AS_OF, lock=True, out=tmp_path, by="sun").list_id


def test_every_number_is_what_its_query_gives(office: Office, list_id: int, tmp_path: Path) -> None:
    before = brief(office, list_id)
    assert (before.whole.received, before.whole.open) == (0, before.whole.people)
    assert "回执还没有收齐" in render_brief(before, TODAY)
    play_receipts(office, "warm_winter", tmp_path)
    found = brief(office, list_id)
    page = render_brief(found, TODAY)
    assert [step.name for step in found.steps][-3:] == ["入选", "已下发", "已领"]
    people = [step.people for step in found.steps]
    assert people == sorted(people, reverse=True) and people[0] == 41 and people[-1] == found.whole.received > 0
    assert sum(found.outcomes.values()) == found.whole.people and "回执还没有收齐" not in page
    shown = [html.unescape(one) for one in re.findall(r"<code>(.*?)</code>", page)][: len(found.steps)]
    goods = [html.unescape(one) for one in re.findall(r'<code class="goods">(.*?)</code>', page)]
    with office.engine.connect() as conn:
        for step, query in zip(found.steps, shown, strict=True):
            first = conn.execute(sa.text(query)).all()
            if len(first) == 1 and len(first[0]) in (1, 2):
                assert first[0][0] == step.people, step.name
            else:
                assert sum(row.count for row in first) == people[0]
        counted = {step.name: conn.scalar(sa.text(query)) for step, query in zip(found.goods, goods, strict=True)}
    assert counted == {step.name: step.people for step in found.goods} and found.stock.total == 0
    assert counted["发放"] == found.whole.delivered and counted["损坏、遗失"] == 1
    assert counted["购入"] + counted["捐赠"] == counted["发放"] + counted["损坏、遗失"] + counted["结存"]
    assert "姓名" not in page and "http" not in re.sub(r'xmlns(:\w+)?="[^"]+"', "", page) and "<script" not in page


def test_a_draft_has_none_and_the_command_writes_the_newest(office: Office, list_id: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有名单"):
        brief(office, list_id + 1000)
    out = tmp_path / "小结.html"
    done = CliRunner().invoke(cli, ["report", "brief", "--out", str(out)], catch_exceptions=False)
    assert json.loads(done.output.splitlines()[-1])["list_id"] == list_id and "活动小结" in out.read_text("utf-8")
    with pytest.raises(UsageError, match="还没有锁定的名单"):
        CliRunner().invoke(
            cli, ["report", "brief", "--campaign", "mid_autumn", "--out", str(out)], catch_exceptions=False
        )


def test_days_to_hand_out_and_the_paper_say_what_the_page_says(office: Office, list_id: int) -> None:
    sun = Approver("sun", frozenset({"city_officer"}))
    for county, day in (("140403", date(2026, 11, 24)), ("140404", date(2026, 11, 20))):
        take_all_but(office, list_id, Share(county), [], sun, on_day=day, today=TODAY)  # type: ignore[arg-type]
    late = office.one(
        "select min(row_id) from target_row where list_id = :n and selected and county = '140403'", n=list_id
    )
    given = {"reason": "补领", "today": TODAY, "on_day": date(2026, 12, 9)}
    correct(office, list_id, late, Outcome.FULL, sun, **given)  # type: ignore[arg-type]
    with office.engine.begin() as conn:
        conn.exec_driver_sql(f"update list_file set made_at = '2026-11-20 17:00+00' where list_id = {list_id}")
    found = brief(office, list_id)
    assert [one.released for _, one in found.hand_out] == [date(2026, 11, 21)] * 2, "the office's day, not Greenwich's"
    assert [(one.first, one.middle, one.last) for _, one in found.hand_out] == [(3, 3, 18), (-1, -1, -1)]
    assert sum(one.dated for _, one in found.hand_out) == found.whole.received
    page = render_brief(found, TODAY)
    assert "下发到领取的天数" in page and "<svg" in page
    pdf = brief_pdf(found, TODAY)
    assert pdf.startswith(b"%PDF-1") and len(pdf) > 10_000
    text = re.sub(r"[ \n]+", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))
    assert "活动小结：暖冬行动" in text and "下发到领取的天数" in text
    for step in found.steps:
        assert f"{step.name}{step.people:,}" in text, step.name
    annotations = [
        one.get_object() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages for one in page.get("/Annots", [])
    ]
    assert len(annotations) >= sum(len(part.queries) for part in parts(found)[0]), "each number leads to its query"


def test_each_table_on_paper_and_in_the_document_is_what_its_query_gives(
    office: Office, list_id: int, tmp_path: Path
) -> None:
    play_receipts(office, "warm_winter", tmp_path)
    found = brief(office, list_id)
    made, queries = parts(found)
    tables = {part.title: part for part in made}
    assert [part.title for part in tables.values() if not part.queries] == []
    with office.engine.connect() as conn:
        given = {name: conn.execute(sa.text(queries[part.queries[0] - 1])).all() for name, part in tables.items()}
    assert sorted(row[1:3] for row in given["各区县"]) == sorted(
        (one.people, one.received) for _, one in found.counties
    )
    assert sorted(row[2:] for row in given["各单位与站点"]) == sorted(
        (one.people, one.received, one.open) for *_, one in found.units
    )
    assert dict(tuple(row) for row in given["结果"]) == {
        **{str(one): people for one, people in found.outcomes.items() if people},
        **({"没有回执": found.whole.open} if found.whole.open else {}),
    }
    document = docx.Document(io.BytesIO(brief_docx(found, TODAY)))
    assert [table.rows[1].cells[0].text for table in document.tables] == [
        str(part.rows[0][0]) for part in tables.values()
    ]
    marks = document.element.xpath("//w:bookmarkStart/@w:name")
    links = document.element.xpath("//w:hyperlink/@w:anchor")
    assert marks == [f"query_{number}" for number in range(1, len(queries) + 1)] and len(set(queries)) == len(queries)
    assert links == [f"query_{number}" for part in made for number in part.queries]
