"""A row is found wherever a kept file names it, and a file that cannot be read now was not deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import Twins
from rosters import Office, person
from set_aside import CITY, asked, bring
from talentpool.errors import UnavailableError, UsageError
from talentpool.services.mending import Place, correct


@pytest.fixture
def city(twins: Twins) -> Office:
    return twins.office()


def station(office: Office, number: int) -> str:
    return str(office.one("select station from source_record where staff_no = :s", s=f"T{number:05d}"))


def test_a_person_is_corrected_however_many_rows_were_corrected_since(city: Office) -> None:
    number = bring(city, person(7), *(person(n, county="火星县") for n in (20, 21, 22, 23)))
    for row in range(8, 12):
        assert correct(city, Place(number, row), "county", "140403", CITY).outcome == "taken"
    assert asked(city, "T00007", "station", "乙站", CITY).outcome == "taken"
    assert station(city, 7) == "乙站"


def test_a_person_is_corrected_however_many_deltas_spoke_of_others_since(city: Office) -> None:
    bring(city, person(7))
    for day in range(1, 5):
        city.deliver(f"2026-11-0{day}", [person(30 + day)], kind="delta")
    assert asked(city, "T00007", "station", "乙站", CITY).outcome == "taken"
    assert station(city, 7) == "乙站"


def test_a_store_that_is_away_deleted_nothing(city: Office) -> None:
    number = bring(city, person(7, county="火星县"), person(8))
    landing = Path(str(city.settings.landing_url).removeprefix("file://"))
    away = landing.rename(landing.with_name("away"))
    with pytest.raises(UnavailableError):
        correct(city, Place(number, 7), "county", "140403", CITY)
    with pytest.raises(UnavailableError):
        asked(city, "T00008", "station", "乙站", CITY)
    away.rename(landing)
    with city.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("update delivery set landed_url = null"))
    with pytest.raises(UsageError, match="已按保留期删除"):
        correct(city, Place(number, 7), "county", "140403", CITY)
    with pytest.raises(UsageError, match="已按保留期删除"):
        asked(city, "T00008", "station", "乙站", CITY)
