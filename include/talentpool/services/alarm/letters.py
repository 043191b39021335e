"""Word what is sent: a letter of alerts, and the day's digest. Both name matters, dates and counts, and no person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from talentpool.office import Office
from talentpool.office_day import clock
from talentpool.services.alarm.expected import Standing, calendars
from talentpool.services.alarm.kinds import URGENT
from talentpool.services.alarm.standing import Noticed, sendings

MOST = 20
"""Alerts that a letter names one by one; the page has them all."""
BACK, AHEAD = timedelta(days=31), timedelta(days=14)
WRONG = (Standing.LATE, Standing.MISSING, Standing.HELD)
FOOT = "每天都会收到一封汇总。某天没有收到，说明调度器、邮件服务器或本系统已停，请立即联系运维人员。"


@dataclass(frozen=True)
class Letter:
    """`html` is the same as `text`, with links to press."""

    subject: str
    text: str
    html: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A paragraph with a link of its own, or without one."""

    words: str
    link: str = ""


def letter(alerts: Sequence[Noticed], base: str, escalated: int = 0) -> Letter:
    """What is new; with `escalated` what nobody has taken note of for so many hours."""
    urgent = any(one.severity == URGENT for one in alerts)
    first = alerts[0]
    subject = f"{'紧急' if urgent else '告警'}：{first.title}" + (f" 等 {len(alerts)} 件" if len(alerts) > 1 else "")
    if escalated:
        subject = f"{escalated} 小时无人确认，{subject}"
    lines = [
        Line(f"{one.title}（{one.gravity}，{clock(one.last_seen)}）：{one.message}", link_to(base, one.key))
        for one in alerts[:MOST]
    ]
    if len(alerts) > MOST:
        lines.append(Line(f"另有 {len(alerts) - MOST} 件，见“告警”页", f"{base}/console/alerts"))
    return _set(subject, lines, "请打开链接处理，并点“确认”：确认后不再升级通知。", [one.key for one in alerts])


def digest(conn: sa.Connection, office: Office, alerts: Sequence[Noticed], today: date, base: str) -> Letter:
    """The day: open alerts, rosters that are awaited, late, missing or held, and what could not be sent."""
    waiting = [one for one in alerts if one.noted_by is None]
    lines = [Line(f"没有确认的告警 {len(waiting)} 件", f"{base}/console/alerts")]
    lines += [Line(f"{one.title}：{one.message}", link_to(base, one.key)) for one in waiting[:MOST]]
    wrong = False
    for each in calendars(conn, office, today - BACK, today + AHEAD, today):
        for roster in each.rosters:
            wrong |= roster.standing in WRONG
            if roster.standing in (*WRONG, Standing.EXPECTED) or roster.near:
                words = f"{each.name}：{roster.due.on} 应到，宽限至 {roster.due.until}，{roster.words}"
                lines.append(Line(words, f"{base}/console/deliveries"))
    failed = [one for one in sendings(conn, today - timedelta(days=1)) if not one.sent]
    if failed:
        lines.append(Line(f"近两天有 {len(failed)} 次发送没有成功", f"{base}/console/alerts"))
    calm = "没有未确认的告警" if wrong or failed else "一切正常"
    subject = f"{today} 汇总：告警 {len(waiting)} 件未确认" if waiting else f"{today} 汇总：{calm}"
    return _set(subject, lines, FOOT, [one.key for one in waiting])


def link_to(base: str, key: str) -> str:
    """Where the alert is dealt with."""
    return f"{base}/console/alerts?key={quote(key, safe='')}"


def _set(subject: str, lines: Sequence[Line], foot: str, keys: Sequence[str]) -> Letter:
    text = "\n".join(
        [*(f"- {line.words}\n  {line.link}" if line.link else f"- {line.words}" for line in lines), "", foot]
    )
    html = _template().render(subject=subject, lines=lines, foot=foot)
    return Letter(f"[青年人才库] {subject}", text, html, tuple(keys))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    room = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    return room.get_template("letter.html")
