"""Paper: data stays data, no sign is left out unseen, and the process in which it is set stays within its memory."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
import qrcode
import typst
from qrcode.constants import ERROR_CORRECT_M

from talentpool.child import ChildEndedError
from talentpool.paper import child, setting
from talentpool.paper.code import passport_words, qr_svg, row_code
from talentpool.paper.glyphs import FONTS, has_glyph, marked
from talentpool.paper.setting import MOST_LETTERS, MOST_ROWS, Col, Paper, PaperError, as_pdfs

DAY = date(2026, 10, 31)
WORDS = passport_words(12, "1a2b3c4d5e6f7890", 7)
COLUMNS = (Col("序号", 6, True), Col("姓名", 20), Col("站点", 20), Col("领取人签字", 20))


def listed(*names: str, **more: Any) -> Paper:
    rows = [(str(n), name, "*_东街$站#[x](y)", "") for n, name in enumerate(names, start=1)]
    told = {"subtitle": "名单编号 12", "contact": "更正：团委", "footer": "导出编号 7", "notes": ("说明",)} | more
    return Paper("list", "暖冬行动 · 潞州区", DAY, WORDS, columns=COLUMNS, rows=rows, **told)


def read(pdf: bytes) -> list[str]:
    """The text of each page, without the blanks and line ends that a reader of PDF puts in."""
    return [re.sub(r"\s+", "", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_what_looks_like_markup_is_printed_as_it_stands() -> None:
    (page,) = read(next(as_pdfs([listed("*粗*", "#panic()", "$x$", "<b>", "\\", "138****8000")])))
    for text in ("*粗*", "#panic()", "$x$", "<b>", "\\", "138****8000", "*_东街$站#[x](y)"):
        assert text in page


def test_every_page_has_title_contact_header_and_its_number() -> None:
    pages = read(next(as_pdfs([listed(*[f"欧阳试{n}" for n in range(100)])])))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        for text in (
            "暖冬行动·潞州区",
            "名单编号12",
            "更正：团委",
            "领取人签字",
            "导出编号7",
            f"第{number}/{len(pages)}页",
        ):
            assert text in page, f"{text} on page {number}"
    assert "说明" in pages[-1] and "〔" not in "".join(pages)
    assert [n for n in range(100) if sum(f"欧阳试{n}*" in page for page in pages) != 1] == []


@pytest.mark.parametrize(("rare", "code"), [("𠮷", "20BB7"), ("䶮", "4DAE"), ("㛃", "36C3"), ("镕", "9555")])
def test_a_rare_name_is_drawn_with_a_font_of_ours(rare: str, code: str) -> None:
    assert has_glyph(rare) and f"{ord(rare):X}" == code
    pdf = next(as_pdfs([listed(f"欧阳{rare}")]))
    assert f"欧阳{rare}" in read(pdf)[0] and "〔" not in read(pdf)[0]
    used = {str(font["/BaseFont"]) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
            for font in (one.get_object() for one in page["/Resources"]["/Font"].values())}  # fmt: skip
    assert all("NotoSans" in font for font in used), "embedded, whatever the machine has"


@pytest.mark.parametrize("sign", ["\U00030000", "ༀ", "\ue863", "\U0001f600", "ء"])
def test_a_character_that_no_font_has_is_named_and_counted_never_an_empty_box(sign: str) -> None:
    assert marked(f"欧{sign}阳") == (f"欧〔U+{ord(sign):04X}〕阳", 1)
    (page,) = read(next(as_pdfs([listed(f"欧阳{sign}", "司马试")])))
    assert f"欧阳〔U+{ord(sign):04X}〕" in page and "有1个字不在印刷字库中" in page and "司马试" in page


def test_a_character_that_got_past_us_stops_the_paper_and_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDF/A refuses what no font draws; should the list of what ours have be wrong, nothing is printed."""
    monkeypatch.setattr(setting, "marked", lambda text: (text, 0))
    with pytest.raises(Exception, match="no glyph") as refused:
        next(as_pdfs([listed("欧阳ༀ")]))
    assert "ༀ" not in str(refused.value) and "欧阳" not in str(refused.value)


def test_the_map_of_glyphs_says_what_typst_finds() -> None:
    """Every tenth character that ours claim is set, in one line each thousand; typst refuses what is not there."""
    claimed = [chr(at) for at in (*range(0x3400, 0xA000, 10), *range(0x20000, 0x32000, 10)) if has_glyph(chr(at))]
    assert len(claimed) > 2500
    said = '#set text(font: ("Noto Sans SC", "Noto Sans CJK SC"))\n#sys.inputs.said'
    made = typst.compile(said.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=["a-2b"],
                         sys_inputs={"said": "".join(claimed)}, format="pdf")  # fmt: skip
    assert made.startswith(b"%PDF")


def test_the_same_paper_is_the_same_file_and_a_pdf_of_the_archive() -> None:
    one, other = (next(as_pdfs([listed("欧阳试一")])) for _ in range(2))
    assert one == other
    meta = pypdf.PdfReader(io.BytesIO(one)).xmp_metadata
    assert meta is not None and "pdfaid" in one.decode("latin-1")


def test_the_most_that_one_process_sets_fits_into_its_memory() -> None:
    assert child.MEMORY == 512 * 1024**2
    long = "长治市潞州区漳泽营业部太行东街站点"
    rows = [(str(n), chr(0x4E00 + n) * 3, long, f"疑似同一人：与 7K2Q-9XMD{n % 10} 核对") for n in range(MOST_ROWS)]
    codes = [(one[0], f"K7QM-{n:05d}", *one[2:]) for n, one in enumerate(rows)]
    coded = [COLUMNS[0], Col("行号", 20, coded=True), *COLUMNS[2:]]
    full = Paper("list", "题", DAY, WORDS, landscape=True, columns=coded, rows=codes)
    letters = [(f"{chr(0x4E00 + n)}阳：", "行号") for n in range(MOST_LETTERS)]
    mailing = Paper("letter", "题", DAY, WORDS, heading="一封信", letters=letters, paragraphs=["您好！" * 50] * 4)
    made = list(as_pdfs([full, mailing]))
    assert [len(pypdf.PdfReader(io.BytesIO(pdf)).pages) for pdf in made][1] == MOST_LETTERS


def test_a_process_out_of_memory_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(str(n), "欧阳试一", "站" * 40, "") for n in range(MOST_ROWS * 10)]
    with pytest.raises(PaperError, match="could not be set") as refused:
        list(as_pdfs([Paper("list", "题", DAY, WORDS, columns=COLUMNS, rows=rows)]))
    assert "欧阳" not in str(refused.value) and not isinstance(refused.value, ChildEndedError)


def test_the_code_holds_list_hash_and_export_and_nothing_else(tmp_path: Path) -> None:
    assert WORDS == "LIST=12;HASH=1a2b3c4d5e6f;EXPORT=7"
    assert passport_words(12, "1a2b3c4d5e6f7890", None) == "LIST=12;HASH=1a2b3c4d5e6f"
    svg = qr_svg(WORDS)
    assert svg.startswith("<svg") or "<svg" in svg[:200]
    assert "http://www.w3.org/2000/svg" in svg and "LIST" not in svg


def test_a_letter_is_a_page_for_each_person() -> None:
    letters = [("欧阳试一：", "行号 7K2Q-9XMDA"), ("司马𠮷：", "行号 2222-22222")]
    paper = Paper("letter", "题", DAY, WORDS, heading="一封信", letters=letters, paragraphs=["您好！", "平安。"],
                  signed=["团委", "2026 年 10 月 31 日"], footer="名单编号 12")  # fmt: skip
    first, second = read(next(as_pdfs([paper])))
    assert "欧阳试一：" in first and "司马" not in first and "第1/2页" in first and "团委" in first
    assert "司马𠮷：" in second and "欧阳" not in second and "行号2222-22222" in second


def test_a_rows_code_is_what_qrcode_draws_module_by_module() -> None:
    svg = row_code("K7QM-2F4HX")
    dark = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg):
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=0)
    drawn.add_data("K7QM-2F4HX")
    drawn.make()
    assert dark == {(x, y) for y, line in enumerate(drawn.modules) for x, cell in enumerate(line) if cell}
    assert len(drawn.modules) == 21 and "K7QM" not in svg
