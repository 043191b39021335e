"""Render a page of quality as one file that opens without a network, or as PDF; the console renders the same template."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from talentpool.paper.setting import Col, Paper, Part, as_pdfs
from talentpool.report.page import style as report_style
from talentpool.services.quality.reading import MONTHS
from talentpool.services.quality.sheet import Block, Sheet

TEMPLATES = Path(__file__).parent / "templates"
STYLE = TEMPLATES / "scores.css"
NO_DATA = "这段时间还没有校验过的交付。名册第一次交付后，这里就有得分；趋势从第二次起显示。"
MOST_ROWS = 120
"""Rows of a table on paper; the page has every one."""


def values(sheet: Sheet) -> dict[str, Any]:
    """What the template asks for besides its frame."""
    scored = [block for block in sheet.blocks if block.query == "scores"]
    nothing = sheet.period is not None and scored and not any(cell.number and cell.text != "—" for block in scored
                                                             for row in block.rows for cell in row)  # fmt: skip
    return {"sheet": sheet, "MONTHS": MONTHS, "empty": NO_DATA if nothing else ""}


def as_file(sheet: Sheet, area_name: str, today: date) -> str:
    """One HTML file: its style inside, no script, nothing fetched, no link that leads anywhere."""
    told = values(sheet) | {
        "frame": "alone.html", "base": None, "style": Markup(_style()), "policy": Markup(_policy()), "county": "",  # noqa: S704 - our own file
        "area_name": area_name, "made_on": today, "saves": {}, "open": (), "ways_out": (),
    }  # fmt: skip
    return str(_templates().get_template("sheet.html").render(told))


def as_paper(sheet: Sheet, area_name: str, today: date) -> bytes:
    """The same tables as PDF/A. PaperError where it cannot be set."""
    notes = [*sheet.notes, *(f"{block.title}：{block.means}" for block in sheet.blocks if block.means and block.rows)]
    paper = Paper(
        kind="sheet",
        title=sheet.title,
        made_on=today,
        passport=f"QUALITY={sheet.path.removeprefix('/')};DAY={today}",
        subtitle=f"{area_name}青年人才库。{sheet.sub}",
        footer=f"{area_name}青年人才库，生成于 {today}；查询语句和趋势图见网页版",
        notes=notes,
        parts=[_part(block) for block in sheet.blocks if block.rows],
    )
    (pdf,) = as_pdfs([paper])
    return pdf


def _part(block: Block) -> Part:
    numbers = [any(row[place].number for row in block.rows) for place in range(len(block.head))]
    rows = [[f"{cell.text}（{cell.small}）" if cell.small else cell.text for cell in row] for row in block.rows]
    left = len(rows) - MOST_ROWS
    title = f"{block.title}（前 {MOST_ROWS} 行，其余 {left} 行见网页版）" if left > 0 else block.title
    columns = [Col(name, width, centred=centred) for (name, width), centred in zip(block.head, numbers, strict=True)]
    return Part(title, columns, rows[:MOST_ROWS])


@cache
def _style() -> str:
    return report_style() + STYLE.read_text(encoding="utf-8")


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
