"""Whoever withdrew after the lock is nobody at the gate: not shown, not found, not handed anything, not called back."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from handing_out import HILL, RIVER, RIVERS, SUN, TODAY, full, stop_use, withdraw
from receipt_sheets import ids, sheet, stands
from talentpool.campaigns.following.spot_check import Answer, called, draw_sample, note_answer
from talentpool.campaigns.handout.looking import every_row, find_rows
from talentpool.campaigns.handout.marking import Mark, Told
from talentpool.campaigns.handout.passes import Holder
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import Share, correct, take, take_all_but
from talentpool.campaigns.release.files import list_files
from talentpool.campaigns.withdrawn import handed_since, withdrawn_rows
from talentpool.errors import UsageError
from talentpool.model import record_person
from talentpool.office import Office


@pytest.fixture
def gone(town: Office, list_id: int) -> str:
    row = ids(town, list_id, RIVER)[0]
    withdraw(town, list_id, row)
    return row


def test_sheet_phone_and_packet_show_nothing_of_them(town: Office, list_id: int, officer: Holder, gone: str) -> None:
    with town.engine.connect() as conn:
        (seen,) = find_rows(conn, town, officer, gone)
        assert (seen.name, seen.mobile) == ("", "")
        others = {one.row_id for one in find_rows(conn, town, officer, "8000")}
        assert others and gone not in others, "nor are they found by their mobile"
        packed = {seen.row_id: (seen.name, seen.mobile, tails) for seen, tails in every_row(conn, town.keys, officer)}
        files = list_files(conn, town.keys, town.settings, find(conn, list_id), pdf=False)
        (book,) = [load_workbook(BytesIO(file.content)) for file in files if file.recipient == f"county:{RIVER}"]
    assert packed.pop(gone) == ("", "", []) and all(name for name, _, _ in packed.values())
    lines = {line[1]: line[2] for line in book["名单"].iter_rows(min_row=4, values_only=True)}
    assert lines[gone] == "（信息已删除）"


def test_a_phone_counts_what_was_signed_for_and_nothing_else(
    town: Office, list_id: int, gone: str, mark: Callable[..., list[Told]]
) -> None:
    other = ids(town, list_id, RIVER)[1]
    told = mark(Mark(uuid4(), gone, Outcome.NONE), Mark(uuid4(), gone, Outcome.REFUSED), full(other))
    assert [one.code for one in told] == ["row_withdrawn", "row_withdrawn", "taken"] and not told[2].text
    assert stands(town, list_id) == {other: ("full", 1)} and handed(town, list_id) == []
    (one,) = mark(full(gone))
    assert one.counted and "不要再联系" in one.text, "a parcel that left is kept, and its bearer is told"
    assert stands(town, list_id)[gone] == ("full", 1) and handed(town, list_id) == [gone]
    (again,) = mark(full(gone))
    assert again.counted and len(signed_rows(town)) == 3


def test_a_sheet_is_taken_for_a_parcel_alone(town: Office, list_id: int, gone: str) -> None:
    for word, code in (("未领", "row_withdrawn"), ("拒领", "row_withdrawn"), ("已领", None)):
        data = sheet(town, list_id, [(gone, word)])
        done = take(town, list_id, data, RIVERS, name="x.xlsx", today=TODAY, via="page")
        assert (done.taken, done.faults) == ((0, {code: 1}) if code else (1, {})), word
        assert done.notes == ({} if code else {"handed_withdrawn": 1}), word
    assert stands(town, list_id) == {gone: ("full", 1)} and handed(town, list_id) == [gone]
    assert handed(town, list_id, [HILL]) == [] and handed(town, list_id, [RIVER]) == [gone]


def test_what_is_said_of_everybody_says_nothing_of_them(town: Office, list_id: int, gone: str) -> None:
    done = take_all_but(town, list_id, Share(RIVER), [], RIVERS, on_day=None, today=TODAY)
    assert done.taken == len(ids(town, list_id, RIVER)) - 1 and gone not in stands(town, list_id)
    assert [(row, fault.code) for row, _, fault in done.told] == [(gone, "row_withdrawn")], "who has the paper is told"
    assert "请逐行更正" in done.told[0][2].text


def test_an_officer_says_that_it_was_handed_out_and_that_it_was_not(town: Office, list_id: int, gone: str) -> None:
    def say(outcome: Outcome) -> None:
        correct(town, list_id, gone, outcome, RIVERS, reason="核对签收表", today=TODAY)

    for outcome in (Outcome.NONE, Outcome.REFUSED, Outcome.LEFT):
        with pytest.raises(UsageError, match="已停止使用"):
            say(outcome)
    say(Outcome.FULL)
    assert stands(town, list_id) == {gone: ("full", 1)} and handed(town, list_id) == [gone]
    say(Outcome.NONE)
    assert stands(town, list_id) == {gone: ("none", 0)} and handed(town, list_id) == []


def test_what_was_handed_out_before_is_nothing_to_tell(
    town: Office, list_id: int, mark: Callable[..., list[Told]]
) -> None:
    row = ids(town, list_id, RIVER)[0]
    mark(full(row))
    withdraw(town, list_id, row)
    assert stands(town, list_id) == {row: ("full", 1)} and handed(town, list_id) == []


def test_a_withdrawal_is_followed_by_record_when_people_are_put_together_or_parted(town: Office, list_id: int) -> None:
    first, second, third = ids(town, list_id, RIVER)
    ids_of = {
        row: one(town, "select person_id, record_id from target_row where row_id = :r", r=row)
        for row in (first, second, third)
    }
    (_, old_record), (parted, _), (_, other_record) = (ids_of[row] for row in (first, second, third))
    elsewhere, fresh = UUID(int=5), UUID(int=6)
    with town.engine.begin() as conn:
        owns = record_person.insert()
        # of the first, put together with somebody else; of the second, whose id goes on with another record than the row's
        conn.execute(owns, [
            {"record_id": old_record, "partner": "postal", "person_id": elsewhere},
            {"record_id": UUID(int=50), "partner": "didi", "person_id": elsewhere},
            {"record_id": ids_of[second][1], "partner": "postal", "person_id": fresh},
            {"record_id": UUID(int=60), "partner": "didi", "person_id": parted},
            {"record_id": other_record, "partner": "postal", "person_id": ids_of[third][0]},
        ])  # fmt: skip
        for record in (UUID(int=50), UUID(int=60)):
            stop_use(conn, record)
    with town.engine.connect() as conn:
        gone = withdrawn_rows(conn, list_id, [first, second, third])
    assert gone == {first}, "by the record of today; nobody by an id that is somebody else's now"


def one(town: Office, query: str, **given: object) -> tuple[UUID, UUID]:
    with town.engine.connect() as conn:
        person, record = conn.execute(sa.text(query), given).one()
        return person, record


def signed_rows(town: Office) -> list[str]:
    with town.engine.connect() as conn:
        return list(conn.scalars(sa.text("select row_id from handout_entry where row_id is not null")))


def handed(town: Office, list_id: int, counties: list[str] | None = None) -> list[str]:
    with town.engine.connect() as conn:
        return handed_since(conn, list_id, counties)


def test_more_rows_than_a_statement_has_places_for_are_asked_about(town: Office, list_id: int, gone: str) -> None:
    with town.engine.connect() as conn:
        assert withdrawn_rows(conn, list_id, [gone, *map(str, range(70_000))]) == {gone}


def test_they_leave_the_sample_and_are_not_called(town: Office, list_id: int) -> None:
    rows = ids(town, list_id)
    data = sheet(town, list_id, [(one, "已领") for one in rows])
    take(town, list_id, data, SUN, name="x.xlsx", today=TODAY, via="page")
    draw_sample(town, list_id, len(rows), SUN)
    withdraw(town, list_id, rows[0], "")
    with town.engine.connect() as conn:
        assert {row.row_id for row in called(conn, list_id)} == set(rows[1:])
    with pytest.raises(UsageError, match="没有您负责的这一行"):
        note_answer(town, list_id, rows[0], Answer.CONFIRMED, SUN)


def test_who_withdrew_for_another_purpose_is_handed_theirs(
    town: Office, list_id: int, officer: Holder, mark: Callable[..., list[Told]]
) -> None:
    row = ids(town, list_id, RIVER)[0]
    withdraw(town, list_id, row, "cool_summer")
    with town.engine.connect() as conn:
        assert find_rows(conn, town, officer, row)[0].name
    assert mark(full(row))[0].code == "taken"
