"""A token bucket keeps to its rate, and gives back what was not used up to its burst."""

from __future__ import annotations

from talentpool.acquire.pace import Clock, TokenBucket


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, monotonic=lambda: self.at, sleep=self.sleep)


def test_calls_are_spaced_by_the_rate() -> None:
    hand = Hand()
    bucket = TokenBucket(4, hand.clock())
    for _ in range(9):
        bucket.take()
    assert hand.slept == [0.25] * 8


def test_time_that_passed_by_itself_is_not_waited_for_again() -> None:
    hand = Hand()
    bucket = TokenBucket(1, hand.clock())
    bucket.take()
    hand.at += 0.75
    bucket.take()
    assert hand.slept == [0.25]


def test_a_long_pause_earns_no_more_than_the_burst() -> None:
    hand = Hand()
    bucket = TokenBucket(1, hand.clock(), burst=3)
    hand.at += 1000
    for _ in range(5):
        bucket.take()
    assert hand.slept == [1, 1]
