"""Rules over a snapshot: what is known of the person decides, and what the home record does not say no station is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw
from talentpool.campaigns.lists import read_rows
from talentpool.declare import Campaign
from talentpool.declare.rules import parse_rules
from talentpool.guard import KeyRing
from talentpool.model import pool_presence
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF, LATER = date(2026, 10, 31), date(2026, 11, 30)
Judged = dict[UUID, tuple[str, bool]]


@pytest.fixture
def judged(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city: Any, warm_winter: Campaign
) -> Callable[..., Judged]:
    """Person -> reason, and whether the station's sheet may name them; of a list under these rules."""

    def run(eligibility: dict[str, Any], *, as_of: date = AS_OF, lock: bool = False, **facts: Any) -> Judged:
        declared = warm_winter.model_copy(update={"eligibility": parse_rules(eligibility), **facts})
        drawn = draw(Office(engine, settings, keys), declared, as_of, lock=lock)
        with engine.connect() as conn:
            return {row.person_id: (row.reason, row.facts["by_station"]) for row in read_rows(conn, drawn.list_id)}

    return run


def _spell(engine: sa.Engine, person: UUID, since: date, **facts: Any) -> None:
    with engine.begin() as conn:
        conn.execute(
            pool_presence.update().where(pool_presence.c.person_id == person).values(spell_from=since, **facts)
        )


def test_time_at_work_counts_over_all_records_and_no_station_learns_of_the_others(
    engine: sa.Engine, city: Any, judged: Callable[..., Judged]
) -> None:
    long_here, elsewhere_too, new = city.person("甲乙丙一"), city.person("甲乙丙二"), city.person("甲乙丙三")
    left_before = city.person("甲乙丙四")
    _spell(engine, long_here, date(2024, 1, 1))
    other = city.record("didi", "didi-9", "甲乙丙二")
    left = city.record("didi", "didi-8", "甲乙丙四")
    with engine.begin() as conn:
        for record, person, status in ((other, elsewhere_too, "active"), (left, left_before, "left")):
            conn.execute(
                pool_presence.insert(),
                {"snapshot_id": city.snapshot_id, "record_id": record, "person_id": person, "partner": "didi",
                 "county": "140403", "station": "", "status": status, "spell_from": date(2024, 1, 1)},
            )  # fmt: skip
    assert judged({"joined": {"months": 12}}) == {
        long_here: ("eligible", True),
        elsewhere_too: ("eligible", False),  # by another partner's record: the county hands out
        new: ("joined_later", True),
        left_before: ("joined_later", True),  # that spell has ended
    }


def test_partner_station_and_county_are_those_that_serve(city: Any, judged: Callable[..., Judged]) -> None:
    here = city.person("甲乙丙一")
    rider = city.person("甲乙丙二", "didi", station="西街站")
    north = city.person("甲乙丙三", county="140430", station="沁州站")
    everybody = {here, rider, north}

    def taken(eligibility: dict[str, Any]) -> set[UUID]:
        found = judged(eligibility)
        assert found.keys() == everybody
        return {person for person, (reason, _) in found.items() if reason == "eligible"}

    assert taken({"partners": ["didi"]}) == {rider}
    assert taken({"counties": ["140430"]}) == {north}
    assert taken({"stations": [{"partner": "didi", "county": "140403", "name": "西街站"}]}) == {rider}
    assert taken({"counties": ["140403"], "partners": ["postal"]}) == {here}


def test_who_was_served_lately_is_left_out_or_asked_for_under_whatever_id(
    engine: sa.Engine, city: Any, judged: Callable[..., Judged]
) -> None:
    served, merged_away, never = city.person("甲乙丙一"), city.person("甲乙丙二"), city.person("甲乙丙三")
    judged({"birthday_month": [1]}, lock=True, code="earlier", purpose="health_check")
    with engine.begin() as conn:
        names = {"id": str(never)}
        conn.exec_driver_sql("set local session_replication_role = replica")  # past the lock of a list
        conn.execute(
            sa.text("update target_row set selected = false, reason = 'stock_short' where person_id = :id"), names
        )
    city.merge(merged_away, UUID(int=7))
    expected = {served: "served_lately", merged_away: "served_lately", never: "eligible"}
    lately = judged({"not_served": {"purpose": "health_check", "days": 30}}, as_of=LATER)
    assert {person: reason for person, (reason, _) in lately.items()} == expected
    long_ago = judged({"not_served": {"purpose": "health_check", "days": 29}}, as_of=LATER)
    assert {reason for reason, _ in long_ago.values()} == {"eligible"}
    followed = judged({"served": {"purpose": "health_check", "days": 30}}, as_of=LATER)
    assert {person for person, (reason, _) in followed.items() if reason == "eligible"} == {served, merged_away}


def test_a_draft_serves_nobody_and_a_list_is_no_earlier_one_of_itself(city: Any, judged: Callable[..., Judged]) -> None:
    person = city.person("甲乙丙一")
    rules = {"not_served": {"days": 400}}
    judged({}, code="earlier", purpose="warm_winter")
    assert judged(rules, as_of=LATER)[person][0] == "eligible", "only a draft"
    locked = judged(rules, as_of=LATER, lock=True)
    assert locked[person][0] == "eligible"
    assert judged(rules, as_of=LATER) == locked, "drawn again, the same"


def test_an_age_known_elsewhere_is_not_told_to_the_station(city: Any, judged: Callable[..., Judged]) -> None:
    known = city.person("甲乙丙一", birth_date=None, pool_birth_date=date(2000, 1, 1))
    both = city.person("甲乙丙二")
    assert judged({"age": {"min": 16, "max": 35}}) == {known: ("eligible", False), both: ("eligible", True)}
    assert judged({"birthday_month": [1]}) == {known: ("eligible", False), both: ("eligible", True)}
