"""Writes the workbook sample of Meituan: everything its export is known for, with synthetic people.

`python -m partners.meituan_sample OUT.xlsx`, from tests/; the same bytes every time.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from rosters import document
from talentpool.acquire import load_partner
from talentpool.settings import Settings

MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - what a workbook says of itself has no time zone
USUAL = {"sex": "男", "county": "潞州区", "station": "太行站", "hired_on": date(2023, 4, 1),
         "consented_on": date(2025, 1, 6), "notice_version": "v1"}  # fmt: skip
VALID, MASKED, TYPO = document(1, "1990-03-07"), document(4, "1998-02-14"), document(5, "1988-08-08")
ROWS: tuple[dict[str, Any], ...] = (
    {"staff_no": "M0001", "name": "王建国", "document_no": VALID, "mobile": "13812345601", "birth_date": date(1990, 3, 7)},
    {"staff_no": 1002, "name": "欧阳　晓明", "document_no": document(3, "1995-12-01"), "mobile": 13812345602},
    {"staff_no": "M0003", "name": "阿依.古丽", "sex": "女", "document_no": f"{MASKED[:4]}{'*' * 10}{MASKED[14:]}",
     "birth_date": "1998/2/14", "mobile": "138****5603", "county": "屯留县"},
    {},
    {"staff_no": "M0004", "name": "劉偉師傅", "document_no": TYPO[:17] + ("1" if TYPO[17] != "1" else "2"),
     "birth_date": 32363, "mobile": "13812345604", "mobile2": "13912345604", "station": ("=B3", "城关站")},
    {"staff_no": "M0005", "name": "张三丰", "document_no": 1.40199199002021e17, "birth_date": "1992-13-01", "county": "长治县"},
    {"staff_no": "M0006", "name": "测试", "mobile": "13812345607", "occupation": "众包骑手"},
    {"staff_no": "M0007", "name": "=cmd|' /C calc'!A0", "mobile": "13812345608", "hired_on": ("=TODAY()", None)},
    {"staff_no": "M0008", "name": "孙小小", "document_no": document(9, "2013-09-09"), "mobile": "13812345609"},
    {"staff_no": "M0009", "name": "周离职", "document_no": document(11, "1979-01-01"), "mobile": "13812345610",
     "left_on": date(2026, 10, 15)},
    {"staff_no": "M0010", "name": "吴无授权", "document_no": document(13, "1985-06-15"), "consented_on": ""},
)  # fmt: skip


def write(path: Path) -> None:
    """A notes sheet, the roster under a merged title, a hidden sheet of people that nobody may read."""
    columns = load_partner(Settings().partner_dirs, "meituan").format.columns
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        book.set_properties({"created": MADE})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet("填表说明").write_column(0, 0, ["本表每周一更新", "骑手编号不得重复使用"])
        sheet = book.add_worksheet("花名册")
        sheet.merge_range(0, 0, 0, len(columns) - 1, "长治市骑手花名册（样例，均为合成人员）")
        sheet.write_row(1, 0, [*columns, "银行卡号"])
        for at, row in enumerate(ROWS, start=2):
            for column, field in enumerate(columns.values()):
                _write(sheet, at, column, ({**USUAL, **row} if row else {}).get(field, ""), day)
            sheet.write_string(at, len(columns), "不应保留" if row else "")
        sheet.write_row(len(ROWS) + 2, 0, ["合计", len(ROWS) - 1])
        hidden = book.add_worksheet("离职归档")
        hidden.write_row(0, 0, list(columns))
        hidden.write_row(1, 0, ["M9999", "不应读取"])
        hidden.hide()


def _write(sheet: Any, row: int, column: int, cell: Any, day: Any) -> None:
    if isinstance(cell, tuple):
        sheet.write_formula(row, column, cell[0], None, "" if cell[1] is None else cell[1])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, cell)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
