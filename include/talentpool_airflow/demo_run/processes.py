"""Start the demo's processes: each leads a process group of its own, and none of them outlives it.

Every started process is written down with its start time, so that a run after a hard kill finds what was left behind
and never mistakes a stranger with a recycled number for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from talentpool.errors import UsageError

STOP_SECONDS = 40


class Processes:
    """Starts processes and stops them all; `record` remembers them for the next run."""

    def __init__(self, record: Path, logs: Path) -> None:
        self._record = record
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, words: list[str], env: dict[str, str]) -> None:
        """Start `words` in its own session, output to logs/<name>.log."""
        with self._log(name) as log, _uninterrupted():
            self._running[name] = subprocess.Popen(
                words, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            self._write()

    def run(self, name: str, words: list[str], env: dict[str, str]) -> None:
        """Run to its end; RuntimeError names the log when it fails. Stopped like the others when we are."""
        self.start(name, words, env)
        code = self._running[name].wait()
        del self._running[name]
        self._write()
        if code:
            raise RuntimeError(f"{name} failed with exit code {code}; see {self._logs / name}.log")

    def check(self) -> None:
        """RuntimeError when one of them has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with exit code {process.returncode}; see {self._logs / name}.log")

    def kill(self, name: str) -> None:
        """SIGKILL to `name` and all that descends from it, as if its machine lost power; nobody misses it."""
        process = self._running.pop(name)
        leader = psutil.Process(process.pid)
        for victim in (leader, *leader.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        process.wait()
        self._write()

    def stop(self) -> None:
        """SIGTERM to every group, SIGKILL to what is left after a while. Safe to call twice."""
        processes = list(self._running.values())
        for process in processes:
            _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        for process in processes:
            _signal_group(process.pid, signal.SIGKILL)  # children that outlived their leader, too
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
        self._running.clear()
        self._record.unlink(missing_ok=True)

    def _log(self, name: str) -> IO[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        return (self._logs / f"{name}.log").open("ab")

    def _write(self) -> None:
        facts = {}
        for name, process in self._running.items():
            with suppress(psutil.NoSuchProcess):
                facts[name] = [process.pid, psutil.Process(process.pid).create_time()]
        unfinished = self._record.with_suffix(".part")
        unfinished.write_text(json.dumps(facts), encoding="ascii")
        unfinished.replace(self._record)


def stop_leftovers(record: Path) -> list[str]:
    """Stop what a killed run left behind; names of what was found."""
    if not record.is_file():
        return []
    found = []
    for name, (pid, created) in json.loads(record.read_text(encoding="ascii")).items():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) > 1:
                continue
            found.append(name)
            _signal_group(pid, signal.SIGTERM)
            with suppress(psutil.TimeoutExpired):
                process.wait(15)
            _signal_group(pid, signal.SIGKILL)
    record.unlink(missing_ok=True)
    return found


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A Ctrl-C between the birth of a process and its registration waits for the registration."""
    arrived: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda number, _frame: arrived.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for caught in arrived:
            signal.raise_signal(caught)


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """UsageError when another run of the same home is up. The lock goes with its process, however that ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another `make run` is up with {lock.parent.parent}; stop it (Ctrl-C there), "
                "or give this one a home of its own: TALENTPOOL_HOME=/another/folder make run"
            ) from None
        yield


def free_port(preferred: int) -> int:
    """`preferred` on the loopback when nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise UsageError("there is no free port on 127.0.0.1")
