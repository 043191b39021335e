"""Lines that speak of nobody are no rows, wherever they stand; a person never is such a line."""

from __future__ import annotations

import hashlib
import io
import json

import pyarrow as pa
import pytest

from bad_input.cases import manifest
from csv_files import HEADER, lines, read, text
from rosters import Office, document, person
from talentpool.acquire import load_partner
from talentpool.conform.files.nobody import nobody, speaks_of_nobody
from talentpool.conform.files.tidy import complete
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.declare import FIELDS, TEMPLATE_V1
from talentpool.errors import RejectedError
from talentpool.expect import count_flags
from talentpool.flow import ingest
from talentpool.settings import Settings
from unit.conform.test_files import as_xlsx

TITLES = {field: header for header, field in TEMPLATE_V1.items()}
NOBODY = [
    "合计,53", ",合计,53", "小计,,,,,,,,潞州区", ",,,,,,,,合　计：53人", "潞州区小计,12", "本页合计：30", "Total,53", "共53人",
    "制表人：张三,,,,审核人：李四,,,2026年10月31日", "制表人,张三,审核,李四",
    "单位负责人：李某,,,填表人：王某,,,联系电话：13900000000",
    "负责人（签字）：", "填报单位：某某公司,,,联系人,张三,,13900000000", "联系人：张三 联系电话：0355-2023456",
    "联系人,张三,联系电话,13900000000", "（盖章）", ",,,,,,,,,（盖章）", "第 1 页 共 3 页", ",,,,,,,第１页／共３页", "1/3页",
    "2026年10月31日", "日期：2026-10-31", "长治市网约车服务有限公司", "长治市网约车司机名册", "--------,----", "=====", "*****",
    "备注：以上人员均已授权,,,,,,", "注：1、本表", "说明", "以下空白", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", HEADER,
    "统计时间,2026年10月31日,合计,30", "打印时间：2026-10-31 10:00", "数据来源：人力系统", "统计人：张三", "站长：张三",
    "潞州区：", "潞州区",
    "太行站", "太行站（10人）", "太行站,10人", "潞州区,10", "以下为新增人员", "在职人员", "以下为外包人员：", "END",
    "--end--", "公司盖章", "1/3",
    "-1-", "— 1 —", "二〇二六年十二月一日", "二〇二六年十月", "共10人", "本页10人", "以上共10人", "人数：10", "小计",
    "数据截至2026年10月31日",
    "打印人：李四,,,,打印时间：2026-10-31", "制表人,张三,,,,2026-10-31", "统计人,张三,,,日期,2026-10-31", "表1",
    ",,,,,,,,共10人",
    "联系人,张三,,,,,13900000000", "站长,李红,,,,,13912345678", "站长,李红,,,,,13912345678,,,太行站",
    "填表人：,李红,,联系电话：,,,13912345678", "负责人：,李红,,,,电话：,13912345678", "区域经理,李红,,,,,13912345678",
    "以上信息真实有效，本单位承诺对其真实性负责", ",,,以上信息真实有效，本单位承诺负责", "内部资料，注意保密", "QQ：123456789",
    "本月新增3人，离职2人", "长治市网约车服务有限公司（盖章）", ",长治市网约车服务有限公司（盖章）", ",,,,长治市某某公司（盖章）",
    ",,,,,,,,长治市某某公司（公章）", ",,,,,,,,,,某某公司盖章处", "某某公司（盖章）,,,,,,2026年10月31日",
    *("," * at + "二〇二六年十月三十一日" for at in range(15)), ",,,,,2026-10-31",
    "站长：李红,,,,,,13912345678", ",站长：李红,,,,,13912345678", "项目经理,李红,,,,,13912345678", "HR,李红,,,,,13912345678",
    "请各县区于每月5日前报送", "注意保密", "仅供内部使用", ",以上人员均已签署授权书",
]  # fmt: skip
PEOPLE = [
    f"T1,合计,男,,{document(1)},,,,140403", "T1,合计,,,,,,,140403", f",合计,男,,{document(1)}", "T1,共产,男,,,,,,140403",
    "T1,王小计", "T1", "T1,张三", ",张三,男", ",张三,,,,1990-01-01", "T1,,,,,,,,140403", f"合计,张三,男,,{document(1)}",
    f"联系人,张三,,,{document(1)}", f"站长,李红,,,{document(1)}", "站长,李红,,,,,13912345678,,140403", "站长,李红,女",
    "站长,李红,,,,,13912345678,,,,,,,2025-01-01,v1", "主管,李红,,,,,13912345678,,潞州区", "站长,李红,,,,1990-01-01",
    "站长01,李红,,,,,13912345678", "站长-1,李红,,,,,13912345678", "主管-001,李红,,,,,13912345678", ",李红,,,,,13912345678",
    "T-1,李红,,,,,13912345678", "京A12345学", "骑手甲001", "T1,,,,,,13900000000,,,太行站（盖章）", ",张三,,,,1990-01-01",
    ",买买提艾力江", "太行站新招骑手001", "站长：李红,,,,,,13912345678,,140403", ",主任,男", ",李主任,男",
    "HR001,李红,,,,,13912345678", "QQ001", ",,,,,,,,,,,2024-03-01,,2025-01-01",
    "T00031，韩子少，男，140199199505050011，13912345678",
    "T00031;韩子少;男;太行站", "司马相如，男，13912345678",
    "欧阳子少，男",
    "内蒙古分公司骑手0001，13912345678", ",,,,,,,,140403", ",,,,,,13912345678", "T1,,,,,,13900000000", ",张三,,,E12345678",
    "晋A001,张三,男,,,,,,潞州区", "长治001,,,,,,,,潞州区", "T1,第五,男,,,,,,140403", ",单位国,男", ",张三,,,,,,,,,主管",
    "T1,,,,,,,,,美团公司",
    "***,***,***", "主管01,张三,,,,,,,,总站,审核", "T1,注册,男", ",张三,,,1401**********001X",
]  # fmt: skip


def cells(line: str) -> dict[str, str]:
    return dict(zip(FIELDS, line.split(","), strict=False))


def dropped(lines: list[str]) -> list[str]:
    """Of a block with an ordinary row at either end, the lines that are dropped."""
    rows = [cells(line) for line in ["T9,韩,,,,,,,140403", *lines, "T8,韩,,,,,,,140403"]]
    table = complete(pa.table({f: pa.array([row.get(f, "").strip() for row in rows]) for f in FIELDS}))
    found = nobody(table, TITLES, "roster.csv")
    return [] if found is None else [line for line, drop in zip(lines, found[0][1:-1], strict=True) if drop]


def test_every_line_of_nobody_is_dropped_and_no_person() -> None:
    assert dropped(NOBODY) == NOBODY
    assert dropped(PEOPLE) == []
    assert all(speaks_of_nobody(cells(line), TITLES) for line in NOBODY)


@pytest.mark.parametrize("at", [1, 15, 31])
def test_they_stand_anywhere_in_a_csv_with_all_cells_or_few(at: int) -> None:
    full = [line + "," * (14 - line.count(",")) for line in NOBODY]
    for some in (NOBODY, full):
        found = read(text([*lines()[:at], "", *some, " ,,", *lines()[at:]]))
        assert len(found.staff) == 30
        assert found.notes == {"lines_passed_over": len(NOBODY)}


def test_people_who_look_like_them_stay_rows_of_a_csv() -> None:
    some = [line + "," * (14 - line.count(",")) for line in PEOPLE]
    assert len(read(text([*lines(), *some])).staff) == 30 + len(PEOPLE)


def test_a_manifest_counts_people_alone(office: Office) -> None:
    data = text([*lines()[:15], *NOBODY[:9], *lines()[15:], *NOBODY])
    path = office.folder / "roster.csv"
    path.write_bytes(data)
    (office.folder / "roster.csv.manifest.json").write_bytes(manifest(data, rows=30))
    found = ingest(office, office.partner(), file=path, count=count_flags)
    assert (found.status, found.rows, found.refused, found.reasons) == ("published", 30, 0, {})
    assert found.notes == {"lines_passed_over": len(NOBODY) + 9}
    assert (
        json.loads((office.folder / "roster.csv.manifest.json").read_text())["sha256"]
        == hashlib.sha256(data).hexdigest()
    )


def test_a_workbook_has_them_too(office: Office) -> None:
    people = [[person(n).get(field, "") for field in FIELDS] for n in range(1, 21)]
    some = [line.split(",") for line in NOBODY if not line.startswith("=")]  # which would be written as a formula
    rows: list[list[object]] = [list(TEMPLATE_V1), *people[:10], *some, *people[10:]]
    path = office.folder / "roster.xlsx"
    path.write_bytes(as_xlsx(rows))
    found = office.take(path)
    assert (found.status, found.rows, found.accepted) == ("published", 20, 20)
    assert found.notes == {"lines_passed_over": len(some)}


LEAVERS = [
    "离职人员",
    "以下为离职人员",
    "以下为已离职骑手（3人）：",
    "本月离职人员名单",
    "下列人员已离职：",
    "10月减员名单如下",
]


@pytest.mark.parametrize("heading", LEAVERS)
@pytest.mark.parametrize("cells", [1, len(FIELDS)])
def test_people_under_a_heading_of_leavers_are_never_read_as_active(heading: str, cells: int) -> None:
    line = heading + "," * (cells - 1)
    with pytest.raises(RejectedError, match="第 17 行写明其下是离职人员") as caught:
        read(text([*lines()[:16], line, *lines()[16:]]))
    assert caught.value.code == "section_left"
    assert len(read(text([*lines(), line])).staff) == 30
    left = [row.replace("2024-03-01,", "2024-03-01,2026-09-30", 1) for row in lines()[16:]]
    assert left != lines()[16:]
    assert len(read(text([*lines()[:16], line, *left])).staff) == 30


STAYERS = ["在职人员", "新入职人员", "以下为在职人员", "本月新增骑手（14人）：", "【在职】", "以下人员仍在职"]


@pytest.mark.parametrize("heading", STAYERS)
@pytest.mark.parametrize("cells", [1, len(FIELDS)])
def test_a_heading_of_people_who_are_there_ends_a_section_of_leavers(heading: str, cells: int) -> None:
    line, left = heading + "," * (cells - 1), "离职人员" + "," * (cells - 1)
    gone = [row.replace("2024-03-01,", "2024-03-01,2026-09-30", 1) for row in lines()[1:6]]
    found = read(text([HEADER, left, *gone, line, *lines()[6:]]))
    assert (len(found.staff), found.notes["lines_passed_over"]) == (30, 2)
    for table in ([HEADER, left, *lines()[1:6], line, *lines()[6:]], [HEADER, line, *lines()[1:9], left, *lines()[9:]]):
        with pytest.raises(RejectedError, match="写明其下是离职人员"):
            read(text(table))


@pytest.mark.parametrize(
    "line", ["太行站", "专送骑手", "合计：5", "第 1 页 共 3 页", "2026年10月31日", "以下为离职人员"]
)
def test_what_may_only_divide_a_section_of_leavers_does_not_end_it(line: str) -> None:
    with pytest.raises(RejectedError, match="写明其下是离职人员"):
        read(text([HEADER, "离职人员", line, *lines()[1:]]))


def test_a_section_in_a_column_before_the_fields_is_ended_there_too() -> None:
    table = [[str(n), *line.split(",")] for n, line in enumerate(lines())]
    table[0][0], blank = "序号", [""] * len(FIELDS)
    for row in table[1:6]:
        row[1 + FIELDS.index("left_on")] = "2026-09-30"
    table = [table[0], ["离职人员", *blank], *table[1:6], ["以下为在职人员", *blank], *table[6:]]
    assert len(read(text(",".join(row) for row in table)).staff) == 30


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_such_a_heading_in_a_column_before_the_fields_is_seen_too(form: str) -> None:
    def read_with(first: list[str]) -> int:
        table = [[cell, *line.split(",")] for cell, line in zip(["序号", *first], lines(), strict=True)]
        table.insert(16, ["以下为离职人员", *[""] * len(FIELDS)])
        if form == "csv":
            return len(read(text(",".join(row) for row in table)).staff)
        partner = load_partner(Settings().partner_dirs, "didi")
        return sum(map(len, read_workbook(io.BytesIO(as_xlsx(table)), partner, "roster.xlsx").blocks))

    with pytest.raises(RejectedError, match="第 17 行写明其下是离职人员"):
        read_with([str(n) for n in range(30)])


def test_a_word_of_leaving_beside_a_person_is_no_heading() -> None:
    table = [f"状态,{HEADER}", *(f"离职人员,{line}" for line in lines()[1:])]
    assert len(read(text(table)).staff) == 30
