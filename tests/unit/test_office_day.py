"""The office's clock in Python and in SQL, and the days that lie too far ahead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from databases import no_tables
from talentpool.errors import UsageError
from talentpool.office_day import (
    OFFICE_TIME,
    OFFICE_ZONE,
    in_office,
    office_midnight,
    refuse_days_to_come,
    too_far_ahead,
)
from talentpool.settings import INCLUDE


def test_the_time_zone_is_written_in_one_place() -> None:
    """Migrations are history, and a schedule's description names the zone for its reader."""
    sources = [path for path in INCLUDE.rglob("*.py") if "migrations" not in path.parts]
    assert len(sources) > 100
    named = [path.name for path in sources if re.search(f"[\"']{OFFICE_ZONE}[\"']", path.read_text(encoding="utf-8"))]
    assert named == ["office_day.py"]


def test_sql_reads_a_moment_as_the_offices_clock_does_and_back(server_url: str) -> None:
    moment = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    with no_tables(server_url) as conn:
        shown = conn.scalar(sa.select(in_office(sa.literal(moment))))
        assert shown.isoformat() == "2026-11-01T00:30:00"
        assert conn.scalar(sa.select(in_office(sa.literal(shown)))) == moment
        today = conn.scalar(sa.select(office_midnight()))
        assert conn.scalar(sa.select(office_midnight(1))) - today == timedelta(days=1)
        assert conn.scalar(sa.select(sa.func.clock_timestamp())) - today < timedelta(days=1)
    assert today.astimezone(OFFICE_TIME).time() == time()


@pytest.mark.parametrize(("ahead", "far"), [(0, False), (5, False), (6, True)])
def test_a_roster_may_lie_five_days_ahead(ahead: int, far: bool) -> None:
    today = date(2026, 12, 31)
    assert too_far_ahead(today + timedelta(days=ahead), today) is far


def test_a_pool_of_a_day_to_come_is_refused() -> None:
    today = date(2026, 12, 31)
    refuse_days_to_come(today, today, "人才库")
    with pytest.raises(UsageError, match="2027-01-01 晚于今天"):
        refuse_days_to_come(today + timedelta(days=1), today, "人才库")
