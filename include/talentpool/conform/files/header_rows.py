"""Read headers of two rows (groups above names, names above remarks), and tell them from a row of data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from talentpool.conform.files.header_names import resolve
from talentpool.declare import REQUIRED_FIELDS

_REMARK = re.compile(
    r"^[(\[{【〔<《].*[)\]}】〕>》]$"
    r"|^(必填|选填|非必填|可选|可空|可不填|文本|数字|日期|格式|yyyy|\d{1,2}位|示例|例如|例:|如:|下拉|请|按|留空|在职留空|单位内|不超过|最多|填写)",
    re.IGNORECASE,
)


def two_rows_as_one(upper: Sequence[str], lower: Sequence[str], forms: Sequence[Mapping[str, str]]) -> list[str] | None:
    """The names of a header whose lower row completes the upper one; None when they are no such pair.

    A lower row that fills the place of a required column with anything but its name is data.
    """
    width = max(len(upper), len(lower))
    above, below = ([*row, *[""] * (width - len(row))] for row in (upper, lower))
    merged = [low if low.strip() else up for up, low in zip(above, below, strict=True)]
    for columns in forms:
        up, low = resolve(above, columns), resolve(below, columns)
        in_upper = {n for n in up if n in columns}
        if not in_upper or not any(n in columns for n in low):
            continue
        taken = any(
            u in columns and columns[u] in REQUIRED_FIELDS and v not in ("", u) for u, v in zip(up, low, strict=True)
        )
        if not taken and len(in_upper) < len({n for n in resolve(merged, columns) if n in columns}):
            return merged
    return None


def is_remark_row(cells: Sequence[str]) -> bool:
    """Whether a row below the names only says how to fill them in. One cell that is no remark makes it data."""
    filled = [text for cell in cells if (text := unicodedata.normalize("NFKC", cell).strip())]
    return len(filled) >= len(REQUIRED_FIELDS) and all(_REMARK.match(text) for text in filled)
