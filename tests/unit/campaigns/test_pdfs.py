"""The PDF of a sheet: the same people in the same order as its workbook, to sign; traceable, and blind where a head is."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import openpyxl
import pypdf
import pyrage
import pytest
import sqlalchemy as sa

from releases import workbooks
from talentpool.campaigns import draw
from talentpool.campaigns.release.trace import trace
from talentpool.declare import Campaign
from talentpool.errors import UsageError
from talentpool.guard import KeyRing
from talentpool.model import pool_person, recipient, record_salt
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF, TODAY = date(2026, 10, 31), date(2026, 11, 24)
ROW_ID = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{5}")


def text(pdf: bytes) -> str:
    return re.sub(r"[ \n]+", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


@pytest.fixture
def office(engine: sa.Engine, keys: KeyRing, settings: Settings) -> Office:
    return Office(engine, settings, keys)


def written(office: Office, campaign: Campaign, out: Path) -> dict[str, Path]:
    """Files of a locked list by what their names end in."""
    files = draw(office, campaign, AS_OF, lock=True, out=out).files
    return {Path(file).name.split("140403_")[1]: Path(file) for file in files}


def test_a_county_signs_on_paper_what_its_workbook_says(
    office: Office, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    for number in range(60):
        city.person(f"欧阳试{chr(0x4E00 + number)}", mobile=f"138{number:04}5678")
    city.person("司马𠮷䶮", "didi", mobile="", station="")
    files = written(office, warm_winter, tmp_path)
    rows = list(openpyxl.load_workbook(files["潞州区.xlsx"])["名单"].iter_rows(min_row=4, values_only=True))
    said = text(files["潞州区.pdf"].read_bytes())
    assert ROW_ID.findall(said) == [str(row[1]) for row in rows]
    places = [said.index(f"{row[1]}{row[2]}") for row in rows]
    assert places == sorted(places) and len(places) == 61
    for words in ("暖冬行动（2026年）关爱名单·潞州区", "领取人签字", "更正信息或撤回授权：共青团长治市潞州区委员会",
                  "第1/", "（未注明站点）", "无手机", "*******5678", "用途：发放暖冬慰问包", "不得转发、公开"):  # fmt: skip
        assert words in said, words
    assert not re.search(r"\d{11}", said) and "〔U+" not in said
    pages = pypdf.PdfReader(str(files["潞州区.pdf"])).pages
    assert len(pages) > 1 and all(page.mediabox.width > page.mediabox.height for page in pages)


def test_a_station_head_reads_on_paper_nothing_that_another_source_told(
    office: Office, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("欧阳试一", mobile="13812345678")
    city.person("司马试三", "didi", mobile="13712345678")
    city.person("诸葛试六", birth_date=None, pool_birth_date=date(1999, 5, 5))
    said = text(written(office, warm_winter, tmp_path)["潞州区_邮政快递_东街站.pdf"].read_bytes())
    assert "欧阳试一" in said and "领取人签字" in said
    for foreign in ("司马", "诸葛", "网约车", "didi", "周岁", "年龄"):
        assert foreign not in said


def test_an_erased_person_has_a_line_without_a_name_and_no_letter(
    office: Office, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    gone = city.person("欧阳试一")
    city.person("司马试二")
    letter = warm_winter.model_copy(update={"form": "letter", "letter": ("您好！", "平安。")})
    draw(office, letter, AS_OF, lock=True, out=tmp_path)
    with office.engine.begin() as conn:
        home = sa.select(pool_person.c.home_record).where(pool_person.c.person_id == gone)
        conn.execute(record_salt.delete().where(record_salt.c.record_id.in_(home)))
    files = written(office, letter, tmp_path)
    assert "欧阳" not in "".join(text(path.read_bytes()) for path in files.values() if path.suffix == ".pdf")
    assert "（信息已删除）" in text(files["潞州区.pdf"].read_bytes())
    letters = pypdf.PdfReader(str(files["潞州区_邮政快递_东街站_信件.pdf"])).pages
    assert len(letters) == 1 and "司马试二：" in letters[0].extract_text()


def test_a_letters_campaign_has_one_pdf_of_letters_for_each_who_hands_out(
    office: Office, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    for name in ("欧阳试一", "司马试二"):
        city.person(name)
    city.person("诸葛试三", birth_date=None, pool_birth_date=date(1999, 5, 5))
    letter = warm_winter.model_copy(update={"form": "letter", "letter": ("*您好！*", "平安。"), "item": "一封信"})
    files = written(office, letter, tmp_path)
    assert {name for name in files if "信件" in name} == {"潞州区_信件.pdf", "潞州区_邮政快递_东街站_信件.pdf"}
    pages = pypdf.PdfReader(str(files["潞州区_邮政快递_东街站_信件.pdf"])).pages
    assert len(pages) == 2, "one for each person, and nobody twice: the county's are of whom it serves itself"
    said = text(files["潞州区_邮政快递_东街站_信件.pdf"].read_bytes())
    assert "欧阳试一：" in said and "*您好！*" in said and "共青团长治市潞州区委员会" in said and "一封信" in said
    assert "诸葛试三：" in text(files["潞州区_信件.pdf"].read_bytes())


def test_an_exported_pdf_leaves_encrypted_with_its_mark_and_is_traced_by_its_text(
    office: Office, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    for number in range(40):
        city.person(f"欧阳试{chr(0x4E00 + number)}")
    reader = pyrage.x25519.Identity.generate()
    with office.engine.begin() as conn:
        conn.execute(
            recipient.insert(),
            {"code": "ours", "name": "潞州区团委", "kind": "age", "public_key": str(reader.to_public()),
             "division": "140403", "valid_until": date(2027, 12, 31)},
        )  # fmt: skip
    draw(office, warm_winter, AS_OF, lock=True, out=tmp_path / "plain")
    made = [
        draw(
            office, warm_winter, AS_OF, lock=True, out=tmp_path / str(n), recipients=["ours"], by="李专员", today=TODAY
        )
        for n in range(2)
    ]
    sheets = {len(workbooks(one.files)) for one in made}
    assert sheets == {2} and {Path(name).name[-8:] for name in made[1].files} == {"xlsx.age", ".pdf.age"}
    number = made[1].exports[0]["export_id"]
    content = next(name for name in made[1].files if name.endswith(".pdf.age"))
    pdf = pyrage.decrypt(Path(content).read_bytes(), [reader])
    said = text(pdf)
    assert f"导出编号{number}" in said and "仅供潞州区团委使用" in said and "使用至2026-12-24" in said
    copied = tmp_path / "copied.txt"
    copied.write_text("\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages), "utf-8")
    leaked = tmp_path / "leaked.pdf"
    leaked.write_bytes(pdf)
    with office.engine.connect() as conn:
        found = trace(conn, office.keys, copied)
        assert (found.export, found.printed, found.rows) == (number, number, 40)
        with pytest.raises(UsageError, match="copy the text"):
            trace(conn, office.keys, leaked)
