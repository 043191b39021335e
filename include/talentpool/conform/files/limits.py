"""Limit the width and length of what is read, before it is parsed, so that no file keeps a machine busy.

A roster has fifteen columns; a line of it some 300 bytes. What lies beyond these limits is refused, never cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from talentpool.errors import RejectedError

CODE = "shape_too_large"
MAX_COLUMNS = 500
"""Of a CSV; spreadsheets of long ago give every row 256 cells."""
MAX_LINE = 1024 * 1024
"""Bytes of a line, and characters of a row of a CSV in however many lines it stands."""
MAX_CELLS = 10_000_000
"""Of a workbook: what the process that parses it has memory for."""
MAX_SHEETS = 200
MAX_HEADS = 100_000
"""Cells of all sheets of a workbook that may be the header."""
MAX_LOOKED_AT = 200_000
"""Cells that are looked at to learn what an unknown column may be."""
MAX_HEADER_CELL = 200
"""Characters of a cell that are looked at to learn whether it is a column's name or kind."""
MAX_HEADER_LINE = 20_000
"""Characters of a line that are looked at to learn why it is no header."""


def refuse_wide(cells: Sequence[str], number: int, name: str) -> None:
    """RejectedError when a row that may be the header has more cells than a roster has columns."""
    if len(cells) > MAX_COLUMNS:
        raise RejectedError(
            CODE,
            f"{name}：第 {number} 行有 {len(cells)} 列，最多 {MAX_COLUMNS} 列；请只保留名册所需的列，"
            "删去多余的列（包括行尾多余的逗号）后重新交付",
        )


def long_line(line: int, name: str) -> RejectedError:
    """The error about a line that does not end."""
    return RejectedError(
        CODE,
        f"{name}：第 {line} 行超过 {MAX_LINE // 1024} KB；请检查换行是否丢失，删去单元格内的长文本（如照片编码）后重新交付",
    )


def many_cells(name: str, remedy: str = "") -> RejectedError:
    """The error about a workbook that is filled beyond what a roster may be."""
    return RejectedError(
        CODE, f"{name}：单元格超过 {MAX_CELLS} 个；{remedy or '请只保留名册所需的列和行，或改用 CSV 交付'}"
    )


def full_heads(name: str) -> RejectedError:
    """The error about a workbook in which too many sheets begin with wide rows."""
    return RejectedError(
        CODE,
        f"{name}：各工作表前几行的单元格合计超过 {MAX_HEADS} 个；请删去与名册无关的工作表和多余的列后重新交付",
    )


def many_sheets(count: int, name: str, remedy: str = "") -> RejectedError:
    """The error about a workbook of more sheets than anybody looks through."""
    why = f"有 {count} 张工作表，最多 {MAX_SHEETS} 张"
    return RejectedError(CODE, f"{name}：{why}；{remedy or '请将全部人员合并到一张工作表后重新交付'}")
