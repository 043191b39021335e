"""Days that officers moved or added: whose they are, and which round facts of a date serve then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from talentpool.declare import Campaign
from talentpool.declare.occasion import (
    Dated,
    Turn,
    event_dates,
    extra_cycle,
    refuse_out_of_season,
    say_cycle,
    turn_of,
    turns,
)
from talentpool.errors import UsageError


def _campaign(occasion: dict[str, Any], lead: int) -> Campaign:
    return Campaign.model_validate(
        {"code": "some", "name": "活动", "owner": "市", "purpose": "some", "occasion": occasion, "lead_days": lead,
         "eligibility": {}, "item": "物品", "approvals": "none"}
    )  # fmt: skip


def _on(first: date, replaces: date | None = None, cycle: str = "") -> Dated:
    return Dated(Turn(cycle or extra_cycle(first), first, first), replaces)


WINTER = _campaign({"month": 12, "day": 22}, 21)
MOVED = _on(date(2026, 12, 28), date(2026, 12, 22), "2026")
EXTRA = _on(date(2026, 12, 10))


def test_a_moved_round_stays_its_cycle_and_the_declaration_its_hash() -> None:
    kept = WINTER.with_dates([MOVED])
    assert [(turn.cycle, turn.first) for turn in turns(kept, [2026, 2027])] == [
        ("2026", date(2026, 12, 28)), ("2027", date(2027, 12, 22)),
    ]  # fmt: skip
    assert kept.hash == WINTER.hash and WINTER.dates == ()
    assert event_dates(kept, [2026]) == [date(2026, 12, 7)]
    assert turn_of(kept, date(2026, 12, 25)).cycle == "2026", "the declared day is gone by, the round is not"
    assert turn_of(WINTER, date(2026, 12, 25)).cycle == "2027"


def test_an_extra_round_has_a_cycle_that_no_declared_one_has() -> None:
    kept = WINTER.with_dates([EXTRA])
    assert [turn.cycle for turn in turns(kept, [2026])] == ["2026-X1210", "2026"]
    assert say_cycle("2026-X1210") == "2026 年 12 月 10 日加办"
    kinds: list[dict[str, Any]] = [{"month": 12, "day": 10}, {"every": "month", "day": 10},
                                   {"every": "quarter", "month": 3, "day": 10}]  # fmt: skip
    declared = {turn.cycle for kind in kinds for turn in turns(_campaign(kind, 5), range(2020, 2040))}
    assert len(declared) == 20 * 17 and not {cycle for cycle in declared if "X" in cycle}


@pytest.mark.parametrize(
    ("as_of", "cycle"),
    [
        (date(2026, 10, 31), "2026"),  # before any draw: the declared round, as without the extra one
        (date(2026, 11, 18), "2026"),
        (date(2026, 11, 19), "2026-X1210"),  # its draw
        (date(2026, 11, 30), "2026-X1210"),
        (date(2026, 12, 1), "2026"),  # the draw of the declared round, while the extra one goes on
        (date(2026, 12, 10), "2026"),
        (date(2026, 12, 22), "2026"),
        (date(2026, 12, 23), "2027"),
    ],
)
def test_a_date_serves_the_round_whose_draw_came_last(as_of: date, cycle: str) -> None:
    assert turn_of(WINTER.with_dates([EXTRA]), as_of).cycle == cycle


def test_days_that_nobody_made_change_nothing_of_any_kind() -> None:
    """The rule with extra rounds is the rule without, where there are none: every day of four years."""
    for kind, lead in (({"month": 12, "day": 22}, 120), ({"every": "month", "day": 31}, 27), ({"season": "三伏"}, 14),
                       ({"every": "quarter", "month": 1, "day": 15}, 88), ({"festival": "春节"}, 30)):  # fmt: skip
        campaign = _campaign(kind, lead)
        around = turns(campaign, range(2024, 2034))
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(4 * 365)):
            assert turn_of(campaign, day) == next(turn for turn in around if turn.last >= day), (kind, day)


def test_a_list_of_an_extra_round_is_in_season_from_its_draw_on() -> None:
    kept = WINTER.with_dates([_on(date(2027, 6, 1))])
    refuse_out_of_season(kept, date(2027, 5, 11))
    with pytest.raises(UsageError, match="2027 年这一轮"):
        refuse_out_of_season(kept, date(2027, 5, 10))
