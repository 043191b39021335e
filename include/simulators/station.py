"""A station head: fills in the sheet that came, a cell a person, types some of it wrong, and sends it back."""

from __future__ import annotations

import hashlib
import io

WORDS = ((92, "已领"), (95, "未领"), (97, "拒领"), (98, "已离职"), (99, "不详"), (100, "给过了吧"))
"""Of a hundred rows so many get the word, the last one what nobody can read."""


def fill_in(sheet: bytes, *, careful: bool = False) -> bytes:
    """The sheet with a result on every row that has a number; a `careful` head types nothing wrong."""
    import xlsxwriter
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    head = next(number for number, row in enumerate(rows) if "行号" in row)
    number_at, result_at = rows[head].index("行号"), rows[head].index("结果")
    filled = io.BytesIO()
    with xlsxwriter.Workbook(filled, {"in_memory": True, "strings_to_formulas": False}) as book:
        tab = book.add_worksheet("名单")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    tab.write(at, column, cell)
            if at > head and row[number_at]:
                tab.write_string(at, result_at, _word(str(row[number_at]), careful=careful))
    return filled.getvalue()


def _word(row_id: str, *, careful: bool) -> str:
    """The same for a row each time: a demo that is run twice tells the same."""
    drawn = hashlib.sha256(row_id.encode()).digest()[0] % 100
    word = next(word for below, word in WORDS if drawn < below)
    return "已领" if careful and word == WORDS[-1][1] else word
