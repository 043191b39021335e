"""The 告知书 and its slip: what the office's tables and the declarations say, in both forms; one tick for each purpose."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from pypdf import PdfReader

from reference_cli import SIGNED, reference
from rosters import Office
from talentpool.__main__ import cli
from talentpool.acquire import load_partner
from talentpool.declare import Partner, partner_files, readable_campaigns
from talentpool.errors import UsageError
from talentpool.services.notices import Notice, as_html, as_pdf, notice_of


def partners(office: Office) -> list[Partner]:
    return [load_partner(office.settings.partner_dirs, code) for code in partner_files(office.settings.partner_dirs)]


def made(office: Office, version: str = "v1", of: list[Partner] | None = None) -> Notice:
    campaigns, _ = readable_campaigns(office.settings.campaign_dirs)
    with office.engine.connect() as conn:
        return notice_of(conn, version, office.settings.area, of or partners(office), campaigns)


def on_paper(notice: Notice) -> list[str]:
    """Each page without its blanks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(as_pdf(notice))).pages]


def on_screen(notice: Notice) -> str:
    return "".join(re.sub(r"<style>.*?</style>|<[^>]+>", "", as_html(notice), flags=re.S).split())


def test_both_forms_say_who_what_for_which_data_how_long_which_rights_and_whom_to_ask(office: Office) -> None:
    reach = "0355-0000000，工作日 9 至 17 时"
    assert reference("set", "contact", "area=140400", "office=共青团长治市委", f"reach={reach}", *SIGNED)[0] == 0
    notice = made(office)
    said = ["版本v1", "共青团长治市委", "".join(reach.split()), "暖冬慰问包", "健康义诊", "证件号码", "手机号码",
            "不收集银行账户", "保存30天", "365天", "查阅、复制", "撤回同意", "网信部门"]  # fmt: skip
    said += [partner.name for partner in partners(office)]
    paper, screen = "".join(on_paper(notice)), on_screen(notice)
    assert [words for words in said if words not in screen] == [] and [
        words for words in said if words not in paper
    ] == []
    assert not any("联系方式" in words for words in notice.warnings)


def test_the_slip_has_one_tick_a_purpose_of_the_version_and_nothing_is_ticked(office: Office) -> None:
    notice = made(office)
    with office.engine.connect() as conn:
        in_table = set(conn.scalars(sa.text("select purpose from notice where version = 'v1'")))
    assert {one.code for one in notice.purposes} == in_table and len(in_table) == 6
    assert notice.purposes[0].code == "registry", "what the pool itself is for comes first"
    slip = as_html(notice).partition('<section class="slip">')[2]
    assert slip.count("☐ 同意") == slip.count("☐ 不同意") == 6 and "☑" not in slip and "checked" not in slip
    last = on_paper(notice)[-1]
    assert "单独同意书" in last and "姓名（签字）" in last and last.count("不同意") >= 6
    assert all("".join(one.name.split()) in last for one in notice.purposes)
    assert "单独同意书" not in "".join(on_paper(notice)[:-1]), "a sheet of its own, to be signed and kept"


def test_a_purpose_without_a_notice_is_named_and_stands_on_no_slip(office: Office) -> None:
    notice = made(office)
    assert dict(notice.without) == {
        "致快递小哥的一封信": "courier_letter", "中秋慰问": "mid_autumn", "春节慰问": "spring_festival",
        "交通安全日": "traffic_safety",
    }  # fmt: skip
    assert "中秋" not in on_screen(notice) and "中秋" not in "".join(on_paper(notice))


def test_a_new_version_is_the_offices_act_and_rewrites_no_consent(office: Office) -> None:
    from rosters import person

    office.deliver("2026-10-01", [person(n) for n in range(1, 12)])
    before = office.ask("select record_id, notice_version, consented_on from source_record order by 1")
    with pytest.raises(UsageError, match=r"没有告知书版本 v2；已登记的有 v1.*reference set notice"):
        made(office, "v2")
    new = ("version=v2", "purpose=mid_autumn", "published_on=2026-11-01")
    assert reference("set", "notice", *new, *SIGNED)[0] == 0
    second = made(office, "v2")
    assert ([one.name for one in second.purposes], second.published) == (["中秋慰问"], "2026 年 11 月 1 日公布")
    assert ("中秋慰问", "mid_autumn") not in second.without and ("暖冬行动", "warm_winter") in second.elsewhere
    assert ("中秋慰问", "mid_autumn") in made(office).elsewhere
    assert office.ask("select record_id, notice_version, consented_on from source_record order by 1") == before
    assert office.one("select count(*) from notice") == 7, "printing writes nothing"


def test_what_is_missing_is_said_beside_the_paper(office: Office) -> None:
    first = made(office).warnings
    assert any("联系方式没有登记" in words for words in first) and any("公布日期没有登记" in words for words in first)
    assert reference("set", "notice", "version=v1", "purpose=old_purpose", *SIGNED)[0] == 0
    notice = made(office)
    assert any("用途 old_purpose 没有对应的活动声明" in words for words in notice.warnings)
    assert "（未说明）" in on_screen(notice) and "（未说明）" in "".join(on_paper(notice))


def test_a_partners_notice_names_that_partner_and_the_columns_of_its_rosters(office: Office) -> None:
    one = load_partner(office.settings.partner_dirs, "postal")
    fewer = one.model_copy(update={"format": one.format.model_copy(update={"columns": {
        header: field for header, field in one.format.columns.items() if field != "mobile2"}})})  # fmt: skip
    notice = made(office, of=[fewer])
    kinds = next(section for section in notice.sections if section.title.startswith("三"))
    named = {name for name, _ in kinds.rows}
    assert "备用手机" not in named and {"姓名", "手机号码"} <= named and notice.partners == (one.name,)
    duty = one.model_copy(update={"basis": one.basis.model_copy(update={"kind": "contract", "reference": "协议"})})
    assert made(office, of=[duty]).partners == (), "whose basis is another gets no slip of consent"


def test_markup_in_a_table_or_a_declaration_stays_text(office: Office) -> None:
    evil = "#panic(1) *粗* <b>x</b> $1$ [k] @y"
    with office.engine.begin() as conn:
        conn.execute(sa.text("insert into contact (area, office, reach) values ('140400', :evil, 'r')"), {"evil": evil})
    notice = made(office)
    assert "".join(evil.split()) in "".join(on_paper(notice))
    assert "<b>x</b>" not in as_html(notice) and "&lt;b&gt;x" in as_html(notice)
    assert "<script" not in as_html(notice) and "http" not in as_html(notice).replace("http-equiv", "")


def test_the_command_writes_both_and_names_what_no_notice_covers(office: Office, tmp_path: Path) -> None:
    def run(*words: str) -> dict[str, Any]:
        done = CliRunner().invoke(cli, ["notice", *words, "--out", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    said = run("v1")
    assert Path(said["html"]).name == "告知书_v1.html" and Path(said["pdf"]).read_bytes().startswith(b"%PDF")
    assert {"campaign": "中秋慰问", "purpose": "mid_autumn"} in said["without_a_notice"]
    assert any("没有告知书版本包含中秋慰问的用途 mid_autumn" in words for words in said["warnings"])
    assert Path(run("v1", "--partner", "sf")["html"]).name == "告知书_v1_sf.html"
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".html", ".html", ".pdf", ".pdf"]
    refused = CliRunner().invoke(cli, ["notice", "v9", "--out", str(tmp_path / "none")])
    assert isinstance(refused.exception, UsageError) and not (tmp_path / "none").exists()
