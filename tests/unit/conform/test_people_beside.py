"""People in columns beside those that are read are asked about, never left out without a word."""

from __future__ import annotations

import io

import pytest

import workbooks
from csv_files import text
from headers import HEADER, PEOPLE, lines, read
from talentpool.acquire import load_partner
from talentpool.conform.files.read import read_csv
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.declare import Partner
from talentpool.errors import RejectedError
from talentpool.settings import Settings

LEFT, RIGHT = lines(HEADER, PEOPLE[:4]), PEOPLE[4:]
BLOCKS = {
    "no header": (["", "", ""], ("staff_no", "name", "mobile")),
    "no header, documents alone": ([""], ("document_no",)),
    "no header, names alone": ([""], ("name",)),
    "numbered names": (["工号2", "姓名2"], ("staff_no", "name")),
    "other words": (["员工编号", "员工姓名", "联系电话"], ("staff_no", "name", "mobile")),
}
HONEST = {
    "remarks": (["", "备注"], [("已核", "张三介绍")] * 4),
    "running numbers": ([""], [(str(n),) for n in range(4)]),
    "own cells again": (["", ""], [(row["name"], row["mobile"]) for row in PEOPLE[:4]]),
    "contacts": (["紧急联系人", "紧急联系人电话"], [("李四", "13912345678")] * 4),
    "a second mobile": (["联系电话"], [("13912345678",)] * 4),
}


@pytest.fixture(scope="module")
def partner() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


def beside(header: list[str], cells: list[tuple[str, ...]]) -> list[list[str]]:
    table = [[*LEFT[0], "", *header]]
    return table + [[*row, "", *some] for row, some in zip(LEFT[1:], cells, strict=False)]


@pytest.mark.parametrize("how", BLOCKS)
def test_a_second_block_of_people_holds_the_delivery_and_names_the_columns(how: str, partner: Partner) -> None:
    header, fields = BLOCKS[how]
    table = beside(header, [tuple(row[field] for field in fields) for row in RIGHT])
    columns = "、".join(str(len(HEADER) + 2 + at) for at in range(len(fields)))
    data = text(",".join(row) for row in table)
    book = workbooks.plain(table[1:], header=table[0])
    for source in (
        read_csv(lambda: io.BytesIO(data), partner, "roster.csv"),
        read_workbook(io.BytesIO(book), partner, "roster.xlsx"),
    ):
        (finding,) = source.findings
        assert (finding.code, finding.observed) == ("people_beside", 4)
        assert finding.detail == f"第 {columns} 列没有读取"
        list(source.blocks)


@pytest.mark.parametrize("how", HONEST)
def test_what_an_honest_roster_has_beside_holds_nothing_up(how: str, partner: Partner) -> None:
    assert read(beside(*HONEST[how]), partner).findings == ()


def test_a_header_repeated_beside_itself_is_refused_with_where_it_begins(partner: Partner) -> None:
    with pytest.raises(RejectedError, match=r"姓名、工号.*第 17 列起另有并排的一组人员"):
        read(beside(HEADER[:2], []), partner)
