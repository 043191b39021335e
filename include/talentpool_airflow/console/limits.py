"""Limit how often one user may act: in this process's memory, so each API server counts for itself.

The limit on reveals is another one and stands in the database; this one slows down whoever tries numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from math import ceil
from threading import Lock

from fastapi import HTTPException
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

LOOKS = "300 per minute"
ACTS = "60 per minute"
SEARCHES = "30 per minute; 300 per hour"
REVEALS = "10 per minute"
SHEETS = "30 per minute"
"""A county's officer brings the sheets of many stations, one after the other."""
UPLOADS = "6 per minute"
TRIES = "12 per minute; 120 per hour"
AT_ONCE = 2
"""Dry runs of all officers: each is minutes of one of the database's cores where the pool is large."""
REFUSALS = "120 per minute"

_busy: set[str] = set()
_looking = Lock()
limiter = MovingWindowRateLimiter(MemoryStorage())


@cache
def _parsed(rate: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse(part) for part in rate.split(";"))


def count(user: str, what: str, rate: str) -> None:
    """Count one use; HTTPException 429 when it is one too many."""
    for item in _parsed(rate):
        if not limiter.hit(item, user, what):
            wait = max(1, ceil(limiter.get_window_stats(item, user, what).reset_time - time.time()))
            told = f"{wait} 秒" if wait < 60 else f"{-(-wait // 60)} 分钟"
            raise HTTPException(429, f"操作过于频繁，请在 {told}后再试。", headers={"Retry-After": str(wait)})


@contextmanager
def in_turn(user: str) -> Iterator[None]:
    """One dry run of a user at a time, and AT_ONCE of all: HTTPException 429 at once, never a queue of waiting requests."""
    with _looking:
        if user in _busy:
            raise HTTPException(429, "您上一次试算还没有结束，请等它出结果后再试。", headers={"Retry-After": "30"})
        if len(_busy) >= AT_ONCE:
            raise HTTPException(429, "正在试算的人较多，请过几分钟再试。", headers={"Retry-After": "60"})
        _busy.add(user)
    try:
        yield
    finally:
        with _looking:
            _busy.discard(user)
