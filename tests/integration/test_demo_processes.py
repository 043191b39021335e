"""What `make run` starts, it stops: groups with their children, leftovers of a killed run, one run a home."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import psutil
import pytest

from patience import gone, until
from talentpool import office_day
from talentpool.errors import UsageError
from talentpool_airflow.demo_run import environment
from talentpool_airflow.demo_run.layout import Layout
from talentpool_airflow.demo_run.processes import Processes, free_port, only_one, stop_leftovers

PARENT = "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"  # noqa: E501


def _child(log: Path) -> int:
    return int(until("the parent to name its child", lambda: log.read_text().strip()).split()[0])


def test_stopping_takes_children_along_and_leaves_no_record(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "processes.json", tmp_path)
    processes.start("parent", [sys.executable, "-c", PARENT], {})
    child = _child(tmp_path / "parent.log")
    assert psutil.pid_exists(child)
    processes.stop()
    until("the child to end", lambda: gone(child))
    assert not (tmp_path / "processes.json").exists()


def test_a_machine_that_loses_power_takes_everything_along_and_nobody_misses_it(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "processes.json", tmp_path)
    processes.start("parent", [sys.executable, "-c", PARENT], {})
    child = _child(tmp_path / "parent.log")
    processes.kill("parent")
    until("the child to end", lambda: gone(child))
    processes.check()
    processes.stop()


def test_a_run_after_a_hard_kill_stops_what_was_left(tmp_path: Path) -> None:
    killed = Processes(tmp_path / "processes.json", tmp_path)
    killed.start("parent", [sys.executable, "-c", PARENT], {})
    child = _child(tmp_path / "parent.log")
    assert stop_leftovers(tmp_path / "processes.json") == ["parent"]
    until("the child to end", lambda: gone(child))
    assert stop_leftovers(tmp_path / "processes.json") == []


def test_a_stranger_with_a_recycled_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as stranger:
        (tmp_path / "processes.json").write_text(f'{{"scheduler": [{stranger.pid}, 1.0]}}')
        assert stop_leftovers(tmp_path / "processes.json") == []
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_that_died_is_noticed(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "processes.json", tmp_path)
    processes.start("scheduler", [sys.executable, "-c", "raise SystemExit(3)"], {})
    with pytest.raises(RuntimeError, match="scheduler ended with exit code 3"):
        until("the scheduler to be missed", processes.check)
    processes.stop()


def test_a_second_run_of_the_same_home_is_refused_and_another_home_is_not(tmp_path: Path) -> None:
    with only_one(tmp_path / "a/run/lock"):
        with pytest.raises(UsageError, match="TALENTPOOL_HOME"), only_one(tmp_path / "a/run/lock"):
            pass
        with only_one(tmp_path / "b/run/lock"):
            pass
    with only_one(tmp_path / "a/run/lock"):
        pass


def test_a_busy_port_is_stepped_around() -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert free_port(port) != port


def test_occasions_begin_on_the_day_after_the_first_start_by_the_offices_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past four in the afternoon of Greenwich is the next day in 长治, whose occasions fall at eight in the morning."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2026, 11, 30, 16, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(office_day, "datetime", Clock)
    layout = Layout(tmp_path)
    layout.make()
    assert environment._deployed_on(layout) == "2026-12-02"
