"""Run the tasks that follow a roster: matching, the pool of a date, campaign lists, the quality report."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.office_day import refuse_days_to_come, today_in_office
from talentpool_airflow import given, planned
from talentpool_airflow.border import opened
from talentpool_airflow.notes import put_off, skipped, stopped

log = logging.getLogger(__name__)


def as_of_of(params: Any, dag_run: Any) -> str:
    """The date a run is for: given by hand, or its partition key, or the newest published roster's."""
    if params.get("as_of") is not None:
        return given.day(params["as_of"]).isoformat()
    if dag_run.partition_key is not None:
        day = given.day(dag_run.partition_key, ahead=None)
        if day > today_in_office():
            raise skipped("这一天尚未到来：人才库不生成未来日期；到期后由夜间检查自动补做")
        return day.isoformat()
    from talentpool.model import delivery

    with opened() as room, room.engine.connect() as conn:
        published = sa.and_(delivery.c.state == State.PUBLISHED, delivery.c.as_of <= today_in_office())
        newest = conn.scalar(sa.select(sa.func.max(delivery.c.as_of)).where(published))
    if newest is None:
        raise skipped("还没有名册入库，没有可用的数据日期")
    return str(newest.isoformat())


def match() -> dict[str, Any]:
    """Bring person ids up to date; counts."""
    from talentpool.match import match as run

    with opened() as room:
        return asdict(run(room.engine, room.keys))


def snapshot(as_of: str) -> dict[str, Any]:
    """Pool(as_of): the snapshot's number, version and people."""
    from talentpool.pool import snapshot as build

    with opened() as room:
        made = build(room, date.fromisoformat(as_of))
    return {"as_of": as_of, "snapshot_id": made.snapshot_id, "version": made.version, "people": made.people}


def catch_up() -> list[dict[str, Any]]:
    """Pools that lack a published roster, because its event was lost, made anew: one entry for each."""
    from talentpool.pool import stale_dates

    with opened() as room, room.engine.connect() as conn:
        dates = stale_dates(conn, today_in_office(room.settings))
    return [snapshot(as_of.isoformat()) for as_of in dates]


def write_report(as_of: str) -> dict[str, Any]:
    """The data-quality page of a date as one HTML file where reports go: a folder, or a bucket that all workers see."""
    from upath import UPath

    from talentpool.report import quality, render

    with opened() as room:
        page = render(quality(room, date.fromisoformat(as_of)))
        path = UPath(room.settings.reports_url) / f"quality_{as_of}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(page, encoding="utf-8")
        unfinished.rename(path.path if path.protocol else path)
    return {"as_of": as_of, "file": path.name}


def write_scores(as_of: str) -> dict[str, Any]:
    """质量评分 of the year up to a date as HTML and PDF, where reports go; an earlier one of that date is replaced."""
    from upath import UPath

    from talentpool.area import county_names, division_name
    from talentpool.services.quality import Reader, as_file, as_paper, overview, period

    day, files = date.fromisoformat(as_of), []
    with opened() as room, room.engine.connect() as conn:
        names = county_names(conn, room.settings.area)
        sheet = overview(Reader(conn, conn, room), period(None, day, day), names)
        title, today = division_name(conn, room.settings.area), today_in_office(room.settings)
        for ending, made in (("html", as_file(sheet, title, today).encode()), ("pdf", as_paper(sheet, title, today))):
            path = UPath(room.settings.reports_url) / f"scores_{as_of}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.protocol in ("", "file", "local"):
                unfinished = path.with_suffix(f".{ending}.part")
                unfinished.write_bytes(made)
                unfinished.rename(path)
            else:  # an object in a bucket is there whole or not at all
                path.write_bytes(made)
            files.append(path.name)
    return {"as_of": as_of, "files": files}


def build_docs() -> dict[str, int]:
    """Great Expectations' Data Docs of the stored results, anew; counts of pages."""
    from talentpool.services.quality.docs import build_docs as build

    with opened() as room:
        return build(room)


def campaign_as_of(code: str, params: Any, dag_run: Any, today: date) -> dict[str, str]:
    """The as-of of a campaign run and the declaration it keeps to; skipped when there is nothing left to freeze.

    A run of an occasion date that comes late (the scheduler was down) is taken up as long as the occasion is ahead:
    a list nobody can hand out any more is not frozen. Nor is a second list of the same cycle, nor one for a day that an
    officer moved: the daily run of 活动日历 starts that one (planned.py).
    """
    from talentpool.campaigns import turn_of
    from talentpool.campaigns.life.states import FROZEN
    from talentpool.campaigns.planning.dates import with_dates
    from talentpool.campaigns.planning.lawful import notices_for, say_not_yet_lawful
    from talentpool.declare import load_campaign
    from talentpool.declare.occasion import say_cycle
    from talentpool.model import target_list

    day = _campaign_day(params, dag_run)
    with opened() as room:
        campaign = load_campaign(room.settings.campaign_dirs, code)
        refuse_days_to_come(day, today, campaign.name)
        by_calendar = planned.begun(room, code, dag_run)
        by_hand = params.get("as_of") is not None and not by_calendar
        with room.engine.connect() as conn:
            if not notices_for(conn, campaign.purpose, today):
                raise skipped(say_not_yet_lawful(campaign))
            kept = with_dates(conn, campaign)
        planned.refuse_moved(campaign, kept, dag_run, day)
        turn = turn_of(kept, day)
        cycle, said = turn.cycle, f"{campaign.name} {say_cycle(turn.cycle)}"
        if not by_hand and today > turn.last:
            raise skipped(f"{said}的活动日已过，不再拟定名单；仍需要时请手动运行并填写数据日期")
        taken = sa.select(target_list.c.list_id, target_list.c.as_of).where(
            target_list.c.campaign == code,
            target_list.c.cycle == cycle,
            target_list.c.state.in_(FROZEN),
            target_list.c.supplement == 0,
        )
        with room.engine.connect() as conn:
            locked = conn.execute(taken).one_or_none()
        if locked is not None and locked.as_of != day:
            raise skipped(f"{said}的名单已锁定（名单 {locked.list_id}，数据日期 {locked.as_of}），不再另拟")
    return {"as_of": day.isoformat(), "declaration": campaign.hash, "occasion": turn.first.isoformat()}


def _campaign_day(params: Any, dag_run: Any) -> date:
    if params.get("as_of") is not None:
        return given.day(params["as_of"])
    return given.day_of_run(dag_run.logical_date or dag_run.run_after)


def fresh(code: str, due: Any, params: Any, dag_run: Any) -> bool:
    """Whether the list may be drawn: no roster within its grace is missing, or an officer said to draw all the same.

    Reads only; what it waits for stands in the task's log.
    """
    from talentpool.campaigns import may_be_drawn
    from talentpool.declare import load_campaign
    from talentpool.errors import WaitingError

    day = day_of(due, params, dag_run)
    with opened() as room:
        campaign = load_campaign(room.settings.campaign_dirs, code)
        try:
            may_be_drawn(room, campaign, day)
        except WaitingError as waiting:
            log.info("%s", waiting)
            return False
    return True


def day_of(due: Any, params: Any, dag_run: Any) -> date:
    """The run's own day, which what the first task handed on must agree with."""
    day = _campaign_day(params, dag_run)
    if not isinstance(due, dict) or due.get("as_of") != day.isoformat():
        raise stopped("任务之间传递的数据日期与本次运行不符，可能被改动过；本次运行未执行任何操作")
    return day


def draw(code: str, due: Any, params: Any, dag_run: Any) -> dict[str, Any]:
    """The draft of the list: who is in, who is out and why, in counts; drawn by whoever started the run."""
    try:
        return _draw(code, due, params, dag_run, lock=False)
    except _WaitsError as waits:
        raise put_off(str(waits)) from None


def round_of(room: Any, code: str, params: Any, dag_run: Any) -> Any:
    """The campaign's round that a run is about, by the run's own day."""
    from talentpool.campaigns.planning.dates import round_on
    from talentpool.declare import load_campaign

    day = _campaign_day(params, dag_run)
    return round_on(room.engine, load_campaign(room.settings.campaign_dirs, code), day)


def approved(code: str, due: Any, params: Any, dag_run: Any) -> bool:
    """Whether the list may be locked: nobody's approval is missing, and nobody on it must be asked about.

    Reads only; what it waits for stands in the task's log. Skipped where the round was cancelled or moved; fails where the draft
    is no more: somebody on it was erased or withdrew.
    """
    from talentpool.campaigns.life.acting import is_cancelled
    from talentpool.campaigns.life.locking import waits_for

    day = day_of(due, params, dag_run)
    with opened() as room, room.engine.connect() as conn:
        drawn = round_of(room, code, params, dag_run)
        planned.refuse_changed(room, drawn.campaign, day, due)
        waits, cancelled = waits_for(conn, room, drawn), is_cancelled(conn, code, drawn.cycle)
    name = drawn.campaign.name
    if waits is None and cancelled:
        raise skipped(f"{name}（{drawn.cycle}）已由专员取消，名单没有锁定；恢复后请重新运行")
    if waits is None:
        raise stopped(f"{name}的草稿已不在（名单中有人停止使用）；需要时请以同一数据日期重新运行")
    for one in waits:
        log.info("%s", one)
    return not waits


def lock(code: str, due: Any, params: Any, dag_run: Any) -> dict[str, Any]:
    """The frozen list, as it was approved. Fails where somebody's approval is missing after all: a task that was marked as done
    by hand approves nothing."""
    try:
        return _draw(code, due, params, dag_run, lock=True)
    except _WaitsError as waits:
        raise put_off(str(waits)) from None


def write_plain(code: str, due: Any, params: Any, dag_run: Any) -> dict[str, Any]:
    """The workbooks and PDFs of the locked list, of a demo."""
    try:
        return _draw(code, due, params, dag_run, lock=True, sheets=True)
    except _WaitsError as waits:
        raise put_off(str(waits)) from None


class _WaitsError(Exception):
    """A person must decide, or a roster must come, before this goes on."""


def _draw(code: str, due: Any, params: Any, dag_run: Any, *, lock: bool, sheets: bool = False) -> dict[str, Any]:
    """The day is the run's own; what the first task handed on must agree with it, and says which declaration it saw."""
    from talentpool.campaigns import OFFICE
    from talentpool.campaigns import draw as run
    from talentpool.declare import load_campaign
    from talentpool.errors import WaitingError
    from talentpool_airflow.declared import check_frozen

    day, by = day_of(due, params, dag_run), given.started_by(dag_run) or OFFICE
    with opened() as room:
        campaign = load_campaign(room.settings.campaign_dirs, code)
        check_frozen(campaign, str(due.get("declaration")))
        planned.refuse_changed(room, campaign, day, due)
        try:
            named = f"airflow:{dag_run.dag_id}/{dag_run.run_id}"
            drawn = run(room, campaign, day, lock=lock, by=by, sheets=sheets, run=named)
        except WaitingError as error:
            raise _WaitsError(str(error)) from None
    return {
        "list_id": drawn.list_id, "state": drawn.state, "eligible": drawn.eligible, "selected": drawn.selected,
        "excluded": drawn.excluded, "files": len(drawn.files),
    }  # fmt: skip
