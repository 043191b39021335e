"""Too little for everybody: who gets it is decided in the database, in the declared order, and can be told in words."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talentpool.campaigns import draw
from talentpool.campaigns.lists import find, read_rows
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.decided import TABLE, decided, share_stock
from talentpool.campaigns.sharing import Order
from talentpool.declare import Campaign
from talentpool.declare.stock import Donation, Stock
from talentpool.guard import KeyRing
from talentpool.model import pool_presence
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
SEED, OTHER_SEED = "0123456789abcdef" * 2, "fedcba9876543210" * 2
ALL_CRITERIA = ("never_served", "longest_ago", "longest_in_trade")
DAYS = st.sampled_from([None, date(2024, 1, 1), date(2025, 1, 1)])
PERSON = st.tuples(
    st.sampled_from(["140403", "140404", "140430"]), st.sampled_from(["postal", "sf"]), DAYS, DAYS,
    st.sampled_from(["eligible", "eligible", "eligible", "age_outside"]),
)  # fmt: skip
PEOPLE = st.lists(PERSON, min_size=1, max_size=25)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _judged(conn: sa.Connection, people: list[tuple[Any, ...]]) -> dict[UUID, tuple[Any, ...]]:
    """People as the rules have judged them, in the table that the rest is decided from."""
    conn.exec_driver_sql(f"drop table if exists {TABLE}")
    conn.exec_driver_sql(
        f"create temporary table {TABLE} (person_id uuid, home_county text, home_partner text, home_station text,"
        " home_record uuid, active bool, weak_identity bool, birth_date date, age int, age_band text, occupation text,"
        " own_sex int, notice_covers bool, reason text, last_served date, at_work_since date, by_station bool)"
    )
    known = {UUID(int=number + 1): person for number, person in enumerate(people)}
    names = ("home_county", "home_partner", "last_served", "at_work_since", "reason")
    table = sa.table(TABLE, *(sa.column(name) for name in ("person_id", *names)))
    conn.execute(
        table.insert(), [{"person_id": pid, **dict(zip(names, row, strict=True))} for pid, row in known.items()]
    )
    return known


def _reasons(conn: sa.Connection, campaign: Campaign, order: Order) -> dict[UUID, str]:
    return {
        row.person_id: row.reason for row in conn.execute(decided(share_stock(conn, Round.on(campaign, AS_OF)), order))
    }


def _number(campaign: Campaign, number: int) -> Campaign:
    return campaign.model_copy(update={"stock": Stock(total=number)})


@FEW
@given(PEOPLE)
def test_more_stock_never_takes_a_kit_away_from_anybody(
    engine: sa.Engine, warm_winter: Campaign, people: list[tuple[Any, ...]]
) -> None:
    with engine.connect() as conn:
        _judged(conn, people)
        before: set[UUID] = set()
        for number in range(1, len(people) + 2):
            reasons = _reasons(conn, _number(warm_winter, number), Order(ALL_CRITERIA, SEED))
            chosen = {person for person, reason in reasons.items() if reason == "eligible"}
            assert before <= chosen
            assert reasons.keys() == {UUID(int=place + 1) for place in range(len(people))}, "a reason for everybody"
            before = chosen
        conn.rollback()


@FEW
@given(PEOPLE, st.integers(1, 12), st.permutations(ALL_CRITERIA), st.integers(0, 3))
def test_inside_a_group_nobody_is_passed_over_against_the_order(
    engine: sa.Engine, warm_winter: Campaign, people: list[tuple[Any, ...]], number: int, criteria: list[str], few: int
) -> None:
    criteria = criteria[:few]
    with engine.connect() as conn:
        known = _judged(conn, people)
        reasons = _reasons(conn, _number(warm_winter, number), Order(tuple(criteria), SEED))
        assert reasons == _reasons(conn, _number(warm_winter, number), Order(tuple(criteria), SEED)), (
            "same seed, same list"
        )
        conn.rollback()

    def claim(person: UUID) -> tuple[Any, ...]:
        _, _, served, since, _ = known[person]
        of = {
            "never_served": served is not None,
            "longest_ago": served or date.min,
            "longest_in_trade": since or date.max,
        }
        lottery = hashlib.sha256(bytes.fromhex(SEED) + person.bytes).digest()
        return (*(of[criterion] for criterion in criteria), lottery)

    for person, reason in reasons.items():
        if reason != "stock_short":
            assert reason in ("eligible", known[person][4])
            continue
        ahead = [
            other for other, chosen in reasons.items() if chosen == "eligible" and known[other][:2] == known[person][:2]
        ]
        assert all(claim(other) < claim(person) for other in ahead)


def test_another_seed_is_another_lottery(engine: sa.Engine, warm_winter: Campaign) -> None:
    people = [("140403", "postal", None, None, "eligible")] * 40
    with engine.connect() as conn:
        _judged(conn, people)
        ten = _number(warm_winter, 10)
        assert _reasons(conn, ten, Order((), SEED)) != _reasons(conn, ten, Order((), OTHER_SEED))
        conn.rollback()


@pytest.fixture
def office(engine: sa.Engine, settings: Settings, keys: KeyRing) -> Office:
    return Office(engine, settings, keys)


def _places(office: Office, list_id: int) -> dict[UUID, tuple[str, Any]]:
    with office.engine.connect() as conn:
        return {row.person_id: (row.reason, row.facts.get("place")) for row in read_rows(conn, list_id)}


def test_whoever_never_had_it_comes_first_then_who_had_it_longest_ago_then_who_works_longest(
    office: Office, city: Any, warm_winter: Campaign
) -> None:
    people = [city.person(f"甲乙丙{number}") for number in range(4)]
    first, second, newcomer, old_hand = people

    def earlier(day: date, person: UUID) -> None:
        lone = warm_winter.model_copy(update={"approvals": ()})
        list_id = draw(office, lone, day).list_id
        with office.engine.begin() as conn:
            conn.exec_driver_sql("set local session_replication_role = replica")  # past the lock of a list
            conn.exec_driver_sql("update target_list set state = 'locked', locked_at = now() where state = 'draft'")
            conn.execute(
                sa.text("update target_row set selected = (person_id = :id) where list_id = :list"),
                {"id": str(person), "list": list_id},
            )

    earlier(date(2024, 12, 10), second)
    earlier(date(2025, 12, 10), first)
    with office.engine.begin() as conn:
        conn.execute(
            pool_presence.update().where(pool_presence.c.person_id == old_hand).values(spell_from=date(2020, 1, 1))
        )
    drawn = draw(office, _number(warm_winter, 2), AS_OF)
    assert _places(office, drawn.list_id) == {
        old_hand: ("eligible", 1), newcomer: ("eligible", 2), second: ("stock_short", 3), first: ("stock_short", 4),
    }  # fmt: skip


def test_a_countys_stock_its_donor_and_its_reserve(office: Office, city: Any, warm_winter: Campaign) -> None:
    for number in range(8):
        city.person(f"甲乙丙{number}")
        city.person(f"丁戊己{number}", county="140404")
    alone = city.person("庚辛壬", county="140430")
    gift = Donation(donor="某商业银行长治分行", number=4, county="140403")
    stock = Stock(counties={"140403": 6, "140404": 3}, reserve=20, donated=(gift,))
    campaign = warm_winter.model_copy(update={"stock": stock})
    assert (stock.at_hand(), stock.kept_back()) == ({"140403": 10, "140404": 3}, {"140403": 2, "140404": 0})
    drawn = draw(office, campaign, AS_OF)
    assert (drawn.eligible, drawn.selected, drawn.excluded) == (17, 11, {"stock_short": 6})
    assert _places(office, drawn.list_id)[alone] == ("stock_short", 1), "nothing is declared for that county"
    with office.engine.connect() as conn:
        passport = find(conn, drawn.list_id).passport
    assert [(group["county"], group["eligible"], group["seats"]) for group in passport["groups"]] == [
        ("140403", 8, 8), ("140404", 8, 3), ("140430", 1, 0),
    ]  # fmt: skip
    assert ["捐赠", "某商业银行长治分行捐赠 4 份"] in passport["told"]
    for words in (
        "潞州区 10 份",
        "上党区 3 份",
        "某商业银行长治分行捐赠 4 份",
        "20%（潞州区 2 份）留给后补",
        "从未享受过",
    ):
        assert words in drawn.rule
    assert drawn.rule == passport["rule"]


def test_the_seed_is_on_record_and_nobody_chose_it(office: Office, city: Any, warm_winter: Campaign) -> None:
    for number in range(6):
        city.person(f"甲乙丙{number}")
    few = _number(warm_winter, 3).model_copy(update={"order": ()})
    drawn = draw(office, few, AS_OF)
    with office.engine.connect() as conn:
        seed = find(conn, drawn.list_id).passport["seed"]
    places = _places(office, drawn.list_id)
    by_seed = sorted(places, key=lambda person: hashlib.sha256(bytes.fromhex(seed) + person.bytes).digest())
    assert [places[person][1] for person in by_seed] == [1, 2, 3, 4, 5, 6]
    assert draw(office, few, AS_OF).list_id == drawn.list_id, "drawn again, the same list"
    enough = draw(office, _number(warm_winter, 6), AS_OF)
    assert {place for _, place in _places(office, enough.list_id).values()} == {None}
    with office.engine.connect() as conn:
        assert "seed" not in find(conn, enough.list_id).passport
