"""Serve 人才库: the officer's side in figures, by county, partner, age band and occupation, month by month."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock
from typing import Any, Literal

from fastapi import HTTPException, Request, Response

from talentpool.guard import scoped
from talentpool.report.charts import people_chart, trend_chart
from talentpool.report.figures import Breakdown
from talentpool.services.desk.counts import WHOLE, Side, dates, side_counts
from talentpool_airflow.console import state
from talentpool_airflow.console.access import SIGNED_IN, Door
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.user import SignedIn, User

door = Door()
KEPT = 64
LONGEST = 24
"""So many bars a chart shows; the table beside it shows every line."""

_kept: OrderedDict[tuple[Any, ...], tuple[Side, dict[str, Any]]] = OrderedDict()
_looking = Lock()


@door.looks("/pool", access=(SIGNED_IN,))
def pool_page(request: Request, user: SignedIn, side: str = "", as_of: date | Literal[""] = "") -> Response:
    """The whole area for the city's officers, who may ask for one county's `side`; a county's officer gets that county.

    `as_of`: one of the dates of which there is a pool; unset, the newest.
    """
    if not user.sees_people:
        return show(request, "no_scope.html")
    names = county_names()
    mine = list(names) if user.scope.city else list(user.scope.counties or ())
    chosen = side if side in mine else (WHOLE if user.scope.city else mine[0])
    figures, charts, days = _figures(user, chosen, as_of or None)
    return show(
        request, "pool.html", days=days, figures=figures, charts=charts, whole=chosen == WHOLE, side=chosen,
        side_name=names.get(chosen, chosen), sides=[(code, names.get(code, code)) for code in mine],
    )  # fmt: skip


def _figures(user: User, side: str, as_of: date | None) -> tuple[Side | None, dict[str, Any], list[date]]:
    """Read through the scoped connection every time; charts of the same snapshot and side are drawn once, and nobody waits
    while another's are drawn. HTTPException 404 for a date without a pool."""
    with scoped(state.console(), user.scope) as conn:
        days = dates(conn)
        if as_of is not None and as_of not in days:
            raise HTTPException(404, f"{as_of} 没有人才库数据；请在人才库页面的“日期”中选择。")
        figures = side_counts(conn, state.settings(), side, as_of)
    if figures is None:
        return None, {}, days
    key = (figures.snapshot_id, side)
    with _looking:
        kept = _kept.get(key)
    if kept is None or kept[0] != figures:  # an older month may have got a new version
        kept = figures, _charts(figures)
        with _looking:
            _kept[key] = kept
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return *kept, days


def _charts(figures: Side) -> dict[str, Any]:
    drawn = {}
    for name, counts, label in (
        ("home", figures.by_home, "各区县服务人数"),
        ("partner", figures.by_partner, "各合作单位人数"),
        ("band", figures.by_band, "各年龄段人数"),
        ("occupation", figures.by_occupation, "各从业类别人数"),
    ):
        if counts.lines:
            largest = sorted(counts.lines, key=lambda line: -line.people)[:LONGEST]
            shown = tuple(line for line in counts.lines if line in largest)
            drawn[name] = people_chart(Breakdown(shown, counts.distinct), label=label)
    if len(figures.trend) > 1:
        points = [(f"{point.as_of:%y-%m}", point.people, point.youth) for point in figures.trend]
        drawn["trend"] = trend_chart(points, label="每月人数")
    return drawn
