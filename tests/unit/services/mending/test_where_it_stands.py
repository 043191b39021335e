"""A row is found wherever a kept file names it, and a file that cannot be read now was not deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import Twins
from rosters import Office, document, person
from set_aside import CITY, asked, bring, live, rows
from talentpool.errors import UnavailableError, UsageError
from talentpool.services.mending import Act, Place, correct, end_value, release
from talentpool.services.rights.forget import forget
from talentpool.services.rights.subject import find


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


OLD = person(7, county="火星县", document_no=document(7, "1931-05-05"))


def test_a_row_with_a_fault_to_correct_and_one_to_take_comes_in_by_both(city: Office) -> None:
    """Of no county that is known, and 95 years old."""
    number = bring(city, OLD)
    place = Place(number, 7)
    assert rows(city) == [(7, "age_over_bound county_unknown")]
    assert correct(city, place, "county", "140403", CITY).codes == ("age_over_bound",)
    assert rows(city) == [(7, "age_over_bound")]
    assert release(city, place, CITY).outcome == "taken"
    assert rows(city) == [] and live(city, "T00007", "county") == "140403"


def test_what_was_corrected_counts_as_long_as_the_correction_holds(city: Office) -> None:
    place = Place(bring(city, OLD), 7)
    done = correct(city, place, "county", "140403", CITY)
    end_value(city, done.value_id, by=CITY.by, reason="核对有误")
    assert rows(city) == [(7, "age_over_bound county_unknown")]
    with pytest.raises(UsageError, match="缺少收录所必需的内容"):
        release(city, place, CITY)


def test_who_is_too_young_is_never_taken_by_way_of_another_correction(city: Office) -> None:
    place = Place(bring(city, person(7, county="火星县", document_no=document(7, "2011-06-01"))), 7)
    correct(city, place, "county", "140403", CITY)
    assert "age_14_15" in rows(city)[0][1]
    with pytest.raises(UsageError, match="14 或 15"):
        release(city, place, CITY)


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1e", "\x1f", "\u2028", "\ud800"])
def test_what_nobody_types_is_neither_value_nor_reason(city: Office, sign: str) -> None:
    place = Place(bring(city, person(7, county="火星县")), 7)
    with pytest.raises(UsageError, match="看不见的字符"):
        correct(city, place, "station", f"甲{sign}站", CITY)
    with pytest.raises(UsageError, match="看不见的字符"):
        correct(city, place, "county", "140403", Act("王专员", f"电{sign}话"))


def test_who_is_known_by_a_word_alone_can_be_erased(city: Office) -> None:
    place = Place(bring(city, OLD), 7)
    correct(city, place, "mobile", "13910000888", CITY)
    with city.engine.begin() as conn:
        conn.execute(sa.text("delete from quarantine"))
        found = find(conn, city.keys, "didi:T00007")
        assert forget(conn, None, found.records)["remembered_value"] == 1
    assert city.one("select count(*) from record_salt where row_no < 0") == 0
