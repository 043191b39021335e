"""The ledger of a round's stock: every entry has two ends, hand-outs are read from receipts, and no place gives what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from receipt_sheets import ids, sheet
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.forgetting import forget_in_lists
from talentpool.campaigns.ledger.accounts import county_account, kind_of, station_account, station_of
from talentpool.campaigns.ledger.balance import Balance, balance, entries
from talentpool.campaigns.ledger.moving import Entry, enter, turn_back
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import correct, take
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))
EAST = station_account("postal", RIVER, "东街站")
R, H = county_account(RIVER), county_account(HILL)


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


@pytest.fixture
def go(town: Office, list_id: int) -> Callable[..., int]:
    def went(start: str, end: str, number: int, who: Approver = SUN, **more: str) -> int:
        if start == "donated":
            more.setdefault("donor", "某商业银行")
        return enter(town, list_id, Entry(start, end, number, **more), who)

    return went


def whole(town: Office, counties: frozenset[str] | None = None) -> Balance:
    with town.engine.connect() as conn:
        return balance(conn, "warm_winter", "2026", counties)


def left(town: Office) -> dict[str, int]:
    """What is where; without stations that no entry names."""
    return {
        place.account: place.left for place in whole(town).places if place.moved or station_of(place.account) is None
    }


def received(town: Office, list_id: int, rows: list[str]) -> None:
    data = sheet(town, list_id, [(row, "已领") for row in rows])
    assert take(town, list_id, data, SUN, name="回执.xlsx", today=TODAY, via="page").taken == len(rows)


def test_an_erasure_puts_no_parcel_back(town: Office, list_id: int, go: Callable[..., int]) -> None:
    rows = ids(town, list_id, RIVER)
    for start, end in (("bought", "city"), ("city", R), (R, EAST)):
        go(start, end, len(rows))
    received(town, list_id, rows[1:])
    before = whole(town)
    of = "select person_id, record_id, station from target_row where list_id = :l and row_id = :r"
    with town.engine.begin() as conn:
        for row in rows[:2]:
            person, record, _ = conn.execute(sa.text(of), {"l": list_id, "r": row}).one()
            forget_in_lists(conn, person, [record])
        now = [conn.execute(sa.text(of), {"l": list_id, "r": row}).one() for row in rows[:2]]
    assert whole(town) == before and before.left == 1, "what left the station is not there again"
    assert [row.station for row in now] == ["", "东街站"], "of whom nothing was handed out, no station stays"
    with pytest.raises(UsageError):
        go(EAST, "damaged", 2, note="雨淋")


def test_what_comes_in_is_allocated_handed_out_returned_and_lost(
    town: Office, list_id: int, go: Callable[..., int]
) -> None:
    go("bought", "city", 10, note="合同 2026-12")
    go("donated", R, 2, RIVERS)
    go("city", R, 5)
    go("city", H, 3)
    go(R, EAST, 4, RIVERS)
    assert left(town) == {"city": 2, R: 3, EAST: 4, H: 3}
    received(town, list_id, ids(town, list_id))
    go(EAST, R, 1, RIVERS)
    go(H, "damaged", 1, HILLS, note="包装破损")
    go(R, "returned", 1, RIVERS, note="退厂家")
    found = whole(town)
    assert left(town) == {"city": 2, R: 3, EAST: 0, H: 0}
    assert (found.bought, found.donated, found.handed, found.returned, found.damaged) == (10, 2, 5, 1, 1)
    assert (found.left, found.short, found.total) == (5, 0, 0)


def test_no_place_gives_more_than_it_has(town: Office, list_id: int, go: Callable[..., int]) -> None:
    go("bought", "city", 3)
    for start, end in (("city", R), ("city", "damaged"), ("city", "returned")):
        with pytest.raises(ConflictError, match="没有这么多"):
            go(start, end, 4, note="x")
    go("city", R, 3)
    received(town, list_id, ids(town, list_id, RIVER)[:2])
    with pytest.raises(ConflictError):
        go(R, "city", 2)
    with pytest.raises(ConflictError):
        go(EAST, R, 1)  # the station's were handed out of the county's stock
    go(R, EAST, 3)
    assert left(town) == {"city": 0, R: 0, EAST: 1}, "two were named after they had been handed out"


def test_receipts_without_an_entry_are_told_and_never_hidden(
    town: Office, list_id: int, go: Callable[..., int]
) -> None:
    received(town, list_id, ids(town, list_id))
    found = whole(town)
    assert (found.handed, found.left, found.short, found.total) == (5, 0, 5, 0)
    go("bought", R, 1)
    go("bought", H, 9)
    found = whole(town)
    assert (found.left, found.short, found.total) == (7, 2, 0)
    assert {place.account: place.short for place in found.places if place.short} == {R: 2}


def test_a_correction_turns_one_entry_back_no_further_than_it_went(
    town: Office, list_id: int, go: Callable[..., int]
) -> None:
    bought = go("bought", "city", 10)
    out = go("city", R, 6)
    with pytest.raises(ConflictError, match="没有这么多"):
        turn_back(town, list_id, bought, 5, SUN, reason="多记")
    with pytest.raises(UsageError, match="理由"):
        turn_back(town, list_id, out, 1, SUN, reason=" ")
    back = turn_back(town, list_id, out, 2, SUN, reason="实际 4 份")
    with pytest.raises(UsageError, match="还可以冲回的是 4 份"):
        turn_back(town, list_id, out, 5, SUN, reason="再冲")
    with pytest.raises(UsageError, match="更正本身"):
        turn_back(town, list_id, back, None, SUN, reason="错了")
    turn_back(town, list_id, out, None, SUN, reason="未拨付")
    assert left(town) == {"city": 10, R: 0} and whole(town).total == 0
    with town.engine.connect() as conn:
        told = entries(conn, "warm_winter", "2026")
    assert [(one["kind"], one["number"], one["turned_back"]) for one in told] == [
        ("correction", 4, 0), ("correction", 2, 0), ("allocated", 6, 6), ("bought", 10, 0),
    ]  # fmt: skip
    assert told[0]["note"] == "未拨付" and told[0]["made_by"] == "sun" and told[0]["corrects"] == out


def test_a_county_enters_what_lies_in_it_and_nothing_else(town: Office, list_id: int, go: Callable[..., int]) -> None:
    go("bought", "city", 10)
    out = go("city", R, 5)
    for start, end in (("city", R), ("bought", "city"), (H, "city"), ("bought", H)):
        with pytest.raises(RefusedError):
            go(start, end, 1, RIVERS)
    with pytest.raises(RefusedError):
        turn_back(town, list_id, out, 1, RIVERS, reason="x")
    for roles in ({"auditor"}, {"city_approver"}, {"county_officer_"}):
        with pytest.raises(RefusedError):
            go(R, "damaged", 1, Approver("x", frozenset(roles)), note="x")
    go(R, "city", 2, RIVERS)
    assert left(town) == {"city": 7, R: 3}
    assert [place.account for place in whole(town, frozenset({HILL})).places] == []


WRONG: tuple[tuple[str, str, int, dict[str, str]], ...] = (
    ("city", EAST, 1, {}), (R, H, 1, {}), ("bought", EAST, 1, {}), (EAST, "returned", 1, {}), ("returned", "city", 1, {}),
    ("bought", "county:999999", 1, {}), (R, station_account("postal", RIVER, "没有的站"), 1, {}), ("bought", "city", 0, {}),
    ("bought", "city", 10**8, {}), ("city", "damaged", 1, {}), ("donated", "city", 1, {"donor": " "}),
    ("bought", "city", 1, {"donor": "某行"}), ("bought", "city", 1, {"note": "长" * 201}), ("桌上", "city", 1, {}),
)  # fmt: skip


def test_ways_that_no_entry_goes(town: Office, go: Callable[..., int]) -> None:
    for start, end, number, more in WRONG:
        with pytest.raises(UsageError):
            go(start, end, number, **more)
    assert whole(town).places == []


def test_a_closed_round_stays_and_receipts_of_a_void_list_are_gone_things(
    town: Office, warm_winter: Campaign, list_id: int, go: Callable[..., int]
) -> None:
    go("bought", R, 5)
    first, second, *_ = ids(town, list_id, RIVER)
    received(town, list_id, [first, second])
    for name in ("孙", "钱"):
        void_list(town, list_id, by=name, reason="名册有误")
    assert whole(town).handed == 2
    new = draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id
    enter(town, new, Entry(R, "damaged", 1, note="受潮"), SUN)
    close(town, new, SUN, reason="发完")
    with pytest.raises(ConflictError, match="已经办结"):
        go("bought", "city", 1)
    with pytest.raises(IntegrityError), town.engine.begin() as conn:
        conn.execute(sa.text("insert into stock_move (campaign, cycle, kind, from_account, to_account, number, made_by)"
                             " values ('warm_winter', '2026', 'bought', 'bought', 'city', 1, 'x')"))  # fmt: skip
    correct(town, new, ids(town, new, RIVER)[0], Outcome.FULL, SUN, reason="回执晚到", today=TODAY)
    found = whole(town)
    assert (found.bought, found.handed, found.damaged, found.left, found.total) == (5, 3, 1, 1, 0)


def test_the_database_holds_what_no_code_of_ours_would_write(
    town: Office, list_id: int, go: Callable[..., int]
) -> None:
    move = go("bought", "city", 3)
    insert = "insert into stock_move (campaign, cycle, kind, from_account, to_account, number, made_by, note, corrects, donor)"
    for statement in (
        "update stock_move set number = 4",
        "delete from stock_move",
        f"{insert} values ('warm_winter', '2026', 'allocated', 'city', '{R}', 4, 'x', '', null, '')",
        f"{insert} values ('warm_winter', '2026', 'allocated', 'city', '{EAST}', 1, 'x', '', null, '')",
        f"{insert} values ('warm_winter', '2026', 'allocated', '{R}', '{H}', 1, 'x', '', null, '')",
        f"{insert} values ('warm_winter', '2025', 'bought', 'bought', 'city', 1, 'x', '', null, '')",
        f"{insert} values ('warm_winter', '2026', 'correction', 'city', 'bought', 4, 'x', 'y', {move}, '')",
        f"{insert} values ('warm_winter', '2026', 'correction', 'city', 'damaged', 1, 'x', 'y', {move}, '')",
        f"{insert} values ('warm_winter', '2026', 'correction', 'city', 'bought', 1, 'x', '', {move}, '')",
        f"{insert} values ('warm_winter', '2026', 'bought', 'bought', 'city', -1, 'x', '', null, '')",
        f"{insert} values ('warm_winter', '2026', 'donated', 'donated', 'city', 1, 'x', '', null, '')",
    ):
        with pytest.raises(IntegrityError), town.engine.begin() as conn:
            conn.execute(sa.text(statement))
    assert left(town) == {"city": 3}


def test_code_and_table_know_the_same_ways(town: Office, list_id: int) -> None:
    """Every way between accounts: what kind_of names, the table takes as that kind and as no other."""
    accounts = ("bought", "donated", "returned", "damaged", "city", R, H, EAST)
    ways = [(start, end) for start in accounts for end in accounts if start != end]
    with town.engine.connect() as conn:
        checks = conn.scalars(
            sa.text("select pg_get_expr(conbin, conrelid) from pg_constraint"
                    " where conrelid = 'stock_move'::regclass and contype = 'c' and conname like '%\\_way'")
        ).one()  # fmt: skip
        for start, end in ways:
            kinds = set(
                conn.scalars(
                    sa.text(
                        "select kind from (select kind, a as from_account, b as to_account,"
                        " substring(a from '[0-9]{6}') as from_county, substring(b from '[0-9]{6}') as to_county"
                        " from unnest(array['bought','donated','allocated','returned','damaged']) kind,"
                        f" (values (cast(:a as text), cast(:b as text))) w(a, b)) e where {checks}".replace(
                            "::", "\\:\\:"
                        )
                    ),
                    {"a": start, "b": end},
                )
            )
            assert kinds == ({kind_of(start, end)} - {None}), (start, end)
