"""Start the runs of days that officers moved or added, each once, and let no other run draw for a moved day.

Parsing may not read the database, so the timetable of a campaign knows its declared days alone. A run of such a day that was
moved is skipped; the daily run of 活动日历 starts the one of the day in force, under an id of its own (docs/adr/0084).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from talentpool_airflow.border import opened
from talentpool_airflow.given import MOST
from talentpool_airflow.notes import skipped

RUN = re.compile(r"calendar_([1-9][0-9]{0,18})")
"""Id of the run of a day: one for ever, so that a second start of it is none."""
BY_ITSELF = ("scheduled", "backfill")
"""Kinds of runs that a timetable makes."""


def due(today: date) -> list[dict[str, Any]]:
    """For each day whose draw has come: the DAG, the run's id, and the draw day as its as-of."""
    from talentpool.campaigns.planning.dates import due as days
    from talentpool.declare import readable_campaigns

    with opened() as room, room.engine.connect() as conn:
        campaigns, _ = readable_campaigns(room.settings.campaign_dirs)
        found = [
            {
                "trigger_dag_id": f"campaign__{made.campaign}",
                "trigger_run_id": f"calendar_{made.date_id}",
                "conf": {"as_of": day.isoformat()},
            }
            for made, day in days(conn, campaigns, today)
        ]
    if not found:
        raise skipped("今天没有要开始的改期或加办活动")
    return found


def begun(room: Any, code: str, dag_run: Any) -> bool:
    """Whether the run is one of a day of this campaign; then that it has begun is put down."""
    from talentpool.campaigns.planning.dates import begun as put_down

    named = RUN.fullmatch(str(getattr(dag_run, "run_id", "")))
    if named is None or int(named[1]) > MOST:
        return False
    with room.engine.begin() as conn:
        return put_down(conn, code, int(named[1]))


def refuse_moved(declared: Any, kept: Any, dag_run: Any, day: date) -> None:
    """Skip what the timetable starts for a declared day that is not the day of its round any more."""
    from talentpool.declare.occasion import say_cycle, turn_of, turns

    if str(dag_run.run_type) not in BY_ITSELF:
        return
    before = turn_of(declared, day)
    now = next((turn for turn in turns(kept, [int(before.cycle[:4])]) if turn.cycle == before.cycle), before)
    if now.first != before.first:
        raise skipped(
            f"{declared.name} {say_cycle(before.cycle)}的活动日已由 {before.first} 改到 {now.first}：本次不拟定，"
            "到新的拟定日由“活动日历”另行开始"
        )


def refuse_changed(room: Any, campaign: Any, day: date, due: Any) -> None:
    """Skip what is left of a run whose round was moved or withdrawn since it began: it would draw for another one."""
    from talentpool.campaigns.planning.dates import round_on

    occasion = round_on(room.engine, campaign, day).occasion.isoformat()
    if due.get("occasion", occasion) != occasion:
        raise skipped(f"{campaign.name}的活动日在本次运行开始后有改动（改期或撤销），本次不再继续")
