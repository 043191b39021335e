"""Tell what the page 试算 begins with (the round ahead, the pools there are) and ends with (groups, before and after)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.dry_run import Tried
from talentpool.campaigns.life.states import ListState
from talentpool.campaigns.planning.dates import with_dates
from talentpool.campaigns.planning.lawful import notices_for
from talentpool.campaigns.planning.reach import Reach, reach
from talentpool.declare import Campaign
from talentpool.declare.occasion import draw_day, turn_of
from talentpool.declare.pool import PoolRules
from talentpool.model import pool_snapshot, target_list
from talentpool.report.reading import NO_VALUE, UNKNOWN, band_names

MOST_DAYS = 36
"""Pools to choose from, the newest."""
DIMENSIONS = {"county": "区县", "partner": "合作单位", "occupation": "从业类别", "age_band": "年龄段（周岁）"}


@dataclass(frozen=True)
class Outlook:
    """The next round of a campaign: its cycle, its first day, the day on which it is drawn; `days`: dates of which there is a
    pool, the newest first, and `day` the one to begin with, None = there is none; `drawn`: its list, and that list's state;
    `lawful`: whether a notice names the purpose, and `reach`: whom it would reach if not."""

    cycle: str
    first: date
    draws_on: date
    days: list[date]
    day: date | None
    drawn: tuple[int, str] | None
    lawful: bool
    reach: Reach | None


@dataclass(frozen=True)
class Group:
    """People of one county, partner, occupation or age band. `share`: of the eligible who are selected, per cent; `last`,
    `declared`: how many were selected there before, None = nothing to compare with."""

    name: str
    people: int
    eligible: int
    selected: int
    share: float | None
    last: int | None
    declared: int | None


def outlook(conn: sa.Connection, campaign: Campaign, today: date, wanted: date | None = None) -> Outlook:
    """What the form begins with: the `wanted` day, where there is a pool of it, else that of the draw, else the newest. For the
    pipeline's login."""
    held = with_dates(conn, campaign)
    turn = turn_of(held, today)
    draws_on, days = draw_day(held, turn), _days(conn)
    day = next((one for one in (wanted, draws_on) if one in days), days[0] if days else None)
    lawful = bool(notices_for(conn, campaign.purpose, today))
    of = target_list.c
    drawn = conn.execute(
        sa.select(of.list_id, of.state)
        .where(of.campaign == campaign.code, of.cycle == turn.cycle, of.supplement == 0)
        .where(of.state.not_in((ListState.VOID, ListState.CANCELLED)))
        .order_by(of.list_id.desc())
    ).first()
    return Outlook(
        turn.cycle, turn.first, draws_on, days, day, (drawn.list_id, drawn.state) if drawn else None, lawful,
        None if lawful else reach(conn, campaign),
    )  # fmt: skip


def _days(conn: sa.Connection) -> list[date]:
    of = pool_snapshot.c
    query = sa.select(of.as_of).where(~of.void).distinct().order_by(of.as_of.desc())
    return list(conn.scalars(query.limit(MOST_DAYS)))


def groups(tried: Tried, rules: PoolRules) -> dict[str, list[Group]]:
    """Dimension -> its groups, those too that only an earlier list or the declaration selects from."""
    found = {}
    for dimension in DIMENSIONS:
        now = {group["code"]: group for group in tried.coverage[dimension]}
        sides = [_selected(other, dimension) for other in (tried.last, tried.declared)]
        names = {code: group["name"] for code, group in now.items()}
        for side in sides:
            names |= {code: name for code, (name, _) in side.items() if code not in names}
        if dimension == "age_band":
            names = _bands(names, rules)
        last, declared = (
            None if other is None else {code: people for code, (_, people) in side.items()}
            for other, side in zip((tried.last, tried.declared), sides, strict=True)
        )
        found[dimension] = [
            _group(UNKNOWN if code in NO_VALUE else name, now.get(code), code, last, declared)
            for code, name in names.items()
        ]
    return found


def _selected(other: Mapping[str, Any] | None, dimension: str) -> dict[str, tuple[str, int]]:
    if other is None:
        return {}
    return {group["code"]: (group["name"], group["selected"]) for group in other["before"][dimension]}


def _bands(names: Mapping[str, str], rules: PoolRules) -> dict[str, str]:
    """Youngest first, and bands of former rules last."""
    known = {code: name for code, name in band_names(rules.bands).items() if code in names}
    return known | {code: name for code, name in names.items() if code not in known}


def _group(
    name: str, now: Mapping[str, Any] | None, code: str, last: dict[str, int] | None, declared: dict[str, int] | None
) -> Group:
    people, eligible, selected = (now[key] if now else 0 for key in ("people", "eligible", "selected"))
    share = round(100 * selected / eligible, 1) if eligible else None
    before = (None if side is None else side.get(code, 0) for side in (last, declared))
    return Group(name, people, eligible, selected, share, *before)
