"""A measured piece of work in a process of its own, watched from outside: peak memory and processor time of everybody.

Peaks are the kernel's (VmHWM), read until a process ends; a look every tenth of a second loses nothing but the last one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.server import Server, backends, offspring, title
from talentpool.errors import TalentpoolError

EVERY = 0.1
PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Done:
    """`said`: what the process answered; `seconds`: its own clock; `cpu`: of all processes and the server, in seconds;
    `peak`: MiB by kind of process (main, worker, workbook, postgres)."""

    said: dict[str, Any]
    seconds: float
    cpu: float
    peak: dict[str, float] = field(default_factory=dict)


def measure(server: Server, database: str, request: dict[str, Any]) -> Done:
    """Do `request` (see bench.work) in a fresh process against `database`."""
    before = _reaped(server.postmaster)
    env = {name: value for name, value in os.environ.items() if not name.startswith("TALENTPOOL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.work"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
        env=env | server.environment(database),
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    with process.stdin as pipe:
        pipe.write(json.dumps(request))
    peak: dict[str, float] = {}
    try:
        while process.poll() is None:
            _look(process.pid, server.postmaster, peak)
            time.sleep(EVERY)
    finally:
        process.kill()
        process.wait()
    said = process.stdout.read().strip().splitlines()
    process.stdout.close()
    if process.returncode != 0 or not said:
        raise TalentpoolError(f"the benchmark's {request['do']} ended with {process.returncode}; its words stand above")
    answer = json.loads(said[-1])
    _until_gone(server.postmaster)
    cpu = answer.pop("cpu") + _reaped(server.postmaster) - before
    return Done(answer, answer.pop("seconds"), cpu, peak)


def _look(pid: int, postmaster: int, peak: dict[str, float]) -> None:
    kinds = [("main", pid)] + [(_kind(child), child) for child in offspring(pid)]
    kinds += [("postgres", backend) for backend in backends(postmaster)]
    for kind, process in kinds:
        peak[kind] = max(peak.get(kind, 0.0), _high_water(process))


def _kind(pid: int) -> str:
    return "workbook" if "workbook_child" in title(pid) else "worker"


def _high_water(pid: int) -> float:
    """MiB; 0 when the process is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return 0.0


def _reaped(postmaster: int) -> float:
    """Processor seconds of the server's processes that have ended."""
    used = psutil.Process(postmaster).cpu_times()
    return float(used.children_user + used.children_system)


def _until_gone(postmaster: int) -> None:
    for _ in range(50):
        if not backends(postmaster):
            return
        time.sleep(EVERY)
