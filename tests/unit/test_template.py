"""The standard template: filled as its explanations say, it is ingested as it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from rosters import Office, person
from talentpool.__main__ import cli
from talentpool.declare import FIELDS, TEMPLATE_V1
from talentpool.errors import UsageError
from talentpool.expect import count_flags
from talentpool.flow import ingest
from talentpool.settings import Settings
from talentpool.template import write_template
from talentpool.texts.fields import field_words


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "模板.xlsx"
    write_template(path, Settings())
    return path


def filled(path: Path, rows: list[dict[str, str]]) -> Path:
    book = openpyxl.load_workbook(path)
    sheet = book["名册"]
    for at, row in enumerate(rows, start=2):
        for column, field in enumerate(TEMPLATE_V1.values(), start=1):
            if row.get(field):
                sheet.cell(at, column, row[field])
    book.save(path)
    return path


def test_filled_it_is_published_as_it_is(office: Office, made: Path) -> None:
    rows = [person(n, county="潞州区", occupation="快递员", document_type="居民身份证") for n in range(1, 13)]
    found = ingest(
        office,
        office.partner(),
        file=filled(made, rows),
        as_of=date(2026, 10, 31),
        count=count_flags,
    )
    assert (found.status, found.rows, found.accepted, found.reasons) == ("published", 12, 12, {})
    assert office.one("select form from delivery") == "template"


def test_empty_it_is_no_roster(office: Office, made: Path) -> None:
    found = ingest(
        office,
        office.partner(),
        file=made,
        as_of=date(2026, 10, 31),
        count=count_flags,
    )
    assert (found.status, found.reasons) == ("rejected", {"no_rows": 1})


def test_digits_stay_text_choices_are_offered_and_every_column_is_explained(made: Path) -> None:
    book = openpyxl.load_workbook(made)
    sheet, words, choices = book["名册"], book["填写说明"], book["选项"]
    headers = [cell.value for cell in sheet[1]]
    assert [header.removesuffix("*") for header in headers] == list(TEMPLATE_V1)
    marked = [TEMPLATE_V1[header.removesuffix("*")] for header in headers if header.endswith("*")]
    assert marked == [field for field, word in field_words().items() if word.required]
    formats = {
        column: dimension.number_format
        for dimension in sheet.column_dimensions.values()
        for column in range(dimension.min, dimension.max + 1)
    }
    for header in ("工号*", "证件号码", "手机号码", "备用手机"):
        assert formats[headers.index(header) + 1] == "@", header
    lists = {str(rule.sqref).split("2:")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation
             if rule.type == "list"}  # fmt: skip
    assert set(lists) == {
        sheet[1][headers.index(h)].column_letter for h in ("性别", "证件类型", "工作区县*", "从业类别")
    }
    assert choices.sheet_state == "hidden"
    offered = {cell.value for row in choices.iter_rows() for cell in row}
    assert {"潞州区", "沁源县", "快递员", "外卖骑手", "男"} <= offered
    assert "屯留县" not in offered, "an abolished county is not offered"
    text = "\n".join(str(cell.value) for row in words.iter_rows() for cell in row if cell.value)
    assert all(f"【{header}】" in text for header in TEMPLATE_V1)
    assert sheet.freeze_panes == "C2"


def test_every_field_has_its_words() -> None:
    assert tuple(field_words()) == tuple(FIELDS)
    assert all(word.meaning and word.form and word.example for word in field_words().values())
    assert field_words()["document_no"].example.startswith("140199"), "never issued"


def test_the_counties_are_those_of_the_area(tmp_path: Path) -> None:
    made = write_template(tmp_path / "one.xlsx", Settings(area="140107"))
    assert made["counties"] == 1


def test_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli(["template", "--out", str(tmp_path / "模板.xlsx")], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["columns"] == 15
    with pytest.raises(UsageError, match=r"name it \.xlsx"):
        cli(["template", "--out", str(tmp_path / "模板.csv")], standalone_mode=False)
