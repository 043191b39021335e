"""Pace calls to a partner: a clock that tests can replace, and a token bucket that keeps calls to a rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """`now`: seconds since the epoch; `monotonic`: seconds that only go forward; `sleep`: waits so many seconds."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class TokenBucket:
    """At most `burst` calls at once and `rate` calls a second over time; `take` waits until the next is allowed."""

    def __init__(self, rate: float, clock: Clock, burst: int = 1) -> None:
        self._rate, self._clock, self._burst = rate, clock, burst
        self._tokens = float(burst)
        self._counted_at = clock.monotonic()

    def take(self) -> None:
        """Take one token; sleeps for as long as it is owed."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._rate)
        self._counted_at = now
        self._tokens -= 1
        if self._tokens < 0:
            self._clock.sleep(-self._tokens / self._rate)
