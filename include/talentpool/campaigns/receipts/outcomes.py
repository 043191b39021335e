"""Say what may become of a row of a list, in the words that a sheet uses, and which of two words is the stronger."""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a row; the value is what the table holds, from the weakest to the strongest."""

    UNKNOWN = "unknown"
    NONE = "none"
    LEFT = "left"
    REFUSED = "refused"
    PART = "part"
    FULL = "full"


O = Outcome  # noqa: E741
STRENGTH = tuple(Outcome)
"""Of two sheets that say different things of one row the stronger word stands, whichever came first: somebody who was absent on
Monday and received it on Tuesday has received it, and no later sheet takes back what was signed for. An officer does, with a
correction."""
HANDED_OUT = (O.FULL, O.PART)
COUNTED_ONLY = ("session",)
"""Forms of campaigns of whose visitors only numbers are kept: who came to a doctor or a lawyer is nobody's to know."""
OUTCOME_WORDS: dict[Outcome, str] = {
    O.FULL: "已领", O.PART: "部分领取", O.NONE: "未领", O.REFUSED: "拒领", O.LEFT: "已离职", O.UNKNOWN: "不详",
}  # fmt: skip
"""As the drop-down of a sheet offers them."""
WAY_WORDS = {
    "page": "上传", "command": "命令", "folder": "收件夹", "server": "合作单位服务器", "all_but": "除个别行外全部已领",
    "correction": "更正", "handout": "现场发放",
}  # fmt: skip
"""By which way a receipt came (receipt.via)."""
_ALSO: dict[Outcome, tuple[str, ...]] = {
    O.FULL: ("领取", "已领取", "领了", "已发", "已发放", "已签收", "全部", "是", "√", "✓", "✔", "v"),
    O.PART: ("部分", "部分已领", "部分发放"),
    O.NONE: ("未领取", "没领", "没有领", "缺席", "不在", "未到", "否", "×", "x", "✗"),
    O.REFUSED: ("拒收", "不要", "本人不要", "拒绝", "放弃"),
    O.LEFT: ("离职", "离站", "已离站", "调离"),
    O.UNKNOWN: ("联系不上", "未联系上", "未知", "不清楚"),
}
_READ = {
    word: outcome
    for outcome in Outcome
    for word in (OUTCOME_WORDS[outcome], *(unicodedata.normalize("NFKC", also).lower() for also in _ALSO[outcome]))
}


def read_outcome(cell: str) -> Outcome | None:
    """The outcome that a cell names; None where it names none."""
    return _READ.get("".join(unicodedata.normalize("NFKC", cell).split()).lower())
