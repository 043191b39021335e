"""A learned bound: what hypothesis finds no way around, and what a slow poisoning can reach."""

from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.bounds import Gauge, Key
from talentpool.bounds.robust import SIGMA, around_count, cap, room, spread_of, upper_level, upper_share
from talentpool.declare.partner import Learned
from talentpool.settings import Settings

RULE = Learned()
SHARES = st.floats(0, 1, allow_nan=False)
DECLARED = st.floats(0.01, 1)
HISTORY = st.lists(SHARES, min_size=6, max_size=12)


def gauge(**before: list[float]) -> Gauge:
    """One that knows shares of a metric, the newest first."""
    from talentpool.acquire import load_partner

    figures = {Key(name): list(them) for name, them in before.items()}
    first = {Key(name): list(them)[::-1][: RULE.deliveries] for name, them in before.items()}
    return Gauge(load_partner(Settings().partner_dirs, "didi"), figures, first)


@given(SHARES, DECLARED, st.integers(1, 12))
def test_more_identical_months_never_hold_an_identical_month(share: float, declared: float, months: int) -> None:
    """What the declared bound lets pass passes after any number of months like it, declared or learned."""
    known = gauge(removals=[share] * months)
    bound = known.share(Key("removals"), share, declared)
    assert bound.origin == ("learned" if months >= RULE.deliveries else "declared")
    assert bound.broken(share) is (share > (cap(declared, RULE) if months >= RULE.deliveries else declared))
    assert share > declared or not bound.broken(share)


@given(HISTORY, SHARES, DECLARED)
def test_months_that_are_most_of_the_window_hold_none_of_their_kind(
    others: list[float], share: float, declared: float
) -> None:
    """After any history: as soon as most of the window is identical, the next identical month passes."""
    if share > declared:
        return
    figures = [share] * (len(others[:5]) + 1) + others[:5]
    assert not gauge(removals=figures).share(Key("removals"), share, declared).broken(share)


@given(st.integers(1, 100_000), st.integers(6, 12))
def test_identical_rows_and_levels_never_hold_their_like(rows: int, months: int) -> None:
    low, high = around_count(spread_of([float(rows)] * months), 0.5, RULE)
    assert low <= rows <= high
    level = rows / 100_000
    assert level <= upper_level(spread_of([level] * months), level, 0.1, RULE)


@given(HISTORY, SHARES, st.integers(0, 11), st.floats(0.01, 0.5))
def test_one_odd_month_moves_no_bound_beyond_what_the_others_span(
    figures: list[float], odd: float, at: int, declared: float
) -> None:
    """Whatever one month says, the bound stays within (1 + 1.4826 k) times the span of the others: not its own size counts."""
    at %= len(figures)
    others = figures[:at] + figures[at + 1 :]
    span = max(others) - min(others)
    moved = upper_share(spread_of([*figures[:at], odd, *figures[at + 1 :]]), declared, RULE)
    assert abs(moved - upper_share(spread_of(figures), declared, RULE)) <= (1 + RULE.k * SIGMA) * span + 1e-9


@given(SHARES, SHARES, st.integers(6, 11), DECLARED)
def test_one_odd_month_in_a_constant_history_moves_nothing(
    share: float, odd: float, months: int, declared: float
) -> None:
    constant = upper_share(spread_of([share] * months), declared, RULE)
    assert upper_share(spread_of([odd] + [share] * months), declared, RULE) == constant


@given(HISTORY, DECLARED)
def test_no_history_opens_the_gate_beyond_the_cap(figures: list[float], declared: float) -> None:
    high = upper_share(spread_of(figures), declared, RULE)
    assert high <= cap(declared, RULE) <= max(2 * declared, declared)
    assert declared > 0.99 or cap(declared, RULE) < 1, "a share that is everything is still too much"


@given(HISTORY, DECLARED)
def test_a_bound_leaves_room_for_the_first_change(figures: list[float], declared: float) -> None:
    spread = spread_of(figures)
    assert room(spread, declared, RULE) >= RULE.floor * declared > 0


def test_the_numbers_of_the_decision_record() -> None:
    """docs/adr/0106: removals of 1, 2, 2, 3, 2, 1 per cent against a declared bound of 15."""
    figures = [0.01, 0.02, 0.02, 0.03, 0.02, 0.01]
    spread = spread_of(figures)
    assert (spread.median, round(spread.mad, 6)) == (0.02, 0.005)
    assert upper_share(spread, 0.15, RULE) == pytest.approx(0.095)
    wild = spread_of([0.0, 0.3, 0.02, 0.25, 0.1, 0.2])
    assert upper_share(wild, 0.15, RULE) == 0.3 == cap(0.15, RULE)
    assert cap(0.5, RULE) == 0.75, "twice a half would be no bound"


def poisoned(step: float, months: int) -> list[float]:
    """Levels of missing values that somebody raises by `step` as long as no month is held."""
    levels = [0.02] * 6
    for _ in range(months):
        known = gauge()
        key = Key("unusable", "mobile")
        known.before[key] = levels[::-1][: RULE.window]
        known.first[key] = levels[: RULE.deliveries]
        nearby = levels[-1] + step
        if known.level(key, nearby, levels[-1] + 0.1, 0.1).broken(nearby):
            break
        levels.append(nearby)
    return levels


@pytest.mark.parametrize("step", [0.005, 0.01, 0.03, 0.05, 0.09])
def test_a_slow_poisoning_stops_at_the_cap(step: float) -> None:
    """The jump from month to month alone would let it go on to everything."""
    levels = poisoned(step, 400)
    assert len(levels) < 60 and levels[-1] <= median(levels[: RULE.deliveries]) + cap(0.1, RULE) + 1e-9


def test_growth_of_rows_is_followed_and_a_leap_is_not() -> None:
    growing = [1000 * 1.04**month for month in range(12)]
    low, high = around_count(spread_of(growing), 0.5, RULE)
    assert low < growing[-1] * 1.04 < high < 2 * growing[-1]
    low, high = around_count(spread_of([1000.0] * 12), 0.5, RULE)
    assert (low, high) == (750, 1250)
