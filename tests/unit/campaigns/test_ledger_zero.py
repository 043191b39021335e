"""Whatever is entered, received, corrected, voided or merged, in any order: the sum over all accounts is zero, and nothing
appears or vanishes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from list_acts import TABLES
from receipt_sheets import ids, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.ledger.accounts import county_account, station_account
from talentpool.campaigns.ledger.balance import Balance, balance, reckon
from talentpool.campaigns.ledger.moving import Entry, enter, turn_back
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS, Outcome
from talentpool.campaigns.receipts.taking import Share, correct, take, take_all_but
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.errors import UsageError
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
PLACES = ("city", county_account(RIVER), county_account(HILL), station_account("postal", RIVER, "东街站"),
          station_account("postal", HILL, "西街站"))  # fmt: skip
ACCOUNTS = st.sampled_from(("bought", "donated", *PLACES, "returned", "damaged"))
ACT = st.one_of(
    st.tuples(st.just("enter"), ACCOUNTS, st.sampled_from((*PLACES, "returned", "damaged")), st.integers(1, 8)),
    st.tuples(st.just("enter"), st.just("bought"), st.sampled_from(PLACES[:3]), st.integers(1, 8)),
    st.tuples(st.just("back"), st.integers(0, 5), st.integers(1, 8)),
    st.tuples(st.just("paper"), st.sampled_from((RIVER, HILL)), st.sets(st.integers(0, 2))),
    st.tuples(st.just("correct"), st.integers(0, 4), st.sampled_from(list(Outcome))),
    st.tuples(st.just("void")),
    st.tuples(st.just("merge"), st.integers(0, 4), st.integers(0, 4)),
)  # fmt: skip
LINES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*OUTCOME_WORDS.values()])), max_size=5)


class Book:
    """The same told by hand: net of each account by the entries that were taken, and hand-outs by what stands."""

    def __init__(self, town: Office, campaign: Campaign) -> None:
        self.town, self.campaign = town, campaign
        with town.engine.begin() as conn:
            conn.execute(sa.text("set local session_replication_role = replica"))
            for table in ("person_redirect", *TABLES):
                conn.execute(sa.text(f"delete from {table}"))
        self.net: dict[str, int] = {}
        self.moves: list[tuple[int, str, str]] = []
        self.lists = [self._drawn()]

    def _drawn(self) -> int:
        return draw(self.town, self.campaign, AS_OF, lock=True, by="sun").list_id

    def _moved(self, start: str, end: str, number: int) -> None:
        self.net[start] = self.net.get(start, 0) - number
        self.net[end] = self.net.get(end, 0) + number

    def enter(self, start: str, end: str, number: int) -> None:
        donor = "某行" if start == "donated" else ""
        move = enter(self.town, self.lists[-1], Entry(start, end, number, "依据", donor), SUN)
        self.moves.append((move, start, end))
        self._moved(start, end, number)

    def back(self, at: int, number: int) -> None:
        if self.moves:
            move, start, end = self.moves[at % len(self.moves)]
            turn_back(self.town, self.lists[-1], move, number, SUN, reason="记错")
            self._moved(end, start, number)

    def sheet(self, lines: list[tuple[int, str]]) -> None:
        rows = ids(self.town, self.lists[-1])
        data = sheet(self.town, self.lists[-1], [(rows[at % len(rows)], word) for at, word in lines])
        take(self.town, self.lists[-1], data, SUN, name="x", today=TODAY, via="page")

    def paper(self, county: str, but: set[int]) -> None:
        rows = ids(self.town, self.lists[-1], county)
        absent = [rows[at] for at in but if at < len(rows)]
        take_all_but(self.town, self.lists[-1], Share(county), absent, SUN, on_day=None, today=TODAY)

    def correct(self, at: int, outcome: Outcome) -> None:
        rows = ids(
            self.town, self.lists[-1]
        )  # fewer than at first where two were put together and the list was drawn anew
        row = rows[at % len(rows)]
        correct(self.town, self.lists[-1], row, outcome, SUN, reason="电话核实", today=TODAY)

    def void(self) -> None:
        for name in ("孙", "钱"):
            void_list(self.town, self.lists[-1], by=name, reason="名册有误")
        self.lists.append(self._drawn())

    def merge(self, one: int, other: int) -> None:
        with self.town.engine.begin() as conn:
            people = conn.scalars(sa.text("select person_id from target_row order by list_id, row_id")).all()
            if one != other:
                conn.execute(sa.text("insert into person_redirect (old_id, new_id) values (:a, :b) on conflict do nothing"),
                             {"a": people[one % len(people)], "b": people[other % len(people)]})  # fmt: skip

    def handed(self) -> int:
        return sum(delivered for number in self.lists for _, delivered in stands(self.town, number).values())

    def found(self) -> Balance:
        with self.town.engine.connect() as conn:
            return balance(conn, self.campaign.code, "2026")


SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=SHARED)
@given(st.lists(ACT, min_size=1, max_size=10))
def test_the_sum_over_all_accounts_is_zero_whatever_happens(
    town: Office, warm_winter: Campaign, acts: list[tuple[Any, ...]]
) -> None:
    hold(town, warm_winter, acts)


@pytest.mark.slow
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=SHARED)
@given(st.lists(st.one_of(ACT, st.tuples(st.just("sheet"), LINES)), min_size=1, max_size=25))
def test_so_it_is_with_sheets_and_for_longer(town: Office, warm_winter: Campaign, acts: list[tuple[Any, ...]]) -> None:
    hold(town, warm_winter, acts)


def hold(town: Office, warm_winter: Campaign, acts: list[tuple[Any, ...]]) -> None:
    everybody = warm_winter.model_copy(update={"eligibility": {"active": True}})
    book = Book(town, everybody)
    for name, *given_to in acts:
        before = book.found()
        try:
            getattr(book, name)(*given_to)
        except UsageError:
            assert book.found() == before, "what is refused changes nothing"
        found, out = book.found(), book.handed()
        assert found.total == 0 and sum(book.net.values()) == 0
        assert {account: book.net.get(account, 0) for account in found.outside} == found.outside
        assert {place.account: place.moved for place in found.places if place.moved} == {
            account: number for account, number in book.net.items() if account in PLACES and number
        }
        assert found.handed == out
        assert found.bought + found.donated + found.short == out + found.returned + found.damaged + found.left
        assert all(place.left >= 0 and place.short >= 0 for place in found.places)


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.integers(-3, 9), st.integers(0, 9)), max_size=8),
    st.randoms(use_true_random=False),
)
def test_accounts_in_any_order_come_to_the_same(accounts: list[tuple[str, int, int]], chance: Any) -> None:
    shuffled = list(accounts)
    chance.shuffle(shuffled)
    found = reckon(accounts)
    assert reckon(shuffled) == found
    assert sum(place.left - place.short for place in found.places) == sum(moved - out for _, moved, out in accounts)


@pytest.mark.parametrize("handed", [0, 3, 9])
def test_what_a_station_lacks_comes_from_its_county(handed: int) -> None:
    county, station = PLACES[1], PLACES[3]
    found = reckon([(county, 4, 0), (station, 2, handed)])
    left = {place.account: (place.left, place.short) for place in found.places}
    assert left == {county: (max(0, 4 - max(0, handed - 2)), max(0, handed - 6)), station: (max(0, 2 - handed), 0)}
