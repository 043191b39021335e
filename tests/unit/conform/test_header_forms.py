"""Headers of two rows read as one, and the partners' own forms beside the template."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from headers import GONE, HEADER, PEOPLE, lines, questions, read, renamed
from talentpool.acquire import load_partner
from talentpool.conform.files.header import find_header
from talentpool.declare import FIELDS, Partner, partner_files
from talentpool.settings import Settings


@pytest.fixture(scope="module")
def didi() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


@pytest.fixture(scope="module")
def postal() -> Partner:
    return load_partner(Settings().partner_dirs, "postal")


SPANNING = "工号 姓名 性别 证件 - 出生日期 联系方式 - 工作区县 站点 从业类别 日期 - 授权 -"
SPLIT = "工号 姓名 性别 证件号码 - 出生日期 手机号码 - 工作区县 站点 从业类别 入职日期 - 授权日期 -"
BELOW = "- - - 证件类型 证件号码 - 手机号码 备用手机 - - - 入职日期 离职日期 授权日期 告知版本"
HINTS = "（必填） (必填) - 下拉选择 文本格式 YYYY-MM-DD 11位 - （6位代码） - - - 在职留空 - -"
GROUPS = "基本信息 - - - - - 联系方式 - 工作信息 - - - - 授权 -"
GROUPED = {
    "groups above, all names below": (GROUPS, " ".join(HEADER)),
    "names that span both rows": (SPANNING, BELOW),
    "a name above, split below": (SPLIT, BELOW),
    "names above, remarks below": (" ".join(HEADER), HINTS),
}
"""Upper and lower row; - is an empty cell."""


@pytest.mark.parametrize("how", GROUPED)
def test_a_header_of_two_rows_is_read_as_one(how: str, didi: Partner) -> None:
    rows = lines(HEADER, GONE)[1:]
    table = [
        ["长治市名册", *[""] * 14],
        *(["" if cell == "-" else cell for cell in row.split()] for row in GROUPED[how]),
        *rows,
    ]
    found = find_header(iter(enumerate(table, 1)), didi, "roster.csv")
    assert found is not None
    assert (found[0].fields, found[1]) == ({field: at for at, field in enumerate(FIELDS)}, 3)
    assert found[0].findings == ()


def test_a_row_of_data_is_never_taken_for_a_second_row_of_names(didi: Partner) -> None:
    odd = PEOPLE[0] | {"station": "站点", "name": "请柏", "occupation": "姓名"}
    for row in (
        odd,
        odd | {"staff_no": "", "name": "(必填)"},
        odd | {"staff_no": "(01)", "name": "（某）", "county": "下拉"},
    ):
        found = find_header(iter(enumerate(lines(HEADER, [row]), 1)), didi, "roster.csv")
        assert found is not None and found[1] == 1


@pytest.mark.parametrize("code", sorted(partner_files(Settings().partner_dirs)))
def test_no_shipped_sample_is_asked_about(code: str) -> None:
    partner = load_partner(Settings().partner_dirs, code)
    folder = Path(__file__).parents[3] / "include" / "partners" / code
    if not (folder / "sample.csv").exists():
        columns = partner.format.columns
        table = lines(list(columns), PEOPLE, list(columns.values()))
    else:
        data = (folder / "sample.csv").read_bytes()
        text = data.decode("utf-8-sig" if code != "postal" else "gb18030")
        table = list(csv.reader(text.splitlines()))
    found = read(table, partner)
    assert (found.findings, found.notes) == ((), {})
    assert set(found.fields) == set(partner.format.columns.values())


def test_the_templates_name_stands_for_a_declared_column_that_is_missing(postal: Partner) -> None:
    columns = postal.format.columns
    header = ["离职日期" if to == "left_on" else name for name, to in columns.items()]
    found = read(lines(header, GONE, list(columns.values())), postal)
    assert found.fields["left_on"] == list(columns.values()).index("left_on")
    assert (found.findings, found.notes) == ((), {"column_spelling": 1})


def test_names_of_the_partners_own_form_stand_in_a_template_too(postal: Partner) -> None:
    header = renamed(county="所属区县", document_no="身份证号", left_on="离职时间")
    found = read(lines(header, GONE), postal)
    assert (found.form, set(found.fields), found.findings) == ("template", set(FIELDS), ())
    assert found.notes == {"column_spelling": 3}


def test_a_partners_own_form_drifts_and_is_asked_about(postal: Partner) -> None:
    columns = postal.format.columns
    header = ["离岗时间" if to == "left_on" else name for name, to in columns.items()]
    assert questions(read(lines(header, GONE, list(columns.values())), postal)) == {"离岗时间": ["离职时间"]}


def test_a_field_the_partners_form_does_not_have_is_asked_about_under_the_templates_name_only(postal: Partner) -> None:
    columns = postal.format.columns
    table = lines(
        [*columns, "备用手机"], [row | {"mobile2": "13712345678"} for row in PEOPLE], [*columns.values(), "mobile2"]
    )
    assert questions(read(table, postal)) == {"备用手机": ["备用手机"]}
    table[0][-1] = "家属号码"
    assert questions(read(table, postal)) == {}
