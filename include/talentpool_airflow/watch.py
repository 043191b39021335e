"""Watch from outside of Airflow's scheduler: `python -m talentpool_airflow.watch` looks and sends every ten minutes.

It sees what no DAG can tell: that the scheduler has stopped, or that the database is gone; and it sends alerts itself, so that
they leave the machine all the same. `--once` does one round, for cron: exit 0 all well, 3 something is wrong, 5 the database
cannot be reached. After each round whose outcome was put on record it touches `--mark`, for a health check.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

# connections are read from Airflow's own database, as its server reads them
os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")

from talentpool.errors import TalentpoolError
from talentpool.services.alarm.letters import FOOT, Letter
from talentpool.settings import Settings

log = logging.getLogger("talentpool.watch")
AWAY = "人才库数据库无法访问：流程、页面和告警记录都停了。请运维人员检查数据库和磁盘"
EVERY = 600
WELL, WRONG, UNREACHABLE = 0, 3, 5


def watch_once(settings: Settings, told_on: set[date] | None = None) -> int:
    """One round; its exit code. `told_on`: days on which it was said that the database is away, one letter a day."""
    from sqlalchemy.exc import SQLAlchemyError

    from talentpool.office import Office
    from talentpool.office_day import today_in_office
    from talentpool.services.alarm import look
    from talentpool.services.alarm.standing import waiting_alerts
    from talentpool.services.alarm.taking_in import take_in
    from talentpool_airflow.telling import send

    now, today = datetime.now(UTC), today_in_office(settings)
    try:
        with Office.opened(settings) as office:
            with office.engine.begin() as conn:
                take_in(conn, settings.alerts_file, now)
            new = look(office, today, now)
            done = send(office)
            with office.engine.connect() as conn:
                waiting = waiting_alerts(conn, now)
    except (SQLAlchemyError, TalentpoolError) as error:
        log.error("nothing could be put on record (%s)", type(error).__name__)
        if told_on is None or today not in told_on:
            tell_plainly(settings)
            (told_on if told_on is not None else set()).add(today)
        return UNREACHABLE
    print(json.dumps({"new": len(new), "open": waiting, "sent": done.sent, "unsent": done.unsent}), flush=True)  # noqa: T201
    return WRONG if waiting or done.unsent else WELL


def tell_plainly(settings: Settings) -> int:
    """Say by every way that can be had that the database is away; to how many. Nothing of it is on record anywhere."""
    from talentpool.services.alarm.sending import UnsentError
    from talentpool_airflow.telling import channels

    told = Letter("[青年人才库] 紧急：数据库无法访问", f"{AWAY}\n\n{FOOT}", f"<p>{AWAY}</p><p>{FOOT}</p>", ())
    taken = 0
    for channel in channels(settings):
        try:
            channel.send(told)
        except UnsentError as error:
            log.error("%s: %s", channel.name, error)
        else:
            taken += 1
    return taken


def main() -> None:
    """For ever, or once."""
    from talentpool.guard import install_redaction

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--once", action="store_true", help="one round, then end")
    parser.add_argument("--every", type=int, default=EVERY, help="seconds between two rounds")
    parser.add_argument("--mark", type=Path, help="a file that is touched after each round that was put on record")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    install_redaction()
    settings, told_on = Settings(), set[date]()
    while True:
        code = watch_once(settings, told_on)
        if asked.mark and code != UNREACHABLE:
            asked.mark.touch()
        if asked.once:
            sys.exit(code)
        time.sleep(asked.every)


if __name__ == "__main__":
    main()
