"""Limit how often one user may act: in this process's memory, so each API server counts for itself.

The limit on reveals is another one and stands in the database; this one slows down whoever tries numbers.
"""

from __future__ import annotations

import time
from functools import cache
from math import ceil

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
REFUSALS = "120 per minute"

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
