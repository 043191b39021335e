"""Render the data-quality page: one HTML file with its style and charts inside, no script, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from talentpool.deliveries.delivery_state import State
from talentpool.office_day import clock
from talentpool.report.calibration import LEAST, LEAST_A_BAND
from talentpool.report.charts import people_chart, reason_chart
from talentpool.report.figures import Quality
from talentpool.report.identity import Identity
from talentpool.report.identity_charts import (
    BANDS,
    calibration_chart,
    scores_chart,
    sizes_chart,
    waiting_chart,
    weights_chart,
)
from talentpool.texts.labels import ROSTER_KINDS

HERE = Path(__file__).parent
STATES = {
    State.PUBLISHED: "已发布",
    State.HELD: "搁置",
    State.REJECTED: "已退回",
    State.LANDED: "处理中",
    State.STAGED: "处理中",
    State.AUDITED: "处理中",
}
CALIBRATED = {"right": "相符", "too_high": "估高了", "too_low": "估低了"}
EFFECTS = {"live": "更新当前", "history": "只写历史", "none": "未生效"}


def render(quality: Quality) -> str:
    """The page of these figures. Charts appear only where there is something to draw."""
    charts = {}
    if quality.pool is not None and quality.pool.people:
        if quality.pool.by_prefecture is not None:
            charts["county"] = people_chart(quality.pool.by_prefecture, label="各市青年与其他人数")
        elif quality.has_counties:
            charts["county"] = people_chart(quality.pool.by_home, label="各区县青年与其他人数")
        charts["band"] = people_chart(quality.pool.by_band, label="各年龄段人数")
        charts["occupation"] = people_chart(quality.pool.by_occupation, label="各从业类别人数")
    if quality.faults:
        charts["reasons"] = reason_chart(quality.faults, label="名册现有的问题")
    if quality.identity is not None:
        charts |= _identity_charts(quality.identity)
    return str(environment().get_template("quality.html").render(quality=quality, charts=charts, style=Markup(style())))  # noqa: S704 - our own file


def _identity_charts(who: Identity) -> dict[str, Markup]:
    charts = {"weights": weights_chart(who.weights, label="各项证据的分值")}
    if who.scores is not None:
        charts["scores"] = scores_chart(who.scores, label="自动合并与等待复核的记录对的分值分布")
    if who.sizes:
        charts["sizes"] = sizes_chart(who.sizes, label="一个人有几条记录")
    if who.calibration.enough and who.calibration.shown:
        charts["calibration"] = calibration_chart(who.calibration.shown, label="系统认为的可能与人工判定的对照")
    days = [day for day in who.days if day.waiting is not None or day.judged]
    if any(day.waiting or day.judged for day in days):
        charts["waiting"] = waiting_chart(days, label="等待复核与人工判定的对数")
    return charts


def content_security_policy() -> str:
    """What a browser may do with the page: show it with its own style. No script, no request, no foreign frame."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )


@cache
def style() -> str:
    """The style of every report."""
    return (HERE / "quality.css").read_text(encoding="utf-8")


@cache
def environment() -> Any:
    """What every report's template is read with."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "number": _number,
        "signed": _signed,
        "share": _share,
        "day": _day,
        "bits": _bits,
        "clock": clock,
    }
    bands = {band: name for band, (name, _) in BANDS.items()}
    made.globals |= {"STATES": STATES, "EFFECTS": EFFECTS, "KINDS": ROSTER_KINDS, "BANDS": bands}
    made.globals |= {"CALIBRATED": CALIBRATED, "LEAST": LEAST, "LEAST_A_BAND": LEAST_A_BAND}
    return made


def _number(value: int) -> str:
    return f"{value:,}"


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else "0"


def _share(value: float) -> str:
    return f"{value:.1%}"


def _bits(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _day(value: date) -> str:
    return f"{value.year} 年 {value.month} 月 {value.day} 日"
