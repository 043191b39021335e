"""What is marked at an event ends as a receipt; each key counts once, in whatever order phones send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from handing_out import HILL, RIVER, RIVERS, SUN, TODAY, entries, full, receipts, signed_in
from receipt_sheets import ids, sheet, stands
from talentpool.campaigns.handout import events
from talentpool.campaigns.handout.marking import Mark, Told, take_marks
from talentpool.campaigns.handout.passes import Account, Holder, issue
from talentpool.campaigns.handout.reserve import walk_ins
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import correct, take
from talentpool.office import Office


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
        assert receipts(town, list_id) == [("handout", "c140403", 3)]
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
    assert len(receipts(town, list_id)) == 1
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


def test_what_was_counted_is_told_so_when_the_answer_was_lost(
    town: Office, list_id: int, event: int, mark: Callable[..., list[Told]]
) -> None:
    first, second, third = ids(town, list_id, RIVER)
    absent, there = Mark(uuid4(), first, Outcome.NONE), full(first)
    refused = Mark(uuid4(), second, Outcome.REFUSED)
    other = signed_in(town, list_id, issue(town, event, ("postal", "东街站"), RIVERS))
    assert all(one.counted for one in mark(absent, there, refused))
    assert all(one.counted for one in mark(full(second), by=other))
    assert [one.code for one in mark(absent, there, refused)] == ["known", "taken", "known"], "the same again"
    take(town, list_id, sheet(town, list_id, [(third, "已领")]), SUN, name="x.xlsx", today=TODAY, via="page")
    back = [Mark(uuid4(), row, Outcome.NONE) for row in (first, second, third)]
    assert [one.code for one in mark(there, *back)] == ["taken", *["row_settled"] * 3], "these take back what stands"
    assert [via for via, *_ in receipts(town, list_id)] == ["handout", "handout", "page"]


def test_who_says_once_more_what_a_sheet_says_otherwise_hears_what_stands(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, *_ = ids(town, list_id, RIVER)
    mark(Mark(uuid4(), first, Outcome.NONE))
    take(town, list_id, sheet(town, list_id, [(first, "已领")]), SUN, name="x.xlsx", today=TODAY, via="page")
    (told,) = mark(Mark(uuid4(), first, Outcome.NONE))
    assert told.counted and "该行已登记为“已领”" in told.text and stands(town, list_id) == {first: ("full", 1)}


def test_a_sheet_and_a_phone_say_the_same_and_it_is_known(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    first, *_ = ids(town, list_id, RIVER)
    take(town, list_id, sheet(town, list_id, [(first, "已领")]), SUN, name="x.xlsx", today=TODAY, via="page")
    (told,) = mark(full(first))
    assert told.code == "known" and entries(town) == 1


def test_a_parcel_that_two_phones_handed_out_is_counted_once_and_the_second_hears_of_it(
    town: Office, list_id: int, event: int, mark: Callable[..., list[Told]]
) -> None:
    first, *_ = ids(town, list_id, RIVER)
    other = signed_in(town, list_id, issue(town, event, Account(8, UUID(int=8)), RIVERS))
    mine, theirs = full(first), full(first)
    assert [one.code for one in (*mark(mine), *mark(theirs, by=other))] == ["taken", "handed_before"]
    assert [one.code for one in (*mark(mine), *mark(theirs, by=other))] == ["taken", "taken"], "sent again, it is known"
    assert stands(town, list_id) == {first: ("full", 1)} and entries(town) == 2


def test_what_is_marked_in_one_county_is_not_counted_in_another(mark: Callable[..., list[Told]]) -> None:
    (told,) = mark(Mark(uuid4(), county=HILL))
    assert (told.code, told.counted) == ("other_county", False)
