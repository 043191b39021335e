"""Who is who in a synthetic city, against its truth: through real rosters, month by month, and all over again."""

from __future__ import annotations

from pathlib import Path

import pytest

from cities import City, Quality, deliver, make_city, quality, truth_of
from rosters import Office
from talentpool.match import links, match

PEOPLE = 4000


@pytest.fixture(params=["usual", "hard"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> City:
    return make_city(tmp_path / "city", PEOPLE, months=2, seed=5, preset=request.param)


def test_people_are_found_again_and_a_month_gives_what_a_whole_run_gives(office: Office, city: City) -> None:
    truth = truth_of(city)
    first_day, next_day = sorted({file["as_of"] for file in city.files})
    deliver(office, city, first_day)
    first = match(office.engine, office.keys)
    found = quality(office, truth)
    least = {"usual": Quality(0.997, 0.99), "hard": Quality(0.997, 0.91)}[city.preset]
    assert found.precision >= least.precision and found.recall >= least.recall, found
    before = {record[:2]: record[2] for record in links(office.engine)}
    deliver(office, city, next_day)
    month = match(office.engine, office.keys)
    assert 0 < month.changed < first.changed / 4
    after = {record[:2]: record[2] for record in links(office.engine)}
    moved = [record for record in before.keys() & after.keys() if before[record] != after[record]]
    events = office.one("select count(*) from person_event")
    assert len(moved) <= 0.01 * len(before) and (events > 0 or not moved)
    two = (
        "select count(*) from (select person_id from record_person p join source_record r using (record_id)"
        " where id_number_status in ('valid', 'legacy_15') group by person_id having count(distinct id_index) > 1) t"
    )
    assert office.one(two) == 0, "a person with two document numbers"
    match(office.engine, office.keys, full=True)
    whole = {record[:2]: record[2] for record in links(office.engine)}
    assert sum(whole[record] != after[record] for record in whole) <= 0.0005 * len(whole)
    now = quality(office, truth)
    assert now.precision >= least.precision and now.recall >= least.recall - 0.01, now
