"""When a partner's roster is due: its cadence, the holiday table, its grace in working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.acquire import load_partner
from talentpool.declare import Partner, partner_files
from talentpool.declare.due import Due, due
from talentpool.declare.occasion import WorkingDays
from talentpool.settings import INCLUDE

FOLDERS = [INCLUDE / "partners"]
HOLIDAYS = frozenset({date(2026, 1, 1), *(date(2026, 10, day) for day in range(1, 8))})
WORKING = WorkingDays(HOLIDAYS, frozenset({date(2026, 10, 10)}))


def _partner(code: str, **cadence: object) -> Partner:
    partner = load_partner(FOLDERS, code)
    return partner.model_copy(update={"cadence": partner.cadence.model_copy(update=cadence)})


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        # monthly, 72 hours: 1 December is a Tuesday
        ("postal", date(2026, 12, 1), (date(2026, 11, 1), date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 4))),
        ("postal", date(2026, 12, 31), (date(2026, 11, 1), date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 4))),
        # 1 November is a Sunday: on that day the roster of October is the newest due
        ("postal", date(2026, 11, 2), (date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 5))),
        ("postal", date(2026, 11, 1), (date(2026, 9, 1), date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 12))),
        # the holiday week, then a Saturday that is worked
        ("postal", date(2026, 10, 7), (date(2026, 8, 1), date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 4))),
        # weekly, 48 hours
        ("sf", date(2026, 11, 29), (date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 25))),
        ("sf", date(2026, 10, 8), (date(2026, 9, 28), date(2026, 10, 5), date(2026, 10, 8), date(2026, 10, 10))),
    ],
)
def test_the_roster_that_is_due_on_a_day(code: str, day: date, expected: tuple[date, ...]) -> None:
    assert due(_partner(code), day, WORKING) == Due(code, *expected)


def test_a_roster_that_comes_round_later_than_wanted_is_not_meant() -> None:
    sf = _partner("sf")
    assert due(sf, date(2026, 12, 9), WORKING, fired_by=date(2026, 12, 2)).fires == date(2026, 11, 30)
    assert due(sf, date(2026, 12, 9), WORKING, fired_by=date(2026, 12, 7)).fires == date(2026, 12, 7)


def test_what_meets_it_is_a_roster_of_after_the_one_before() -> None:
    roster = due(_partner("postal"), date(2026, 12, 1), WORKING)
    assert roster is not None
    assert [roster.is_met(day) for day in (None, date(2026, 11, 1), date(2026, 11, 2), date(2026, 12, 1))] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_cadence_that_never_comes_round_is_never_due() -> None:
    assert due(_partner("postal", cron="0 6 31 2 *"), date(2026, 12, 1), WORKING) is None


@given(
    st.sampled_from(sorted(partner_files(FOLDERS))), st.dates(date(2026, 2, 1), date(2026, 12, 31)), st.integers(1, 200)
)
def test_days_stand_in_order_and_the_next_day_is_never_due_earlier(code: str, day: date, grace: int) -> None:
    partner = _partner(code, grace_hours=grace)
    roster, tomorrow = due(partner, day, WORKING), due(partner, day + timedelta(days=1), WORKING)
    assert roster is not None and tomorrow is not None
    assert roster.after < roster.fires <= roster.on <= day
    assert roster.on < roster.until
    assert WORKING.is_working(roster.on) and WORKING.is_working(roster.until)
    assert roster.fires <= tomorrow.fires
