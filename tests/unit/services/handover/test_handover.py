"""The 对接说明: everything a declaration fixes stands on one page, in both forms, and nothing that is secret."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from talentpool.__main__ import cli
from talentpool.acquire import load_partner
from talentpool.declare import Partner, partner_files
from talentpool.services.handover import as_markdown, as_pdf, sheet_of
from talentpool.services.handover.facts import example_name, schedule
from talentpool.settings import Settings
from talentpool.texts.reasons import reasons

CODES = sorted(partner_files(Settings().partner_dirs))


def declared(code: str) -> Partner:
    return load_partner(Settings().partner_dirs, code)


def read(pdf: bytes) -> tuple[int, str]:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return len(pages), "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("code", CODES)
def test_everything_declared_stands_on_one_page_in_both_forms(code: str) -> None:
    partner = declared(code)
    sheet = sheet_of(partner)
    pages, paper = read(as_pdf(sheet))
    text = "".join(as_markdown(sheet).replace("\\", "").split())
    assert pages == 1
    said = [*partner.format.columns, partner.name, partner.contact.unit, schedule(partner.cadence.cron)]
    said += [f"{partner.cadence.grace_hours}小时", f"{partner.retention.raw_days}天"]
    said += [code for code, _, _ in sheet.codes] + [
        words for code, _, _ in sheet.codes for words in (reasons()[code].text_zh,)
    ]
    for words in said:
        for form in (paper, text):
            assert "".join(words.split()) in form, words
    assert len(sheet.codes) >= 10


@pytest.mark.parametrize("code", CODES)
def test_nothing_of_a_connection_can_be_on_it(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        f"TALENTPOOL_CONN_PARTNER_{code.upper()}",
        json.dumps({"conn_type": "http", "host": "geheim.example", "login": "geheim", "password": "geheim"}),
    )
    sheet = sheet_of(declared(code))
    assert "geheim" not in as_markdown(sheet) + read(as_pdf(sheet))[1]
    assert not re.search(r"partner_(postal|sf|meituan|didi)", as_markdown(sheet).replace("\\", "")), "a connection's id"


def test_what_looks_like_markup_is_text() -> None:
    partner = declared("postal")
    odd = partner.model_copy(update={"name": "*#strong[x]* `$1$` <b> | _a_ \\ #import"})
    sheet = sheet_of(odd)
    assert "*#strong[x]*`$1$`<b>|_a_\\#import" in read(as_pdf(sheet))[1]
    (line,) = (line for line in as_markdown(sheet).splitlines() if line.startswith("# "))
    assert line.endswith("*#strong[x]* `$1$` <b> | _a_ \\ #import") or "\\*" in line


@pytest.mark.parametrize(("cron", "words"), [
    ("0 6 1 * *", "每月的1号 06:00"), ("30 5 * * 1", "每星期一 05:30"), ("0 7 1,15 * *", "每月的1和15号 07:00"),
])  # fmt: skip
def test_a_schedule_is_said_in_words(cron: str, words: str) -> None:
    assert schedule(cron) == words


@pytest.mark.parametrize("code", [code for code in CODES if hasattr(declared(code).transport, "file_name")])
def test_the_example_of_a_file_name_is_one_that_we_would_take(code: str) -> None:
    pattern = declared(code).transport.file_name  # type: ignore[attr-defined]
    name = example_name(pattern, code)
    assert re.fullmatch(pattern, name)
    assert "20261031" in name


def test_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli(["handover", "sf", "--out", str(tmp_path)], standalone_mode=False)
    made = json.loads(capsys.readouterr().out)
    assert Path(made["pdf"]).read_bytes().startswith(b"%PDF")
    assert Path(made["markdown"]).read_text(encoding="utf-8").startswith("# 青年人才库名册对接说明 · 顺丰速运")
