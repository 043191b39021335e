"""The data-quality page: one HTML file with its style and charts inside, no script, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from talentpool.report.charts import people_chart, reason_chart
from talentpool.report.figures import Quality

HERE = Path(__file__).parent
STATES = {
    "published": "已发布",
    "held": "待人工决定",
    "rejected": "已退回",
    "landed": "处理中",
    "staged": "处理中",
    "audited": "处理中",
}
EFFECTS = {"live": "更新当前", "history": "只写历史", "none": "未生效"}
KINDS = {"full": "完整名册", "delta": "增量名册"}


def render(quality: Quality) -> str:
    """The page of these figures. Charts appear only where there is something to draw."""
    charts = {}
    if quality.pool is not None and quality.pool.people:
        if quality.pool.by_prefecture is not None:
            charts["county"] = people_chart(quality.pool.by_prefecture, label="各市青年与其他人数")
        elif quality.has_counties:
            charts["county"] = people_chart(quality.pool.by_home, label="各县区青年与其他人数")
        charts["band"] = people_chart(quality.pool.by_band, label="各年龄段人数")
        charts["occupation"] = people_chart(quality.pool.by_occupation, label="各从业类别人数")
    if quality.newest_reasons:
        charts["reasons"] = reason_chart(quality.newest_reasons, label="最近一期名册的问题原因")
    return str(_template().render(quality=quality, charts=charts, style=Markup(_style())))  # noqa: S704 - our own file


def content_security_policy() -> str:
    """What a browser may do with the page: show it with its own style. No script, no request, no foreign frame."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


@cache
def _style() -> str:
    return (HERE / "quality.css").read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": _number, "signed": _signed, "share": _share, "day": _day}
    environment.globals |= {"STATES": STATES, "EFFECTS": EFFECTS, "KINDS": KINDS}
    return environment.get_template("quality.html")


def _number(value: int) -> str:
    return f"{value:,}"


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else "0"


def _share(value: float) -> str:
    return f"{value:.1%}"


def _day(value: date) -> str:
    return f"{value.year} 年 {value.month} 月 {value.day} 日"
