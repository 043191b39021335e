"""What columns that nobody reads say of leaving or of consent, where the columns for it say nothing.

A status (离职), a remark (已撤回授权), a second date of leaving: dropped like a stranger's column, they would leave
somebody on the lists who is gone, or who said no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from talentpool.conform.consent import says_withdrawn
from talentpool.conform.damage import says_nothing
from talentpool.conform.dates import read_date

_LEFT = re.compile(
    "(?:已经?)?(?:离职|离岗|离站|离队|离任|辞职|辞退|解约|解除合作|终止合作|停止合作|停止服务|终止服务|退场|退出|注销|退休|去世|死亡)"
    "(?:了|人员)?|resigned|left|inactive|terminated|quit",
    re.IGNORECASE,
)
_LEFT_TITLE = re.compile("离职|离岗|离站|离队|离任|辞职|退出|解约|解除合作|终止合作|停止合作")
_CONSENT = re.compile("授权|同意|撤回|告知|consent", re.IGNORECASE)
_TAKEN_BACK_TITLE = re.compile("撤回|撤销|撤消|withdr|revok", re.IGNORECASE)
_NO = frozenset({"否", "无", "未", "没有", "0", "n", "no", "false"})


def left_beside(title: str, cell: str) -> bool:
    """Whether a cell says that somebody left."""
    text = "".join(unicodedata.normalize("NFKC", cell).split())
    if _LEFT.fullmatch(text):
        return True
    return bool(_LEFT_TITLE.search(title)) and read_date(cell, "left_on").letter == "o"


def withdrawn_beside(title: str, cell: str) -> bool:
    """Whether a cell says that somebody took consent back: in words, or by a date under such a title."""
    if _TAKEN_BACK_TITLE.search(title):
        return bool(cell.strip()) and not says_nothing(cell) and cell.strip().lower() not in _NO
    return bool(_CONSENT.search(title) or _CONSENT.search(cell)) and says_withdrawn(cell)


def count_beside(
    rows: Sequence[Sequence[str]], unknown: Mapping[int, str], fields: Mapping[str, int]
) -> dict[str, dict[int, int]]:
    """Rows by what is said (left, withdrawn) and column, where the row's own columns do not say it.

    Args:
        unknown: position -> name of the columns that are not read; `fields`: field -> position of those that are.
    """
    found: dict[str, dict[int, int]] = {"left": {}, "withdrawn": {}}
    for row in rows:
        left = _cell(row, fields.get("left_on")).strip()
        withdrawn = any(says_withdrawn(_cell(row, fields.get(name))) for name in ("consented_on", "notice_version"))
        for at, title in unknown.items():
            cell = _cell(row, at)
            if not cell.strip():
                continue
            if not left and left_beside(title, cell):
                found["left"][at] = found["left"].get(at, 0) + 1
            if not withdrawn and withdrawn_beside(title, cell):
                found["withdrawn"][at] = found["withdrawn"].get(at, 0) + 1
    return found


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""
