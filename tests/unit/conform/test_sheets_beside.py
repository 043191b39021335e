"""Sheets beside the roster: people under no header of ours hold the delivery, notes and counts do not."""

from __future__ import annotations

import pytest

from books import HEADER, PEOPLE, Book, codes, read
from rosters import person
from talentpool.acquire import load_partner
from talentpool.declare import Partner
from talentpool.errors import RejectedError
from talentpool.settings import Settings


@pytest.fixture(scope="module")
def partner() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


def cut(*fields: int) -> list[list[str]]:
    return [[row[at] for at in fields] for row in PEOPLE]


MOBILES = [HEADER.index(n) for n in ("工号", "姓名", "手机号码")]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("新增", [["编码", "称呼", "联系方式"], *cut(*MOBILES)]),
        ("襄垣", cut(*MOBILES)),
        ("新增", [["序号", "姓名"], *([str(n), row[1]] for n, row in enumerate(PEOPLE))]),
        ("新增", [["十月新增"], ["姓名", "性别"], PEOPLE[0][1:3]]),
        ("示例", [HEADER, *PEOPLE]),
        ("样表", cut(*MOBILES)),
        ("新增", [[document] for document in (row[HEADER.index("证件号码")] for row in PEOPLE)]),
    ],
)
def test_a_sheet_of_people_under_no_header_of_ours_holds_the_delivery(
    name: str, rows: list[list[str]], partner: Partner
) -> None:
    book = Book()
    book.sheet("名册")
    book.sheet(name, rows, [])
    assert codes(read(book.bytes(), partner)[1]) == {"sheet_unread"}


def test_pages_that_only_name_somebody_hold_nothing_up(partner: Partner) -> None:
    book = Book()
    book.sheet("样例", PEOPLE[:1])
    book.sheet("名册")
    book.sheet("说明", [["填写说明"], ["1. 一行一人"], ["技术支持联系人", "张三", "13912345678"],
                      ["业务咨询", "李四", "13912345679"], ["2. 不要合并单元格"]], [])  # fmt: skip
    book.sheet(
        "透视", [["行标签", "计数项:工号"], ["太行站", "12"], ["潞州区", "23"], ["张三", "4"], ["总计", "39"]], []
    )
    book.sheet("站点", [["编码", "站点", "区县", "负责人", "电话"], *([f"Z00{n}", "太行站", "潞州区", "张三", "13912345678"]
                                                              for n in range(15))], [])  # fmt: skip
    book.sheet(
        "修改记录",
        [["日期", "修改人"], *([f"2026-10-0{n}", name] for n, name in enumerate(("张三", "李四", "王五"), 1))],
        [],
    )
    book.sheet("字段", [["列名", "含义", "示例"], ["姓名", "全名", "张三"], ["手机号码", "本人", "13912345678"],
                      ["证件号码", "居民身份证", person(1)["document_no"]]], [])  # fmt: skip
    rows, source = read(book.bytes(), partner)
    assert (len(rows), source.findings, dict(source.notes)) == (len(PEOPLE), (), {})


def test_an_example_of_others_than_the_rosters_people_is_noted_as_not_read(partner: Partner) -> None:
    book = Book()
    book.sheet("名册", PEOPLE[3:])
    book.sheet("样例", PEOPLE[:3])
    book.sheet("示例", PEOPLE[4:6])
    rows, source = read(book.bytes(), partner)
    assert (len(rows), source.findings, dict(source.notes)) == (len(PEOPLE) - 3, (), {"sheet_example": 1})


def test_a_roster_on_a_hidden_sheet_alone_is_refused_with_where_it_is(partner: Partner) -> None:
    book = Book()
    book.sheet("封面", [["长治市"]], [])
    book.sheet("名册").hide()
    with pytest.raises(RejectedError, match="名册在隐藏的工作表中（第 2 张“名册”）"):
        read(book.bytes(), partner)
