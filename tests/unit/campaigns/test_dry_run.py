"""A trial says who gains, who loses, whom it reaches and what it costs; and nothing at all is kept of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from talentpool.campaigns import draw
from talentpool.campaigns.dry_run import changed, dry_run
from talentpool.campaigns.lists import read_rows
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.errors import UsageError
from talentpool.guard import KeyRing
from talentpool.model import pool_person, source_record
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
BEFORE = date(2025, 12, 10)


@pytest.fixture
def office(engine: sa.Engine, settings: Settings, keys: KeyRing) -> Office:
    return Office(engine, settings, keys)


@pytest.fixture
def peopled(city: Any) -> Any:
    for number in range(6):
        city.person(f"河边{number}")
    for number in range(3):
        city.person(f"山上{number}", "didi", county="140404", station="西街站", occupation="rider")
    city.person("将满", birth_date=date(1990, 12, 1), age=35)
    city.person("未满", birth_date=date(2010, 12, 1), age=15)
    with city.engine.begin() as conn:
        conn.execute(source_record.update().values(valid_from=BEFORE))
    return city


def _everything(engine: sa.Engine) -> dict[str, list[str]]:
    """Every row of every table of ours, as text."""
    with engine.connect() as conn:
        tables = conn.scalars(
            sa.text(
                "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'staging')"
            )
        ).all()
        return {name: sorted(map(str, conn.execute(sa.text(f"select * from {name}")).all())) for name in tables}


def test_nothing_is_kept_of_a_trial(office: Office, peopled: Any, warm_winter: Campaign) -> None:
    draw(office, warm_winter, BEFORE, lock=True)
    draw(office, warm_winter, AS_OF)
    before = _everything(office.engine)
    assert {"public.target_row", "public.target_list", "public.audit_log", "public.pool_snapshot"} <= before.keys()
    tried = dry_run(office, warm_winter, AS_OF, {"stock": "4", "eligibility.age.max": "30"})
    assert tried.selected == 4
    assert _everything(office.engine) == before
    with office.engine.connect() as conn:
        assert not conn.scalar(
            sa.text("select count(*) from pg_class where relname in ('drawn_row', 'judged_person', 'before_row')")
        )


def test_who_gains_and_loses_against_the_declaration_adds_up(
    office: Office, peopled: Any, warm_winter: Campaign
) -> None:
    tried = dry_run(office, warm_winter, AS_OF, {"stock": "4", "unit_cost": "12.5"})
    assert (tried.eligible, tried.selected, tried.pool["version"]) == (10, 4, 1)
    assert tried.declared is not None
    lose = tried.declared["lose"]
    assert (tried.declared["gain"]["people"], lose["people"], tried.declared["stay"]) == (0, 6, 4)
    assert lose["by_reason"] == {"stock_short": 6}
    assert sum(lose["by_county"].values()) == sum(lose["by_partner"].values()) == 6
    assert tried.cost == {"unit": "12.50", "people": 4, "total": "50.00", "more": "-75.00"}
    assert "每份 12.50 元，共 4 份，合计 50.00 元。" in tried.said
    assert "与现行声明相比：新入选 0 人，落选 6 人，不变 4 人。" in tried.said
    for groups in tried.coverage.values():
        assert sum(group["people"] for group in groups) == 11
        assert sum(group["eligible"] for group in groups) == tried.eligible
        assert sum(group["selected"] for group in groups) == tried.selected
    county = {group["code"]: group for group in tried.coverage["county"]}
    assert county["140404"]["name"] == "上党区" and county["140404"]["eligible"] == 3
    assert {group["code"]: group["eligible"] for group in tried.coverage["occupation"]} == {"courier": 7, "rider": 3}


def test_against_the_last_cycle_by_the_ids_of_today(office: Office, peopled: Any, warm_winter: Campaign) -> None:
    draw(office, warm_winter, BEFORE, lock=True)
    gone, renamed = peopled.people["河边0"], peopled.people["河边1"]
    with office.engine.begin() as conn:
        conn.execute(pool_person.delete().where(pool_person.c.person_id.in_([gone, renamed])))
    new = peopled.person("新来")
    peopled.merge(renamed, new)
    another = peopled.person("另一人", "didi", county="140404")
    tried = dry_run(office, warm_winter, AS_OF)
    assert tried.declared is None and tried.last is not None
    assert (tried.last["cycle"], tried.last["selected"]) == ("2025", 10)
    assert tried.last["gain"] == {
        "people": 1, "by_county": {"140404": 1}, "by_partner": {"didi": 1}, "by_reason": {"not_in_pool": 1},
    }  # fmt: skip
    assert tried.last["lose"]["by_reason"] == {"not_in_pool": 1}
    assert tried.last["stay"] == 9
    assert str(another) not in str(tried.as_json())


def test_who_passes_an_age_before_the_hand_out(office: Office, peopled: Any, warm_winter: Campaign) -> None:
    """36 on 1 December and 16 on 1 December; the kits go out before the winter solstice."""
    tried = dry_run(office, warm_winter, AS_OF)
    assert tried.ages is not None
    assert (tried.ages["grow_out"], tried.ages["come_in"]) == (1, 1)
    assert date(2026, 12, 1) < date.fromisoformat(tried.ages["hand_out"]) <= date(2026, 12, 22)
    assert any("1 名符合条件的人将超过年龄上限" in line for line in tried.said)


def test_without_a_pool_of_the_date_nothing_is_tried(office: Office, peopled: Any, warm_winter: Campaign) -> None:
    with pytest.raises(UsageError, match="2026-10-30 还没有人才库"):
        dry_run(office, warm_winter, date(2026, 10, 30))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"purpose": "registry"}, "--set purpose: one of eligibility"),
        ({"stock": "[1"}, "cannot be read"),
        ({"stock": "many"}, "stock"),
        ({"order": "[youngest]"}, "order"),
        ({"eligibility.age.maximum": "3"}, "valid keys"),
        ({"eligibility.party": "true"}, "unknown rule party"),
        ({"name.a": "1"}, "--set name.a: one of"),
        ({"order.first": "1"}, "order has nothing below it"),
    ],
)
def test_a_wrong_setting_is_named(warm_winter: Campaign, given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        changed(warm_winter, given)


@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stock=st.integers(1, 14), oldest=st.integers(25, 60))
def test_a_trial_is_the_draft_that_would_be_drawn(
    office: Office, city: Any, warm_winter: Campaign, stock: int, oldest: int
) -> None:
    if not city.people:
        for number in range(9):
            born = date(1970 + 4 * number, 5, 5)
            city.person(f"河边{number}", ("postal", "didi")[number % 2], county=("140403", "140404")[number % 3 % 2],
                        birth_date=born, age=2026 - born.year)  # fmt: skip
    tried = dry_run(office, warm_winter, AS_OF, {"stock": str(stock), "eligibility.age.max": str(oldest)})
    campaign = changed(warm_winter, {"stock": str(stock), "eligibility.age.max": str(oldest)})
    assert campaign.stock == Stock(total=stock)
    drawn = draw(office, campaign, AS_OF)
    assert (tried.selected, tried.eligible, tried.funnel) == (drawn.selected, drawn.eligible, drawn.funnel)
    with office.engine.connect() as conn:
        chosen = [row for row in read_rows(conn, drawn.list_id) if row.selected]
    by_county = {group["code"]: group["selected"] for group in tried.coverage["county"] if group["selected"]}
    assert by_county == {code: sum(row.county == code for row in chosen) for code in {row.county for row in chosen}}
    assert tried.declared is not None
    declared = dry_run(office, warm_winter, AS_OF).selected
    assert declared + tried.declared["gain"]["people"] - tried.declared["lose"]["people"] == tried.selected


def test_what_was_selected_before_is_counted_by_every_dimension(
    office: Office, peopled: Any, warm_winter: Campaign
) -> None:
    draw(office, warm_winter, BEFORE, lock=True)
    tried = dry_run(office, warm_winter, AS_OF, {"stock": "4"})
    assert tried.declared is not None and tried.last is not None
    for other in (tried.declared, tried.last):
        for dimension, groups in other["before"].items():
            assert sum(group["selected"] for group in groups) == 10, dimension
            assert all(group["name"] for group in groups)
    assert {group["name"]: group["selected"] for group in tried.last["before"]["county"]}["上党区"] == 3


def test_a_trial_that_takes_too_long_is_stopped_and_says_so(
    office: Office, peopled: Any, warm_winter: Campaign
) -> None:
    with office.engine.connect() as holding, holding.begin():
        holding.execute(sa.text("lock table pool_person in access exclusive mode"))
        with pytest.raises(UsageError, match="超过 1 秒，已停止"):
            dry_run(office, warm_winter, AS_OF, seconds=1)
    assert dry_run(office, warm_winter, AS_OF, seconds=30).selected == 10
