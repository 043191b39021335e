"""Whoever withdrew after the lock is nobody at the gate: not shown, not found, not handed anything, not called back."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook

from handing_out import RIVER, RIVERS, SUN, TODAY, full, withdraw
from receipt_sheets import ids, sheet, stands
from talentpool.campaigns.following.spot_check import Answer, called, draw_sample, note_answer
from talentpool.campaigns.handout.looking import every_row, find_rows
from talentpool.campaigns.handout.marking import Told
from talentpool.campaigns.handout.passes import Holder
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.taking import Share, take, take_all_but
from talentpool.campaigns.release.files import list_files
from talentpool.campaigns.withdrawn import withdrawn_rows
from talentpool.errors import UsageError
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


def test_nothing_is_marked_on_their_row(town: Office, list_id: int, gone: str, mark: Callable[..., list[Told]]) -> None:
    other = ids(town, list_id, RIVER)[1]
    assert [one.code for one in mark(full(gone), full(other))] == ["row_withdrawn", "taken"]
    done = take_all_but(town, list_id, Share(RIVER), [], RIVERS, on_day=None, today=TODAY)
    assert done.taken == len(ids(town, list_id, RIVER)) - 2 and gone not in stands(town, list_id)
    assert [(row, fault.code) for row, _, fault in done.told] == [(gone, "row_withdrawn")], "who has the paper is told"


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
