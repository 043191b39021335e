"""Run the demo (`make run`) from an empty folder to a list. Ctrl-C at any moment stops everything that was started.

Exit codes: 0 done; 1 a DAG failed unexpectedly or a server died; 2 another run is up with the same home. A delivery
that was held or rejected is shown, and is no failure of the platform.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import sqlalchemy as sa
from rich.console import Console
from rich.status import Status

from talentpool.deliveries.delivery_state import State
from talentpool.errors import TalentpoolError
from talentpool.office import Office
from talentpool.settings import Settings
from talentpool_airflow.demo_run import letters, officer, partners, receipts, steps, summary
from talentpool_airflow.demo_run.api import Airflow
from talentpool_airflow.demo_run.bootstrap import start
from talentpool_airflow.demo_run.layout import Layout
from talentpool_airflow.demo_run.processes import Processes, only_one, stop_leftovers

PREFERRED_PORT = 8080


def main() -> int:
    parser = argparse.ArgumentParser(prog="make run ARGS=...", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the summary")
    parser.add_argument("--port", type=int, default=PREFERRED_PORT, help="port of the UI; another one when it is busy")
    given = parser.parse_args()
    console = Console()
    home = Settings().home.resolve()
    layout = Layout(home)
    processes = Processes(layout.processes, layout.logs)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with only_one(layout.lock):
            try:
                return _up(console, layout, processes, given)
            finally:
                _stop(console, processes)
    except KeyboardInterrupt:
        console.print("已停止。")
        return 130
    except TalentpoolError as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        return error.exit_code
    except (RuntimeError, TimeoutError) as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(console: Console, processes: Processes) -> None:
    """Whatever key is pressed meanwhile, nothing stays behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    console.print("正在停止各组件……")
    processes.stop()


def _up(console: Console, layout: Layout, processes: Processes, given: argparse.Namespace) -> int:
    began = time.monotonic()
    layout.make()
    left = stop_leftovers(layout.processes)
    if left:
        console.print(f"已停止上次遗留的进程：{', '.join(left)}")
    with console.status("准备数据库、账号与模拟数据……") as status:
        tell = _teller(console, status)
        city = start(layout, processes, given.port, tell)
        airflow, engine, settings, rosters = city.airflow, city.engine, city.settings, city.rosters
        played = steps.Played.since_now(airflow)
        office, desk = Office(engine, settings), letters.Desk(layout)
        months = sorted({roster.as_of for roster in rosters})
        for month in months:
            for roster in rosters:
                if roster.as_of == month:
                    desk.hand_over(roster)
            time.sleep(2.5)  # the inbox leaves a file alone until it has settled
            fresh = steps.play_month(airflow, tell, played)
            console.print(f"{month} 的名册：" + ("已处理" if fresh else "没有新名册"))
            steps.play_letters(airflow, tell, played)
            console.print(f"问题反馈单：合作单位收到 {desk.collect(office)} 份，已在名册中改正 {desk.mended:,} 处")
        letters.told(office, partners.LETTERS_TO, console.print)
        put_off = officer.put_off_urgent(office)
        console.print(f"复核：{put_off} 对同名同手机号、证件号不同的人由模拟专员暂缓，名单可以锁定")
        officers = officer.Officers(airflow, layout.passwords)
        steps.play_campaign(airflow, months[-1], tell, played, officers)
        officers.close()
        back = receipts.play_receipts(office, steps.CAMPAIGN.removeprefix("campaign__"), layout.lists)
        if back is not None:
            console.print(back.told(), soft_wrap=True)
        steps.play_draft(airflow, months[-1], tell, played)
        steps.play_night(airflow, tell, played)
    summary.show(console, engine, settings, layout.demo / "truth.csv", months[-1], layout.lists)
    unexpected = _unexpected(airflow, engine, played)
    engine.dispose()
    for dag_id, run_id in unexpected:
        console.print(f"[red]失败：{dag_id} {run_id}[/red]", soft_wrap=True)
    console.print(f"用时 {time.monotonic() - began:.0f} 秒")
    console.print(f"界面：{airflow.base}/    用户与密码：{layout.passwords}", soft_wrap=True)
    if not given.once:
        console.print("按 Ctrl-C 停止。")
        try:
            while True:
                processes.check()
                time.sleep(1)
        except KeyboardInterrupt:
            return 1 if unexpected else 0  # the usual end
    airflow.close()
    return 1 if unexpected else 0


def _teller(console: Console, status: Status) -> Callable[[str], None]:
    """Progress on one line of a terminal; elsewhere a line whenever it changes."""
    if console.is_terminal:
        return status.update
    told: set[str] = set()

    def tell(line: str) -> None:
        if line not in told:
            told.add(line)
            console.print(line, soft_wrap=True)

    return tell


def _unexpected(airflow: Airflow, engine: sa.Engine, played: steps.Played) -> list[tuple[str, str]]:
    """Failed runs that no verdict explains: a held or rejected delivery fails its roster run on purpose."""
    from talentpool.model import delivery

    left = []
    for dag_id, run_id in played.failed():
        delivery_id = airflow.result(dag_id, run_id, "acquire").get("delivery_id")
        with engine.connect() as conn:
            state = conn.scalar(sa.select(delivery.c.state).where(delivery.c.delivery_id == delivery_id))
        if state not in (State.HELD, State.REJECTED):
            left.append((dag_id, run_id))
    return left


if __name__ == "__main__":
    sys.exit(main())
