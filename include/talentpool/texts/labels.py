"""Say codes that tables hold in the words that officers and people read, where pages, lists and copies say the same."""

from __future__ import annotations

STATUS = {
    "active": "在册", "suspected": "最近一次名册未见", "left": "已离开", "suspended": "授权已中止，等待核实",
}  # fmt: skip
SEX = {1: "男", 2: "女"}
SPELL_ENDS = {"moved": "调整区县或站点", "left_on": "离职", "missing": "名册中不再出现"}
ROSTER_KINDS = {"full": "完整名册", "delta": "增量名册"}
