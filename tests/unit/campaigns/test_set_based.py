"""A list is made by the database as it was made in Python before, person by person; its row ids are drawn, and its hash holds."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import replace
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
from talentpool.campaigns.selection.content import FACTS, digests, hash_of_before, hash_rows
from talentpool.campaigns.selection.decided import TABLE, Group, share_stock
from talentpool.campaigns.selection.row_ids import part_equal_numbers
from talentpool.campaigns.selection.rows import DRAWN_ROW, fill_rows
from talentpool.campaigns.sharing import Order
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.guard import KeyRing
from talentpool.model import target_list, target_row
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
SEED = "0123456789abcdef" * 2
CRITERIA = ("never_served", "longest_ago", "longest_in_trade")
DAYS = st.sampled_from([None, date(2024, 1, 1), date(2025, 1, 1)])
PERSON = st.fixed_dictionaries({
    "person_id": st.uuids(), "home_county": st.sampled_from(["140403", "140404", None]),
    "home_partner": st.sampled_from(["postal", "sf"]), "home_station": st.sampled_from(["", "东街站", '站"1"\\']),
    "home_record": st.uuids(), "active": st.booleans(), "weak_identity": st.booleans(), "birth_date": DAYS,
    "age": st.sampled_from([None, 17, 30]), "age_band": st.sampled_from(["26-35", "unknown"]),
    "occupation": st.sampled_from(["courier", "rider"]), "own_sex": st.integers(0, 2), "notice_covers": st.booleans(),
    "reason": st.sampled_from(["eligible", "eligible", "eligible", "age_outside", "no_notice"]),
    "last_served": DAYS, "at_work_since": DAYS, "by_station": st.booleans(),
})  # fmt: skip
PEOPLE = st.lists(PERSON, min_size=1, max_size=25, unique_by=lambda person: person["person_id"]).map(
    lambda people: [
        {**one, "home_county": one["home_county"] or ("140403" if one["reason"] == "eligible" else None)}
        for one in people
    ]
)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Told = dict[UUID, tuple[Any, ...]]


def _as_before(people: list[dict[str, Any]], groups: list[Group], criteria: tuple[str, ...]) -> Told:
    """Reason, facts and the rest of everybody, reckoned one by one as releases before this one did."""
    seats = {(group.county, group.partner): group.seats for group in groups}
    places: dict[UUID, int] = {}
    if groups:
        waiting = defaultdict(list)
        for one in people:
            if one["reason"] == "eligible":
                waiting[one["home_county"], one["home_partner"]].append(one)
        for cell in waiting.values():
            places |= {one["person_id"]: at for at, one in enumerate(sorted(cell, key=_claim(criteria)), 1)}
    told = {}
    for one in people:
        reason, place = one["reason"], places.get(one["person_id"])
        if place is not None and place > seats[one["home_county"], one["home_partner"]]:
            reason = "stock_short"
        facts = {name: one[column] for name, (column, _) in FACTS.items() if name != "place"} | (
            {"place": place} if place is not None else {}
        )
        told[one["person_id"]] = (reason == "eligible", reason, one["home_county"], one["home_partner"],
                                  one["home_station"], one["home_record"], facts)  # fmt: skip
    return told


def _claim(criteria: tuple[str, ...]) -> Any:
    def claim(one: dict[str, Any]) -> tuple[Any, ...]:
        of = {
            "never_served": one["last_served"] is not None,
            "longest_ago": one["last_served"] or date.min,
            "longest_in_trade": one["at_work_since"] or date.max,
        }
        lottery = hashlib.sha256(bytes.fromhex(SEED) + one["person_id"].bytes).digest()
        return (*(of[criterion] for criterion in criteria), lottery)

    return claim


def _put(conn: sa.Connection, people: list[dict[str, Any]]) -> None:
    types = {"person_id": sa.Uuid, "home_record": sa.Uuid, "birth_date": sa.Date, "last_served": sa.Date,
             "at_work_since": sa.Date, "age": sa.SmallInteger, "own_sex": sa.SmallInteger}  # fmt: skip
    flags = ("active", "weak_identity", "notice_covers", "by_station")
    columns = [sa.Column(name, types.get(name, sa.Boolean if name in flags else sa.Text)) for name in people[0]]
    table = sa.Table(TABLE, sa.MetaData(), *columns, prefixes=["temporary"])
    conn.exec_driver_sql(f"drop table if exists {TABLE}")
    table.create(conn)
    conn.execute(table.insert(), people)


@FEW
@given(PEOPLE, st.integers(1, 12), st.permutations(CRITERIA), st.integers(0, 3))
def test_every_row_is_what_it_was_when_it_was_made_one_by_one(
    engine: sa.Engine, warm_winter: Campaign, people: list[dict[str, Any]], number: int, criteria: list[str], few: int
) -> None:
    order = Order(tuple(criteria[:few]), SEED)
    drawn = Round.on(warm_winter, AS_OF)
    with engine.connect() as conn:
        _put(conn, people)
        groups = share_stock(
            conn, replace(drawn, campaign=warm_winter.model_copy(update={"stock": Stock(total=number)}))
        )
        fill_rows(conn, groups, order)
        rows = conn.execute(sa.select(DRAWN_ROW)).all()
        assert [row.person_id for row in rows] == sorted(row.person_id for row in rows)
        assert len({row.number for row in rows}) == len(rows)
        assert {
            row.person_id: (row.selected, row.reason, row.county, row.partner, row.station, row.record_id, row.facts)
            for row in rows
        } == _as_before(people, groups, order.criteria)
        first = hash_rows(conn, drawn.head, DRAWN_ROW)
        assert hash_rows(conn, drawn.head, digests(DRAWN_ROW)) == first, "as it will be stored"
        fill_rows(conn, groups, order)
        assert hash_rows(conn, drawn.head, DRAWN_ROW) == first, "same seed, same list"
        assert hash_rows(conn, (*drawn.head[:3], "another"), DRAWN_ROW) != first
        conn.rollback()


@pytest.mark.parametrize(
    ("column", "value"),
    [("selected", sa.false()), ("reason", "no_notice"), ("county", sa.null()), ("partner", "sf"), ("station", "西街站"),
     ("facts", sa.text("facts || '{\"age\": 31}'")),
     ("facts", sa.text("facts || '{\"other\": null}'")), ("person_id", UUID(int=5))],
)  # fmt: skip
def test_the_hash_holds_everything_that_a_row_says(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, column: str, value: Any
) -> None:
    people = [city.person(f"甲乙丙{number}") for number in range(3)]
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    round_ = Round.on(warm_winter, AS_OF)
    with engine.connect() as conn:
        assert hash_rows(conn, round_.head, digests(target_row)) == drawn.content_hash
        conn.execute(target_row.update().where(target_row.c.person_id == people[1]).values({column: value}))
        assert hash_rows(conn, round_.head, digests(target_row)) != drawn.content_hash
        conn.rollback()


def test_a_row_id_is_drawn_anew_and_tells_nothing_from_list_to_list(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    for number in range(40):
        city.person(f"甲乙丙{number}")
    office = Office(engine, settings, keys)
    drawn, other = (
        draw(office, campaign, AS_OF)
        for campaign in (warm_winter, warm_winter.model_copy(update={"code": "warm_winter_more"}))
    )
    with engine.connect() as conn:
        first, second = ({row.row_id for row in read_rows(conn, one.list_id)} for one in (drawn, other))
    assert len(first) == len(second) == 40 and first.isdisjoint(second)
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{5}", row_id) for row_id in first)
    used = Counter("".join(first).replace("-", ""))
    assert len(used) > 24, "of 32 signs"


def test_two_equal_numbers_are_parted(engine: sa.Engine) -> None:
    with engine.connect() as conn:
        DRAWN_ROW.create(conn)
        conn.execute(
            DRAWN_ROW.insert(), [{"person_id": UUID(int=at), "number": bytes([0, 0, 0, 0, at % 7])} for at in range(20)]
        )
        part_equal_numbers(conn, DRAWN_ROW)
        assert conn.scalar(sa.select(sa.func.count(DRAWN_ROW.c.number.distinct()))) == 20
        conn.rollback()


def test_a_draft_hashed_by_the_release_before_keeps_its_number_and_its_hash(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    """Its approvals were given to that hash."""
    city.person("甲乙丙一")
    office = Office(engine, settings, keys)
    drawn = draw(office, warm_winter, AS_OF)
    with engine.begin() as conn:
        before = hash_of_before("warm_winter", "2026", AS_OF, warm_winter.hash, read_rows(conn, drawn.list_id))
        passport = {**find(conn, drawn.list_id).passport, "content_hash": before}
        del passport["hash_version"]
        conn.execute(target_list.update().values(content_hash=before, passport=passport))
    again = draw(office, warm_winter, AS_OF)
    assert (again.list_id, again.content_hash) == (drawn.list_id, before) != (drawn.list_id, drawn.content_hash)
    city.person("甲乙丙二")
    assert draw(office, warm_winter, AS_OF).list_id != drawn.list_id
