"""Dates that cannot be: a roster of a day to come, a date against the file's own name, a list that burns next year's."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from approvals import unapproved
from rosters import Office
from talentpool.acquire import Connection
from talentpool.campaigns import draw
from talentpool.check import check
from talentpool.decide import decide
from talentpool.errors import UsageError
from talentpool.flow import Outcome, ingest
from talentpool.load import digest
from talentpool.office_day import today_in_office
from talentpool.pool import snapshot, stale_dates
from talentpool.settings import Settings

CASES = Path(__file__).parent
TODAY = date(2026, 11, 28)


@pytest.fixture
def office(office: Office) -> Office:
    office.settings = office.settings.model_copy(update={"today": TODAY})
    return office


def deliver(office: Office, file: Path, as_of: str) -> Outcome:
    return ingest(
        office, office.partner(), file=file, as_of=date.fromisoformat(as_of),
        kind="full",
    )  # fmt: skip


YEAR_AHEAD = CASES / "as-of-typed-a-year-ahead"


def test_a_year_mistyped_is_refused_and_true_rosters_stay_live(office: Office) -> None:
    assert deliver(office, YEAR_AHEAD / "1_september.csv", "2026-09-30").effect == "live"
    before = digest(office.engine)
    with pytest.raises(UsageError, match="2027-10-31 晚于今天"):
        deliver(office, YEAR_AHEAD / "2_october.csv", "2027-10-31")
    with pytest.raises(UsageError, match="晚于今天"):
        check(
            office, office.partner(), YEAR_AHEAD / "2_october.csv",
            as_of=date(2027, 10, 31), kind="full",
        )  # fmt: skip
    assert digest(office.engine) == before
    assert deliver(office, YEAR_AHEAD / "3_november_five_left.csv", "2026-11-28").effect == "live"


@pytest.mark.parametrize("days", [1, 5])
def test_a_roster_dated_up_to_five_days_ahead_is_confirmed_by_a_person(office: Office, days: int) -> None:
    as_of = (TODAY + timedelta(days=days)).isoformat()
    held = deliver(office, YEAR_AHEAD / "2_october.csv", as_of)
    assert (held.status, held.reasons["as_of_ahead"]) == ("held", 1)
    assert held.delivery_id
    published = decide(
        office, office.partner(), held.delivery_id, "all", by="王主任",
        reason="月末提前报送",
    )  # fmt: skip
    assert (published.status, published.effect) == ("published", "live")
    with office.engine.connect() as conn:
        assert stale_dates(conn, TODAY) == [], "no pool is made of a day to come"
        assert stale_dates(conn, TODAY + timedelta(days=days)) == [date.fromisoformat(as_of)]


def test_six_days_ahead_is_refused(office: Office) -> None:
    with pytest.raises(UsageError, match="6 天"):
        deliver(office, YEAR_AHEAD / "2_october.csv", "2026-12-04")


def test_a_file_in_the_inbox_named_for_next_year_is_rejected_and_stops_nobody(office: Office, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    shutil.copy(YEAR_AHEAD / "2_october.csv", inbox / "roster_didi_20271031.csv")
    connection = Connection("partner_didi", "fs", extra={"path": str(inbox)})
    import os

    for path in inbox.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    outcome = ingest(office, office.partner(), connection=connection)
    assert (outcome.status, outcome.reasons) == ("rejected", {"as_of_future": 1})
    assert deliver(office, YEAR_AHEAD / "3_november_five_left.csv", "2026-11-28").effect == "live"


def test_a_date_against_the_files_own_name_is_refused(office: Office) -> None:
    file = YEAR_AHEAD / "roster_didi_20260831_01.csv"
    with pytest.raises(UsageError, match="2026-08-31"):
        deliver(office, file, "2026-11-28")
    assert deliver(office, file, "2026-08-31").status == "published"


def test_no_pool_and_no_list_is_made_of_a_day_to_come(office: Office) -> None:
    assert deliver(office, YEAR_AHEAD / "1_september.csv", "2026-09-30").status == "published"
    for day in (date(2026, 11, 29), date(9999, 12, 31)):
        with pytest.raises(UsageError, match="晚于今天"):
            snapshot(office, day)
        with pytest.raises(UsageError, match="晚于今天"):
            draw(office, warm_winter(office), day, lock=True)
    assert office.one("select count(*) from pool_snapshot") == 0
    assert office.one("select count(*) from target_list") == 0


def warm_winter(office: Office):
    return unapproved(office.settings)


def test_a_late_list_does_not_use_up_next_winter(office: Office) -> None:
    folder = CASES / "late-list-burns-next-winter"
    campaign = warm_winter(office)

    def locked(day: str) -> int:
        return draw(office, campaign, date.fromisoformat(day), lock=True).selected

    assert deliver(office, folder / "1_nov_2025.csv", "2025-11-30").status == "published"
    assert locked("2025-12-01") == 20
    with pytest.raises(UsageError, match="359 天"):
        locked("2025-12-28")
    assert deliver(office, folder / "2_nov_2026.csv", "2026-11-28").status == "published"
    assert locked("2026-11-28") == 23, "two of the 25 turned 36 meanwhile"


def test_only_a_demo_sets_its_own_day(settings: Settings) -> None:
    assert today_in_office(settings.model_copy(update={"today": TODAY})) == TODAY
    office = Settings(database_url="postgresql+psycopg://x", profile="production", today=date(1999, 1, 1))
    assert today_in_office(office) > TODAY, "an office has the calendar's day"
