"""The pool of a date: who is in it, where home is, what the golden record takes from where, and what stays frozen."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from rosters import Office, document, person
from talentpool.declare.ages import band_labels, latest_birth_date
from talentpool.pool import Snapshot, city_counts, county_counts, snapshot, stale_dates
from uploads import brought

FILLER = [person(n) for n in range(50, 62)]


@pytest.mark.parametrize(
    ("born", "as_of", "rule", "years"),
    [
        ("1990-10-31", "2026-10-30", "on_day", 35),
        ("1990-10-31", "2026-10-31", "on_day", 36),
        ("1990-10-31", "2026-10-31", "day_after", 35),
        ("1990-10-31", "2026-11-01", "day_after", 36),
        ("2004-02-29", "2022-02-28", "on_day", 17),
        ("2004-02-29", "2022-03-01", "on_day", 18),
        ("2004-02-29", "2024-02-29", "on_day", 20),
        ("2004-02-29", "2022-03-01", "day_after", 17),
    ],
)
def test_years_are_completed_on_the_birthday_or_the_day_after(
    office: Office, born: str, as_of: str, rule: str, years: int
) -> None:
    birth, day = date.fromisoformat(born), date.fromisoformat(as_of)
    assert latest_birth_date(years + 1, day, rule) < birth <= latest_birth_date(years, day, rule)
    # the database must agree: build_people.sql takes its age from the day, or the day before
    query = "select extract(year from age(cast(:day as date) - cast(:less as int), cast(:birth as date)))"
    assert office.one(query, day=day, less=int(rule == "day_after"), birth=birth) == years


def test_bands_have_readable_labels() -> None:
    assert band_labels((16, 18, 26)) == ["<16", "16-17", "18-25", "26+"]


def pool(office: Office, as_of: str) -> Snapshot:
    return snapshot(office, date.fromisoformat(as_of))


def the_person(office: Office, snapshot: Snapshot, staff_no: str) -> sa.Row:
    with office.engine.connect() as conn:
        return conn.execute(
            sa.text(
                "select p.* from pool_person p join record_person r using (person_id) join source_record s using (record_id)"
                " where p.snapshot_id = :snapshot and s.staff_no = :staff_no"
            ),
            {"snapshot": snapshot.snapshot_id, "staff_no": staff_no},
        ).one()


def test_home_is_the_longest_active_spell_and_every_county_sees_its_own_side(office: Office) -> None:
    both = person(1, hired_on="2020-01-01", county="140430", station="沁州站")
    office.deliver("2026-10-31", [both, *FILLER], partner="postal")
    office.deliver("2026-10-31", [both | {"staff_no": "D1", "hired_on": "2022-01-01", "county": "140404"}])
    snapshot = pool(office, "2026-10-31")
    found = the_person(office, snapshot, "D1")
    assert (found.home_county, found.home_partner, found.home_station) == ("140430", "postal", "沁州站")
    with office.engine.connect() as conn:
        city = city_counts(conn, snapshot.snapshot_id)
        assert (city.people, city.overlap, sum(city.by_county.values())) == (13, 1, 14)
        assert county_counts(conn, snapshot.snapshot_id, "140404").seen == 1
        assert county_counts(conn, snapshot.snapshot_id, "140404").served == 0
        assert county_counts(conn, snapshot.snapshot_id, "140430").served == 1


def test_no_county_gets_anothers_person_by_what_it_uploads(office: Office) -> None:
    """The partner's own word comes first, then the first upload; what the partner repeats is the partner's word."""
    here, there, old = "140425", "140430", {"hired_on": "2010-01-01", "station": "太行站"}
    theirs = [person(n, county=there, hired_on="2022-01-01") for n in (1, 2, 3)]
    by_upload = person(4, county=there, hired_on="2022-01-01")
    office.deliver("2026-10-01", [*theirs, *FILLER])
    brought(office, [by_upload], "2026-10-10", [there])
    guesses = [person(n, staff_no=f"D{n}", county=here, **old) for n in (1, 2, 4)]
    guesses[1] |= {"document_no": "", "birth_date": "1986-05-05"}
    honest = person(3, staff_no="D3", county=here, **old)
    brought(office, [*guesses, honest], "2026-10-12", [here])
    brought(office, [by_upload | {"station": "新站"}], "2026-10-14", [there])

    def homes(as_of: str) -> list[str]:
        snapshot = pool(office, as_of)
        return [the_person(office, snapshot, f"T{n:05d}").home_county for n in (1, 2, 3, 4)]

    assert len({the_person(office, pool(office, "2026-10-14"), at).person_id for at in ("T00002", "D2")}) == 1
    assert homes("2026-10-14") == [there] * 4
    office.deliver("2026-10-15", [honest], kind="delta")
    assert homes("2026-10-15") == [there, there, here, there]
    office.deliver("2026-10-31", [*theirs, by_upload, *guesses, honest, *FILLER])
    assert homes("2026-10-31") == [here] * 4


def test_who_left_elsewhere_brings_no_value_into_the_county_that_uploaded_them(office: Office) -> None:
    """They are that county's now, if it is true; a guess of name and mobile tells it nothing that it did not write."""
    known = person(1, county="140430")
    guessed = person(1, staff_no="D1", county="140425", document_no="", sex="")
    office.deliver("2026-10-01", [known, *FILLER])
    office.deliver("2026-10-09", [known | {"left_on": "2026-10-08"}, *FILLER])
    brought(office, [guessed], "2026-10-10", ["140425"])
    found = the_person(office, pool(office, "2026-10-10"), "T00001")
    assert found.person_id == the_person(office, pool(office, "2026-10-10"), "D1").person_id
    assert (found.home_county, found.active, found.birth_date, found.sex) == ("140425", True, None, 0)
    record = str(office.one("select record_id from source_record where staff_no = 'D1'"))
    assert {found.provenance[field] for field in ("name", "mobile")} == {
        record
    } and "document_no" not in found.provenance
    office.deliver("2026-10-31", [known | {"left_on": "2026-10-08"}, guessed, *FILLER])
    found = the_person(office, pool(office, "2026-10-31"), "D1")
    assert (found.home_county, found.birth_date, found.sex) == ("140425", date(1986, 5, 5), 1)


def test_the_golden_record_takes_the_best_of_each_and_says_from_where(office: Office) -> None:
    rough = person(1, name="欧阳潞襄", document_no="", birth_date="1985-01-01", sex="")
    exact = rough | {"staff_no": "D1", "document_no": document(7, "1995-05-05"), "birth_date": ""}
    office.deliver("2026-10-31", [rough, *FILLER], partner="postal")
    office.deliver("2026-10-31", [exact])
    found = the_person(office, pool(office, "2026-10-31"), "D1")
    record = str(office.one("select record_id from source_record where staff_no = 'D1'"))
    assert (found.birth_date, found.age, found.age_band, found.youth) == (date(1995, 5, 5), 31, "26-35", True)
    assert {found.provenance[field] for field in ("name", "document_no", "birth_date", "sex")} == {record}
    assert found.sex == 1


def test_a_leaver_is_in_the_pool_but_not_active(office: Office) -> None:
    office.deliver("2026-09-30", [*FILLER, person(1)])
    office.deliver("2026-10-31", [*FILLER, person(1, left_on="2026-10-15")])
    snapshot = pool(office, "2026-10-31")
    assert not the_person(office, snapshot, "T00001").active
    with office.engine.connect() as conn:
        assert city_counts(conn, snapshot.snapshot_id).people == 12


def test_equal_content_is_the_same_snapshot_and_late_data_the_next_version(office: Office) -> None:
    office.deliver("2026-10-31", FILLER)
    first = pool(office, "2026-10-31")
    assert (first.version, first.created) == (1, True)
    assert pool(office, "2026-10-31") == Snapshot(**{**vars(first), "created": False})
    office.deliver("2026-10-31", [person(1)], partner="postal")
    late = pool(office, "2026-10-31")
    assert (late.version, late.people) == (2, 13)
    assert office.one("select people from pool_snapshot where snapshot_id = :s", s=first.snapshot_id) == 12


def test_the_pool_of_a_past_date_stays_what_it_was(office: Office) -> None:
    office.deliver("2026-09-30", [*FILLER, person(1)])
    before = pool(office, "2026-09-30")
    office.deliver("2026-10-31", [*FILLER, person(2)])
    assert pool(office, "2026-10-31").people == 14
    after = pool(office, "2026-09-30")
    assert (after.snapshot_id, after.created) == (before.snapshot_id, False)


def test_a_backfill_makes_its_own_past_countable(office: Office) -> None:
    office.deliver("2026-10-31", FILLER)
    office.deliver("2026-09-30", [*FILLER, person(1)])
    assert pool(office, "2026-10-31").people == 12
    assert pool(office, "2026-09-30").people == 13


def test_a_pool_that_lacks_a_published_roster_is_named_until_it_is_made(office: Office) -> None:
    def stale() -> list[str]:
        with office.engine.connect() as conn:
            return [day.isoformat() for day in stale_dates(conn, date(2026, 11, 28))]

    office.deliver("2026-09-30", FILLER)
    assert stale() == ["2026-09-30"]
    pool(office, "2026-09-30")
    assert stale() == []
    office.deliver("2026-09-30", [person(1) | {"staff_no": "Z1"}], partner="meituan")
    office.deliver("2026-10-31", FILLER)
    assert stale() == ["2026-09-30", "2026-10-31"]
    for as_of in stale():
        pool(office, as_of)
    assert stale() == []
