"""What is marked at an event ends as a receipt, by who is signed in for it, while it lasts; each key counts once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from receipt_sheets import ids, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.handout import events, passes
from talentpool.campaigns.handout.looking import counts, find_rows
from talentpool.campaigns.handout.marking import Mark, Told, take_marks
from talentpool.campaigns.handout.passes import Account, Holder, holder_of, issue, redeem
from talentpool.campaigns.handout.reserve import reserve_left, walk_ins
from talentpool.campaigns.ledger.balance import balance
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.standing import received
from talentpool.campaigns.receipts.taking import correct, take
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))
FIRST = "192.0.2.1"


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    """With ten parcels, two of which are kept back."""
    stocked = warm_winter.model_copy(update={"stock": Stock(total=10, reserve=20)})
    return draw(town, stocked, AS_OF, lock=True, by="sun").list_id


@pytest.fixture
def event(town: Office, list_id: int) -> int:
    return events.start(town, list_id, RIVER, RIVERS, days=1, reserve=2)


def places(town: Office, list_id: int, county: str = RIVER) -> list[tuple[str, str]]:
    query = (
        "select distinct partner, station from target_row where list_id = :l and county = :c and selected order by 1, 2"
    )
    with town.engine.connect() as conn:
        return [(row.partner, row.station) for row in conn.execute(sa.text(query), {"l": list_id, "c": county})]


def signed_in(town: Office, list_id: int, code: str, address: str = FIRST) -> Holder:
    tried = redeem(town, list_id, code, address)
    assert tried.session, tried
    with town.engine.connect() as conn:
        found = holder_of(conn, town.keys, list_id, tried.session)
    assert found is not None
    return found


@pytest.fixture
def officer(town: Office, list_id: int, event: int) -> Holder:
    """Who sees the whole county."""
    return signed_in(town, list_id, issue(town, event, Account(7, UUID(int=7)), RIVERS))


@pytest.fixture
def mark(town: Office, officer: Holder) -> Callable[..., list[Told]]:
    return lambda *marks, by=officer: take_marks(town, by, marks, today=TODAY)


def full(row: str, signing: UUID | None = None, signer: str = "self", **more: object) -> Mark:
    return Mark(uuid4(), row, Outcome.FULL, signing=signing or uuid4(), signer=signer, **more)  # type: ignore[arg-type]


def entries(town: Office) -> int:
    with town.engine.connect() as conn:
        return int(conn.scalar(sa.text("select count(*) from handout_entry")) or 0)


def test_marks_end_as_one_receipt_and_a_signature_speaks_for_several_rows(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, second, third, *_ = ids(town, list_id, RIVER)
    signing = uuid4()
    told = mark(full(first, signing, "head", day=date(2026, 12, 1)), full(second, signing, "head"),
                Mark(uuid4(), third, Outcome.NONE))  # fmt: skip
    assert [one.code for one in told] == ["taken"] * 3
    assert stands(town, list_id) == {first: ("full", 1), second: ("full", 1), third: ("none", 0)}
    with town.engine.connect() as conn:
        (came,) = received(conn, list_id)
        assert (came["via"], came["received_by"], came["taken"]) == ("handout", "c140403", 3)
        assert find(conn, list_id).state == "receipts_open"
        signed = conn.execute(
            sa.text("select signer, count(*), count(distinct signing_id) from handout_entry group by 1")
        )
        assert [tuple(row) for row in signed] == [("head", 2, 1)]
        assert conn.scalar(sa.text("select on_day from receipt_row where row_id = :r"), {"r": first}) == date(
            2026, 12, 1
        )


def test_what_is_sent_twice_counts_once_and_leaves_no_second_receipt(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, second, *_ = ids(town, list_id, RIVER)
    sent = [full(first), Mark(uuid4(), second, Outcome.REFUSED), Mark(uuid4())]
    assert [one.code for one in mark(*sent)] == ["taken", "taken", "taken"]
    assert all(one.counted for one in mark(*sent, sent[0]))
    with town.engine.connect() as conn:
        assert len(received(conn, list_id)) == 1
    assert entries(town) == 2


SAID = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["full", "refused", "none", "walk_in"])), max_size=8)


@hypothesis_settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(SAID, st.randoms(use_true_random=False))
def test_entries_in_any_order_and_any_number_of_times_come_to_the_same(
    town: Office, list_id: int, officer: Holder, said: list[tuple[int, str]], chance: Any
) -> None:
    rows = ids(town, list_id, RIVER)
    sent = [
        Mark(uuid4())
        if what == "walk_in"
        else full(rows[at])
        if what == "full"
        else Mark(uuid4(), rows[at], Outcome(what))
        for at, what in said
    ]

    def comes_to(order: list[Mark], size: int) -> tuple[dict[str, tuple[str, int]], int, int]:
        with town.engine.begin() as conn:
            conn.execute(sa.text("set local session_replication_role = replica"))
            for table in ("handout_entry", "receipt_row"):
                conn.execute(sa.text(f"delete from {table}"))
        for at in range(0, len(order), size):
            take_marks(town, officer, order[at : at + size], today=TODAY)
        with town.engine.connect() as conn:
            return (stands(town, list_id), walk_ins(conn, officer.event_id), events.signed(conn, officer.event_id)[0])

    shuffled = [*sent, *chance.choices(sent, k=3)] if sent else []
    chance.shuffle(shuffled)
    found = comes_to(sent, 3)
    assert found == comes_to(shuffled, 2) == comes_to([*sent, *shuffled], 200)
    assert found[1] == min(2, sum(what == "walk_in" for _, what in said))


def test_a_phone_with_a_wrong_clock_and_a_row_without_a_signature(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, second, *_ = ids(town, list_id, RIVER)
    (early,) = mark(full(first, day=date(1970, 1, 1)))
    assert early.code == "taken"
    with town.engine.connect() as conn:
        assert conn.scalar(sa.text("select on_day from receipt_row")) is None
    unsigned, absent = mark(Mark(uuid4(), second), Mark(uuid4(), second, Outcome.NONE, signing=uuid4(), signer="self"))
    assert (unsigned.code, absent.code) == ("signature_missing", "signature_missing")
    assert second not in stands(town, list_id)


def test_who_was_absent_may_come_later_and_what_was_received_is_not_taken_back(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, *_ = ids(town, list_id, RIVER)
    absent, there = Mark(uuid4(), first, Outcome.NONE), full(first)
    assert [one.code for one in mark(absent, there)] == ["taken", "taken"]
    (late,) = mark(Mark(uuid4(), first, Outcome.REFUSED))
    assert late.code == "row_settled" and stands(town, list_id) == {first: ("full", 1)}
    correct(town, list_id, first, Outcome.NONE, RIVERS, reason="领错行", today=TODAY)
    (again,) = mark(full(first))
    assert again.code == "row_corrected" and stands(town, list_id) == {first: ("none", 0)}


def test_a_sheet_and_a_phone_say_the_same_and_it_is_known(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, *_ = ids(town, list_id, RIVER)
    take(town, list_id, sheet(town, list_id, [(first, "已领")]), SUN, name="x.xlsx", today=TODAY, via="page")
    (told,) = mark(full(first))
    assert told.code == "known" and entries(town) == 1


def test_walk_ins_are_a_count_and_never_above_the_reserve(
    town: Office, list_id: int, event: int, mark: Callable[..., list[Told]]
) -> None:
    told = mark(*(Mark(uuid4()) for _ in range(3)))
    assert [one.code for one in told] == ["taken", "taken", "reserve_empty"]
    with town.engine.begin() as conn:
        assert conn.scalar(sa.text("select count(*) from handout_entry where row_id is null")) == 2
        assert not received(conn, list_id)
        stored = find(conn, list_id)
        assert reserve_left(conn, stored, RIVER) == 0
    with pytest.raises(IntegrityError, match="reserve is empty"), town.engine.begin() as conn:
        conn.execute(sa.text("insert into handout_entry (entry_key, event_id, pass_id) select gen_random_uuid(), event_id,"
                             " pass_id from handout_pass limit 1"))  # fmt: skip
    with pytest.raises(IntegrityError, match="appended"), town.engine.begin() as conn:
        conn.execute(sa.text("delete from handout_entry"))
    with pytest.raises(UsageError, match="还有 0 份"):
        events.start(town, list_id, HILL, SUN, days=1, reserve=1)
    with town.engine.connect() as conn:
        gone = balance(conn, "warm_winter", "2026")
        walked = conn.scalar(sa.text("select count(*) from handout_entry where row_id is null"))
    assert walked and gone.handed == walked + sum(number for _, number in stands(town, list_id).values())
    assert gone.short == gone.handed and gone.total == 0, "no entry brought them"


def test_what_an_event_did_not_hand_out_of_the_reserve_is_there_for_the_next(
    town: Office, list_id: int, event: int, mark: Callable[..., list[Told]]
) -> None:
    mark(Mark(uuid4()))
    events.end(town, event, RIVERS)
    assert events.start(town, list_id, HILL, HILLS, days=1, reserve=1)


def test_a_station_sees_and_marks_its_own_rows_alone(town: Office, list_id: int, event: int) -> None:
    place = places(town, list_id)[0]
    head = signed_in(town, list_id, issue(town, event, place, RIVERS))
    assert head.name == f"station:{place[0]}:{RIVER}:{place[1]}"
    query = "select row_id from target_row where list_id = :l and selected and county = :c and partner = :p and station = :s"
    with town.engine.connect() as conn:
        mine = set(conn.scalars(sa.text(query), {"l": list_id, "c": RIVER, "p": place[0], "s": place[1]}))
        theirs = [one for one in ids(town, list_id) if one not in mine]
        assert mine and theirs and counts(conn, head)["people"] == len(mine)
        shown = [row for one in mine for row in find_rows(conn, town.keys, head, one)]
        assert len(shown) == len(mine) and all("*" in row.name and row.mobile.startswith("***") for row in shown)
        assert [find_rows(conn, town.keys, head, one) for one in theirs] == [[]] * len(theirs)
        assert {row.row_id for row in find_rows(conn, town.keys, head, "8000")} == mine
        assert find_rows(conn, town.keys, head, "1111") == []
        for odd in ("K7QM-2F4HZ", "", "138001", "王"):
            with pytest.raises(UsageError, match="行号"):
                find_rows(conn, town.keys, head, odd)
    told = take_marks(town, head, [full(theirs[0]), full(sorted(mine)[0])], today=TODAY)
    assert [one.code for one in told] == ["row_unknown", "taken"]
    assert set(stands(town, list_id)) == {sorted(mine)[0]}


def test_a_code_is_good_once_for_its_own_list_while_the_event_lasts(town: Office, list_id: int, event: int) -> None:
    place = places(town, list_id)[0]
    code = issue(town, event, place, RIVERS)
    assert not redeem(town, list_id + 1, code, FIRST).session
    assert redeem(town, list_id, f" {code.lower()} ", FIRST).session
    assert not redeem(town, list_id, code, FIRST).session
    revoked = issue(town, event, place, RIVERS)
    with town.engine.connect() as conn:
        newest = passes.issued(conn, [event])[0]
    passes.revoke(town, newest.pass_id, SUN)
    assert not redeem(town, list_id, revoked, FIRST).session
    late = issue(town, event, place, RIVERS)
    with town.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set ends_at = clock_timestamp()"))
    assert not redeem(town, list_id, late, FIRST).session
    with town.engine.connect() as conn:
        assert code.replace("-", "") not in str(conn.execute(sa.text("select * from handout_pass")).all())
        log = (
            conn.execute(sa.text("select action from audit_log where action like 'sign%' order by seq")).scalars().all()
        )
        assert log == ["sign_in_failed", "sign_in", *["sign_in_failed"] * 3]


def test_guesses_shut_the_door_for_who_guesses_and_for_nobody_else(town: Office, list_id: int, event: int) -> None:
    code = issue(town, event, places(town, list_id)[0], RIVERS)
    tries = [redeem(town, list_id, f"AAAA-AAAA-AAA{sign}", FIRST) for sign in "23456"]
    assert [one.shut for one in tries] == [False] * 4 + [True]
    assert redeem(town, list_id, code, FIRST).wait > 0
    assert redeem(town, list_id, code, "192.0.2.2").session


def test_nothing_is_taken_after_a_revocation_the_end_of_the_event_or_of_the_list(
    town: Office, list_id: int, event: int, officer: Holder, mark: Callable[..., list[Told]]
) -> None:
    first, second, *_ = ids(town, list_id, RIVER)
    head = signed_in(town, list_id, issue(town, event, places(town, list_id)[0], RIVERS))
    passes.revoke(town, head.pass_id, RIVERS)
    with pytest.raises(ConflictError, match="登录已作废"):
        mark(full(first), by=head)
    assert [one.code for one in mark(full(first))] == ["taken"]
    with town.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set ends_at = clock_timestamp()"))
    with pytest.raises(ConflictError, match="已结束"):
        mark(full(second))
    with pytest.raises(ConflictError, match="已结束"):
        issue(town, event, places(town, list_id)[0], RIVERS)
    events.start(town, list_id, RIVER, RIVERS, days=1)
    close(town, list_id, SUN, reason="发完")
    with pytest.raises(ConflictError, match="不再接收回执"):
        mark(full(second))
    with pytest.raises(ConflictError):
        events.start(town, list_id, HILL, SUN, days=1)


def test_a_void_list_ends_every_sign_in(town: Office, list_id: int, event: int) -> None:
    tried = redeem(town, list_id, issue(town, event, places(town, list_id)[0], RIVERS), FIRST)
    for by in ("sun", "zhang"):
        void_list(town, list_id, by=by, reason="数据日期写错")
    with town.engine.connect() as conn:
        assert holder_of(conn, town.keys, list_id, tried.session) is None
    with pytest.raises(UsageError):
        events.start(town, list_id, HILL, SUN, days=1)


def test_a_county_starts_ends_and_issues_for_itself_alone(town: Office, list_id: int, event: int) -> None:
    station = places(town, list_id)[0]
    for act in (
        lambda: events.start(town, list_id, HILL, RIVERS, days=1),
        lambda: events.end(town, event, HILLS),
        lambda: issue(town, event, station, HILLS),
        lambda: issue(town, event, station, Approver("x", frozenset({"auditor"}))),
    ):
        with pytest.raises(RefusedError):
            act()
    with pytest.raises(UsageError, match="没有这个站点"):
        issue(town, event, ("didi", "没有的站"), RIVERS)
    with pytest.raises(ConflictError, match="正在发放"):
        events.start(town, list_id, RIVER, SUN, days=1)
    for days in (0, 15):
        with pytest.raises(UsageError, match="天"):
            events.start(town, list_id, HILL, SUN, days=days)
