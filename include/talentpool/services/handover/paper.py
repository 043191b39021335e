"""Write the 对接说明 as Markdown for a ticket and as PDF for a signature, with the same content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from talentpool.services.handover.facts import Sheet
from talentpool.settings import INCLUDE

FONTS = INCLUDE / "fonts"
LAYOUT = Path(__file__).with_name("sheet.typ")


def as_markdown(sheet: Sheet) -> str:
    """The sheet as Markdown; a cell that looks like markup stays text."""
    parts = [
        f"# {sheet.title} · {sheet.partner}",
        _table(("项目", "约定"), sheet.facts),
        "## 交付步骤",
        "\n".join(f"{at}. {_text(step)}" for at, step in enumerate(sheet.steps, start=1)),
        "## 名册的列",
        _table(("列名", "必填", "含义", "格式"), sheet.columns),
    ]
    if sheet.manifest:
        parts += ["## 清单（manifest.json）", _table(("字段", "含义", "示例"), sheet.manifest)]
    parts += [
        "## 结果",
        _table(("结果", "含义", "贵方要做的"), sheet.verdicts),
        "## 常见问题代码",
        _table(("代码", "问题", "处理"), sheet.codes),
        "## 个人信息保护",
        "\n".join(f"- {_text(duty)}" for duty in sheet.duties),
        _text(sheet.version),
    ]
    return "\n\n".join(parts) + "\n"


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF. Its content goes in as data, never as markup: `138****8000` would be read as bold."""
    import typst

    data = json.dumps(asdict(sheet), ensure_ascii=False)
    made = typst.compile(
        str(LAYOUT), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"sheet": data}, format="pdf"
    )
    assert isinstance(made, bytes)
    return made


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_text(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(cell: str) -> str:
    for mark in "\\|*_`<>":
        cell = cell.replace(mark, f"\\{mark}")
    return cell.replace("\n", " ")
