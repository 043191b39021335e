"""Write the sheets of a run's locked list: in a demo in plain, elsewhere encrypted to the recipients on record."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from talentpool.office_day import today_in_office
from talentpool_airflow import given, people
from talentpool_airflow.border import opened
from talentpool_airflow.notes import put_off, skipped, stopped

log = logging.getLogger(__name__)


def write_sheets(code: str, due: Any, params: Any, dag_run: Any) -> tuple[bool, dict[str, Any]]:
    """Whether all is done that waits for nobody, and what was written or released of the round's locked lists (its own, late
    names, follow-ups), in counts.

    False while an export waits for a second person: what is approved leaves at the next look, and nothing before. Fails where
    no list is locked, or whoever started the run may not export; skipped where nobody at all is on record.
    """
    from talentpool.campaigns.life.states import ListState
    from talentpool.campaigns.lists import find_frozen, find_locked
    from talentpool.errors import RefusedError

    people.day_of(due, params, dag_run)
    with opened() as room:
        with room.engine.connect() as conn:
            drawn = people.round_of(room, code, params, dag_run)
            stored = find_locked(conn, code, drawn.cycle)
            every = [
                one for one in find_frozen(conn, code, drawn.cycle) if one.state != ListState.CLOSED or one == stored
            ]
        if stored is None:
            raise stopped("名单没有锁定，没有生成表格：把任务标记为成功不等于锁定")
        if room.settings.embedded:
            return True, people.write_plain(code, due, params, dag_run)
        try:
            return _release(room, every, given.started_by(dag_run))
        except RefusedError as refusal:
            raise stopped(f"运行的发起人不能导出名单（{refusal.code}），没有下发；请由市级专员重新运行") from None


def _release(room: Any, every: Sequence[Any], by: str | None) -> tuple[bool, dict[str, Any]]:
    from talentpool.campaigns import OFFICE
    from talentpool.campaigns.lists import Release
    from talentpool.campaigns.release.releasing import Released, release_on_record
    from talentpool.paper.setting import PaperError

    release, made = Release(by or OFFICE, room.settings.lists_dir, today_in_office(room.settings)), []
    try:
        for stored in every:
            made.append(release_on_record(room, stored, release))
    except PaperError as error:
        raise put_off(f"打印用的 PDF 没有做成，尚未完成的部分没有下发：{error}") from None
    done = Released.of_all(made)
    numbers = [stored.list_id for stored in every]
    log.info("名单 %s：%s", "、".join(map(str, numbers)), done.told())
    if not (done.released or done.before or done.approve or done.faults):
        raise skipped(
            "名单已锁定，没有下发：没有登记任何区县接收方或站点密钥（talentpool reference set recipient / station）"
        )
    if done.is_done and done.faults:
        raise stopped(f"{done.told()}更正后重新运行本任务，已下发的不会重复。")
    return done.is_done, {"lists": numbers, "told": done.told(), **done.as_json()}
