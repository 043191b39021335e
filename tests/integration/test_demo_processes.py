"""What `make run` starts, it stops: groups with their children, leftovers of a killed run, one run a home."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import psutil
import pytest

from patience import gone, until
from talentpool import office_day
from talentpool.errors import UsageError
from talentpool_airflow.demo_run import environment, partners
from talentpool_airflow.demo_run.layout import Layout
from talentpool_airflow.demo_run.processes import Processes, free_port, only_one, stop_leftovers

PARENT = "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"  # noqa: E501


def _child(log: Path) -> int:
    return int(until("the parent to name its child", lambda: log.read_text().strip()).split()[0])


def test_a_simulated_partner_sees_no_secret_of_whoever_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AIRFLOW__CORE__FERNET_KEY", "TALENTPOOL_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "ANYTHING_ELSE"):
        monkeypatch.setenv(name, "s3cret")
    layout = Layout(tmp_path)
    layout.make()
    processes = Processes(layout.processes, layout.logs)
    try:
        partners.serve(layout, processes)
        for name in ("postal", "sf", "meituan"):
            found = psutil.Process(json.loads(layout.processes.read_text(encoding="ascii"))[name][0]).environ()
            assert "s3cret" not in str(found)
            assert not [each for each in found if each.startswith(("AIRFLOW", "TALENTPOOL", "AWS"))]
            until(f"{name} to serve", lambda name=name: _listens(processes, layout, name))
    finally:
        processes.stop()


def test_a_partners_keys_are_made_before_its_server_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two who make them at the same moment overwrite each other's: the server then refuses the key of the connection."""
    layout = Layout(tmp_path)
    layout.make()
    processes = Processes(layout.processes, layout.logs)
    there: dict[str, set[str]] = {}
    monkeypatch.setattr(
        processes, "start", lambda name, *_: there.update({name: {path.name for path in layout.run.rglob("*")}})
    )
    partners.serve(layout, processes)
    assert set(there) == {"postal", "sf", "meituan"}
    made = {path.name for path in layout.run.rglob("*")}
    assert "client_key.pub" in made
    assert all(found == made for found in there.values())


def _listens(processes: Processes, layout: Layout, name: str) -> bool:
    processes.check()
    pid = json.loads(layout.processes.read_text(encoding="ascii"))[name][0]
    return any(each.status == psutil.CONN_LISTEN for each in psutil.Process(pid).net_connections("tcp"))


def test_the_inbox_of_a_demo_is_closed_and_what_was_taken_is_not_handed_over_again(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.make()
    assert {oct(path.stat().st_mode & 0o777) for path in (layout.inboxes, layout.inbox)} == {"0o700"}
    file = tmp_path / "template.csv"
    file.write_text("x", encoding="utf-8")
    roster = partners.Roster("didi", date(2026, 10, 31), "delta", None, file)
    partners.drop(layout, roster)
    (path,) = layout.inbox.iterdir()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    path.unlink()
    partners.drop(layout, roster)
    assert list(layout.inbox.iterdir()) == []


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
