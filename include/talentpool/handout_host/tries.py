"""Limit wrong codes by list and address, in this process's memory: five, then a minute's wait that doubles up to an hour. And
how often one sign-in may ask."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from threading import Lock

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

FREE, FIRST_WAIT, LONGEST_WAIT, FORGOTTEN = 5, 60, 3600, 3600
"""Failures before the door is shut; seconds of the first and the longest wait, and after which one failure is forgotten."""
MOST = 20_000
"""Addresses that are remembered; the longest unseen goes first."""


FINDS, SENDS, ENTERS = "60 per minute; 1500 per hour", "120 per minute", "30 per minute"
"""Of one sign-in, as in the office: each is a file for it; and codes of one address, for whatever list."""


class Pace:
    """How often each sign-in has asked."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def asks(self, who: str, what: str, rate: str) -> bool:
        """Count one; False when it is one too many."""
        return all(self._limiter.hit(item, who, what) for item in parse_many(rate))


@dataclass
class _Door:
    failures: int = 0
    at: float = 0
    shut_until: float = 0


class Tries:
    """Wrong codes of every door. `begin` counts a try as failed before it is looked at: many at once are no more tries."""

    def __init__(self) -> None:
        self._doors: OrderedDict[tuple[int, str], _Door] = OrderedDict()
        self._lock = Lock()

    def begin(self, list_id: int, address: str, now: float | None = None) -> int:
        """Seconds until the next try is looked at; 0 = this one is."""
        now = time.monotonic() if now is None else now
        with self._lock:
            door = self._doors.setdefault((list_id, network(address)), _Door(at=now))
            self._doors.move_to_end((list_id, network(address)))
            if len(self._doors) > MOST:
                self._doors.popitem(last=False)
            if door.shut_until > now:
                return ceil(door.shut_until - now)
            door.failures = max(0, door.failures - int((now - door.at) / FORGOTTEN)) + 1
            door.at = now
            beyond = door.failures - FREE
            if beyond >= 0:
                door.shut_until = now + min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT)
            return 0

    def succeeded(self, list_id: int, address: str) -> None:
        """The code was right: the door begins anew."""
        with self._lock:
            self._doors.pop((list_id, network(address)), None)


def network(address: str) -> str:
    """Whom an address stands for: one of IPv4 for itself, one of IPv6 for its /64, which is one household's."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
