"""How long a test waits: a busy machine takes many seconds for what takes one, so only what hangs is given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psutil

T = TypeVar("T")
PATIENCE = 300
"""Seconds after which something is thought to hang."""


def until(what: str, look: Callable[[], T], *, seconds: float = PATIENCE, every: float = 0.05) -> T:
    """The first true answer of `look`; fails by name when it never comes."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(every)
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
