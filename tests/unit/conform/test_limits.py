"""A file beyond the limits of a roster is refused at once, in Chinese and with what to do; one within them is read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
import xlsxwriter

import workbooks
from rosters import person
from talentpool.acquire import json_rows, load_partner
from talentpool.acquire.json_rows import Spool
from talentpool.conform.files import header, header_names, limits
from talentpool.conform.files.read import Source, read_csv
from talentpool.conform.workbook import shape
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.declare import TEMPLATE_V1, Partner
from talentpool.errors import RejectedError
from talentpool.settings import Settings

HEAD = ",".join(TEMPLATE_V1)
WIDTH = len(TEMPLATE_V1)
ROW = ",".join(person(1).get(field, "") for field in TEMPLATE_V1.values())
WIDE = 100_000
MOST_NAMES = 20_000
"""Cells whose spelling may be looked at before a file of any width is refused: the work that once had no end."""


@pytest.fixture
def partner() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


@pytest.fixture
def names_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells were looked at as names: what reading a header costs."""
    count, true = [0], header_names.header_keys

    def counted(cell: str) -> tuple[str, ...]:
        count[0] += 1
        return true(cell)

    monkeypatch.setattr(header_names, "header_keys", counted)
    return count


def read(text: str | bytes, partner: Partner) -> tuple[Source, int]:
    data = text if isinstance(text, bytes) else text.encode()
    source = read_csv(lambda: io.BytesIO(data), partner, "roster.csv")
    return source, sum(len(block) for block in source.blocks)


WIDE_FILES = {
    "different columns": HEAD + "," + ",".join(f"x{n}" for n in range(WIDE)) + f"\n{ROW}{',1' * WIDE}\n",
    "one name over and over": HEAD + ",姓名" * WIDE + f"\n{ROW}{',1' * WIDE}\n",
    "empty columns": f"{HEAD}{',' * WIDE}\n{ROW}{',' * WIDE}\n",
    "quoted over lines": HEAD + ',"a\n"' * WIDE + f"\n{ROW}{',1' * WIDE}\n",
    "wide titles above": ("x," * WIDE + "\n") * 20 + f"{HEAD}\n{ROW}\n",
    "one column too many": HEAD + ",备注" * (limits.MAX_COLUMNS - WIDTH + 1) + f"\n{ROW}\n",
}


@pytest.mark.parametrize("name", WIDE_FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_header_of_endless_columns_is_refused_unread(
    partner: Partner, names_read: list[int], name: str, encoding: str
) -> None:
    with pytest.raises(RejectedError, match=r"roster\.csv：第 1 行.*列.*最多.*请只保留") as caught:
        read(WIDE_FILES[name].encode(encoding), partner)
    assert caught.value.code == "shape_too_large"
    assert names_read[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "\n" + ROW + ",1" * WIDE + "\n",
        HEAD.replace("手机号码", "联系方式") + "\n" + ROW + ",1" * WIDE + "\n",
        ("x;" * WIDE + "\n") * 20,
        ("x\t" * WIDE + "\n") * 20,
        "\n".join([",".join(["（" + "说" * 150] * 400)] * 20),
        f"{HEAD}\n" + '"a\n",' * (4 * WIDE),
    ],
    ids=["a wide row", "a wide row where a column is unknown", "semicolons", "tabs", "long cells", "an open row"],
)
def test_what_is_no_roster_is_refused_after_little_work(partner: Partner, names_read: list[int], text: str) -> None:
    with pytest.raises(RejectedError):
        read(text, partner)
    assert names_read[0] <= 15 * MOST_NAMES


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("where", [0, 1, 3, 40])
def test_a_line_without_an_end_is_refused_with_its_number(partner: Partner, end: str, where: int) -> None:
    rows = [ROW] * 9_000 if where == 40 else [ROW] * where
    with pytest.raises(RejectedError, match=f"roster.csv：第 {len(rows) + 2} 行超过 1024 KB；请检查换行") as caught:
        read(end.join([HEAD, *rows, ROW + "长" * limits.MAX_LINE, ROW, ""]), partner)
    assert caught.value.code == "shape_too_large"


def test_a_file_of_one_line_is_refused(partner: Partner) -> None:
    with pytest.raises(RejectedError, match="第 1 行超过"):
        read(b"a" * (3 * limits.MAX_LINE), partner)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_roster_of_many_blocks_with_long_remarks_is_read(partner: Partner, end: str) -> None:
    rows = [ROW + ',"' + "照" * (30_000 if n % 500 == 0 else 3) + '"' for n in range(9_000)]
    _, count = read(end.join([HEAD + ",照片编码", *rows, ""]), partner)
    assert count == 9_000


@pytest.mark.parametrize("columns", [256, limits.MAX_COLUMNS])
def test_a_roster_with_the_empty_columns_of_a_spreadsheet_is_read(partner: Partner, columns: int) -> None:
    commas = "," * (columns - WIDTH)
    source, count = read(f"{HEAD}{commas}\n{ROW}{commas}\n{ROW}{commas}\n", partner)
    assert (count, source.findings) == (2, ())


def test_a_wide_file_has_few_cells_looked_at_for_an_unknown_column(partner: Partner, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    seen: list[int] = []
    monkeypatch.setattr(
        header, "candidates", lambda unknown, *_, **__: seen.append(sum(len(u.cells) for u in unknown)) or []
    )
    wide = HEAD.replace("备用手机号码", "其他电话") + ",x" * (400 - WIDTH)
    read(f"{wide}\n" + (ROW + ",1" * (400 - WIDTH) + "\n") * 3_000, partner)
    assert all(count <= limits.MAX_LOOKED_AT for count in seen)


def book(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        fill(made)
    return out.getvalue()


def sheets(count: int, columns: int = 1, rows: int = 1) -> bytes:
    def fill(made: xlsxwriter.Workbook) -> None:
        made.add_worksheet("名册").write_row(0, 0, list(TEMPLATE_V1))
        for n in range(count - 1):
            sheet = made.add_worksheet(f"表{n}")
            for row in range(rows):
                sheet.write_row(row, 0, ["说明"] * columns)

    return book(fill)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (sheets(limits.MAX_SHEETS + 1), "张工作表，最多"),
        (sheets(40, columns=150, rows=20), "前几行的单元格合计超过"),
        (workbooks.roster([person(1)], header=[*TEMPLATE_V1, *(f"c{n}" for n in range(300))]), "列，最多 200 列"),
    ],
    ids=["sheets", "heads", "columns"],
)
def test_a_workbook_beyond_the_limits_is_refused(partner: Partner, data: bytes, why: str) -> None:
    with pytest.raises(RejectedError, match=f"roster.xlsx：.*{why}.*请") as caught:
        read_workbook(io.BytesIO(data), partner, "roster.xlsx")
    assert caught.value.code == ("workbook_refused" if "列，" in why else "shape_too_large")


def test_a_workbook_of_too_many_cells_is_refused_before_it_is_parsed(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [person(n) for n in range(200)]
    monkeypatch.setattr(shape, "MAX_CELLS", 2_000)
    monkeypatch.setattr("talentpool.conform.workbook.blocks.Parsed", lambda *_: pytest.fail("it was parsed"))
    for data in (workbooks.roster(rows), workbooks.unplaced_cells(workbooks.roster([]), 2_001)):
        with pytest.raises(RejectedError, match=r"roster\.xlsx：单元格超过") as caught:
            read_workbook(io.BytesIO(data), partner, "roster.xlsx")
        assert caught.value.code == "shape_too_large"


def test_a_workbook_of_many_small_sheets_is_read(partner: Partner) -> None:
    source = read_workbook(io.BytesIO(sheets(60, columns=15, rows=20)), partner, "roster.xlsx")
    assert source.form == "template"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({f"k{n}": "1" for n in range(WIDE)}, "字段超过 200 个"),
        ({"照片": "A" * json_rows.MAX_ROW}, "超过 512 KB"),
        ({"照片": "照" * (json_rows.MAX_ROW // 2)}, "超过 512 KB"),
        ({"a": {"b": ["x" * 1000] * 1000}}, "超过 512 KB"),
    ],
    ids=["keys", "a long cell", "long in bytes", "nested"],
)
def test_a_row_of_a_signed_api_beyond_the_limits_is_refused_with_its_number(row: dict[str, object], why: str) -> None:
    spool = Spool("roster.csv")
    spool.add([{"staffNo": "T1"}])
    with pytest.raises(RejectedError, match=f"roster.csv：第 2 行.*{why}.*请合作单位") as caught:
        spool.add([json.loads(json.dumps(row))])
    assert caught.value.code == "shape_too_large"


def test_the_longest_row_of_a_signed_api_is_a_line_that_is_read(partner: Partner) -> None:
    row = {name: person(1).get(field, "") for name, field in TEMPLATE_V1.items()}
    spool = Spool("roster.csv")
    spool.add([row | {"备注": '"' * (json_rows.MAX_ROW - 2_000)}, row])
    data = b"".join(spool.csv())
    assert max(map(len, data.split(b"\r\n"))) <= limits.MAX_LINE
    assert read(data, partner)[1] == 2
