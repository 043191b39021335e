"""Serve 告警: what was noticed, what was sent of it and what could not be, who has taken note; the city's officer takes note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.errors import UsageError
from talentpool.office_day import today_in_office
from talentpool.services.alarm.kinds import NOTE
from talentpool.services.alarm.sending import SECOND
from talentpool.services.alarm.standing import Noticed, Sending, acknowledge, sendings, standing
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.pages.quality import READERS
from talentpool_airflow.console.user import SignedIn, User

door = Door()
NOTES = ("city_officer",)
SHOWN_DAYS, SHOWN_TRIES = 30, 100
WHAT = {"first": "通知", "escalated": "升级", "digest": "每日汇总"}
WAYS = {
    "mail": "邮件",
    "mail2": "邮件（不能使用的地址）",
    "wecombot": "企业微信",
    "dingtalk": "钉钉",
    "feishu": "飞书",
    "json": "网络接口",
    "jsons": "网络接口",
}


@dataclass(frozen=True)
class Shown:
    """An alert with what became of it: ways by which it was taken, and those by which it was not."""

    alert: Noticed
    reached: tuple[str, ...]
    failed: tuple[str, ...]


@door.looks("/alerts", access=READERS)
def alerts_page(request: Request, user: SignedIn, key: str = "", done: str = "") -> Response:
    """Of the last thirty days, open ones first; `key`: the one that a link of a letter leads to."""
    return _page(request, user, key=key[:400], done=done[:400])


@door.acts("/alerts/note", access=NOTES, rate=limits.ACTS)
def take_note(request: Request, user: SignedIn, form: Posted) -> Response:
    """Put down that the officer has taken note."""
    key = text(form, "key")
    try:
        with state.pipeline().begin() as conn:
            acknowledge(conn, key, by=user.name, note=text(form, "note"))
    except UsageError as error:
        return _page(request, user, fault=f"{error}。")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/alerts?done={quote(key, safe='')}", 303)


def _page(request: Request, user: User, *, key: str = "", done: str = "", fault: str = "") -> Response:
    now, since = datetime.now(UTC), timedelta(days=SHOWN_DAYS)
    with state.pipeline().connect() as conn:
        found = standing(conn, since, now)
        chosen = standing(conn, since, now, [key]) if key else []
        tries = sendings(conn, today_in_office(state.settings()) - since)
    named = {done} & {one.key for one in found}
    return show(
        request, "alerts.html", 422 if fault else 200,
        waiting=[_shown(one, tries) for one in found if one.noted_by is None and one.severity != NOTE],
        noted=[_shown(one, tries) for one in found if one.noted_by is not None or one.severity == NOTE],
        chosen=[_shown(one, tries) for one in chosen], missing=bool(key) and not chosen,
        tries=[(one, way(one.channel)) for one in tries[::-1][:SHOWN_TRIES]], unsent=_unsent(tries), WHAT=WHAT,
        notes=bool(user.kinds & set(NOTES)), may={"/quality", "/deliveries", "/letters"}, fault=fault,
        done=bool(named), days=SHOWN_DAYS, ways=sorted({way(one.channel) for one in tries}),
    )  # fmt: skip


def way(channel: str) -> str:
    """A channel in words: 企业微信, 邮件（第二地址）."""
    service = channel.removesuffix(SECOND).removeprefix("hook/")
    words = WAYS.get(service) or WAYS.get(service.rstrip("0123456789"), "其他")
    return f"{words}（第二地址）" if channel.endswith(SECOND) else words


def _shown(alert: Noticed, tries: list[Sending]) -> Shown:
    now = (one for one in tries if one.made_at >= alert.first_seen)  # of an occurrence that ended it says nothing
    of = [one for one in now if alert.key in one.keys and one.what != "digest"]
    reached = dict.fromkeys(way(one.channel) for one in of if one.sent)
    return Shown(alert, tuple(reached), tuple(dict.fromkeys(w for one in of if (w := way(one.channel)) not in reached)))


def _unsent(tries: list[Sending]) -> dict[str, Sending]:
    """Ways whose last try failed, with that try."""
    last = {way(one.channel): one for one in tries}
    return {name: one for name, one in last.items() if not one.sent}
