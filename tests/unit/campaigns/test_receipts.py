"""What comes back of a list is taken row by row, in any order, by whoever may speak for the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from sqlalchemy.exc import IntegrityError

from receipt_sheets import ids, saved, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.standing import tally
from talentpool.campaigns.receipts.taking import Returned, Share, correct, take, take_all_but
from talentpool.campaigns.voiding import void_list
from talentpool.conform.files.limits import MAX_SHEETS
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, RejectedError, UsageError
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


@pytest.fixture
def bring(town: Office, list_id: int) -> Callable[..., Returned]:
    def brought(lines: Sequence[Sequence[Any]], who: Approver = SUN, **more: Any) -> Returned:
        data = more.pop("data", None) or sheet(town, list_id, lines, **more)
        return take(town, list_id, data, who, name="回执.xlsx", today=TODAY, via="page")

    return brought


def test_a_sheet_that_comes_back_opens_receipts_and_leaves_the_list_as_it_is(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    first, second, third, *rest = ids(town, list_id)
    with town.engine.connect() as conn:
        before = find(conn, list_id)
    done = bring(
        [(first, "已领", 1, date(2026, 12, 1)), (second, " 拒 收 "), (third, "缺席"), *((one,) for one in rest)]
    )
    assert (done.rows, done.taken, done.blank, done.faults, done.sheet) == (5, 3, 2, {}, None)
    assert stands(town, list_id) == {first: ("full", 1), second: ("refused", 0), third: ("none", 0)}
    with town.engine.connect() as conn:
        after = find(conn, list_id)
        whole = tally(conn, list_id)[()]
    assert (after.state, after.content_hash) == ("receipts_open", before.content_hash)
    assert (whole.people, whole.received, whole.delivered, whole.open) == (5, 1, 1, 2)
    again = bring([(first, "已领", 1, date(2026, 12, 1)), (second, "拒领")])
    assert (again.taken, again.known) == (0, 2), "said twice is said once"


def test_each_fault_is_told_at_its_cell_and_the_other_rows_are_taken(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    good, bad, third, fourth, fifth = ids(town, list_id)
    wrong = bad[:-1] + ("2" if bad[-1] != "2" else "3")
    done = bring(
        [
            (good.lower().replace("-", " "), "√"),
            (wrong, "已领"),
            ("", "已领"),
            (third, "给了吧"),
            (fourth, "", "", "", "张某"),
            (fifth, "已领", 2),
            (bad, "已领", 1, "1900-01-01"),
            (bad, "已领", 1, date(2027, 1, 1)),
        ]
    )
    assert done.taken == 1 and stands(town, list_id) == {good: ("full", 1)}
    assert done.faults == {
        "row_misread": 2, "outcome_unknown": 1, "outcome_missing": 1, "count_above": 1, "date_unreadable": 1,
        "date_outside": 1,
    }  # fmt: skip
    assert done.sheet is not None
    back = load_workbook(BytesIO(done.sheet)).active
    rows = list(back.iter_rows(min_row=3, values_only=True))
    assert rows[0][-1] == "需更正" and not rows[1][-1] and "校验位不符" in rows[2][-1] and len(rows) == 9
    assert rows[6][-1] == "每人最多 1 份；多发的请另行说明，不能登记在此"
    assert back.cell(9, 6).fill.start_color.rgb.endswith("FCE4E4"), "the very cell is marked"


def test_the_sheet_that_was_given_back_can_be_mended_and_sent_again(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    first, second, *_ = ids(town, list_id)
    done = bring([(first, "已领"), (second, "领了吗")])
    book = load_workbook(BytesIO(done.sheet or b""))
    assert book.active["E5"].value == "领了吗"
    book.active["E5"] = "已领"
    mended = bring([], data=saved(book))
    assert (mended.taken, mended.known, mended.faults, mended.sheet) == (1, 1, {}, None)


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ((("拒领",), ("已领", 1, "1900-01-01")), {"row_doubled": 1, "date_unreadable": 1}),
        ((("已领", 2), ("已领",)), {"row_doubled": 1, "count_above": 1}),
        ((("已领",), ("拒领",)), {"row_doubled": 2}),
        ((("已领",), ("已领",)), {"row_doubled": 2}),
        ((("给了吧",), ("", 1)), {"outcome_unknown": 1, "outcome_missing": 1}),
    ],
)
def test_of_a_row_that_stands_twice_neither_line_is_taken_alone(
    town: Office,
    list_id: int,
    bring: Callable[..., Returned],
    lines: tuple[tuple[Any, ...], ...],
    faults: dict[str, int],
) -> None:
    first, second, third, *_ = ids(town, list_id)
    done = bring(
        [(first, *lines[0]), (second, "已领"), (first.lower().replace("-", ""), *lines[1]), (third,), (third,)]
    )
    assert (done.taken, done.blank, done.faults) == (1, 2, faults) and set(stands(town, list_id)) == {second}
    told = [row[-1] for row in load_workbook(BytesIO(done.sheet or b"")).active.iter_rows(min_row=4, values_only=True)]
    assert all("同一行号填了多次" in told[at] for at in (0, 2)) and not any(told[at] for at in (1, 3, 4))
    book = load_workbook(BytesIO(done.sheet or b""))
    book.active.delete_rows(6)
    for column, cell in zip("EFG", ("已领", 1, "2026-12-01"), strict=True):
        book.active[f"{column}4"] = cell
    assert bring([], data=saved(book)).faults == {} and set(stands(town, list_id)) == {first, second}


def test_sorted_hidden_and_merged_sheets_and_others_beside_them(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    rows = ids(town, list_id)
    book = load_workbook(BytesIO(sheet(town, list_id, [(one, "已领") for one in reversed(rows)])))
    tab = book.active
    tab.row_dimensions[5].hidden = True
    tab.merge_cells("E6:E8")
    book.create_sheet("食堂菜单").append(["周一", "面"])
    book.create_sheet("藏着").sheet_state = "hidden"
    done = bring([], data=saved(book))
    assert done.notes == {"row_hidden": 1, "sheet_other": 1, "sheet_hidden": 1}
    assert done.faults == {"cell_merged": 2} and done.taken == 3, "of a merged cell the first line alone is meant"


def test_a_formula_counts_as_what_it_shows_and_is_not_given_back_as_one(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    first, second, *_ = ids(town, list_id)
    book = load_workbook(BytesIO(sheet(town, list_id, [(first, "已领"), (second, '=HYPERLINK("http://x","已领")')])))
    done = bring([], data=saved(book))
    assert stands(town, list_id) == {first: ("full", 1)} and sum(done.faults.values()) <= 1
    if done.sheet:
        assert all(
            cell.data_type != "f" for row in load_workbook(BytesIO(done.sheet)).active.iter_rows() for cell in row
        )


def test_the_sheet_of_another_list_or_of_a_void_one_is_refused_whole(
    town: Office, warm_winter: Campaign, list_id: int, bring: Callable[..., Returned]
) -> None:
    rows = ids(town, list_id)
    old = sheet(town, list_id, [(one, "已领") for one in rows])
    for name in ("孙", "钱"):
        void_list(town, list_id, by=name, reason="名册有误")
    with pytest.raises(UsageError, match="已作废"):
        bring([], data=old)
    new = draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id
    with pytest.raises(UsageError, match=rf"名单 {list_id} 的（已作废，不能再用），不是名单 {new}"):
        take(town, new, old, SUN, name="回执.xlsx", today=TODAY, via="page")
    bare = sheet(town, new, [(rows[0], "已领")], head="")
    done = take(town, new, bare, SUN, name="回执.xlsx", today=TODAY, via="page")
    assert done.faults == {"row_unknown": 1} and not stands(town, new), "row ids belong to their list"
    wrong = sheet(town, new, [], head=f"名单编号 {new}　校验值 000000000000")
    with pytest.raises(UsageError, match="校验值与名单"):
        take(town, new, wrong, SUN, name="回执.xlsx", today=TODAY, via="page")


def assert_of_a_receipt(told: pytest.ExceptionInfo[Exception]) -> None:
    """A roster may come as a CSV and is handed in; a receipt is the sheet that went out."""
    words = str(told.value)
    assert "没有登记；请用下发的原表" in words and not any(word in words for word in ("CSV", "名册", "交付")), words


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"%PDF-1.7 ...", RejectedError, "PDF"),
        (b"", RejectedError, "不是工作簿"),
        (b"\xff\xd8\xff photo", RejectedError, "不是工作簿"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_other_way(
    bring: Callable[..., Returned], data: bytes, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as told:
        bring([], data=data or b"x")
    assert_of_a_receipt(told)


def test_a_sheet_with_more_rows_than_the_list_can_fill_is_not_parsed(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    with pytest.raises(RejectedError, match="有工作表超过 7 行") as told:
        bring([(f"ZZZZ-{n}", "已领") for n in range(200)])
    assert_of_a_receipt(told)
    book = load_workbook(BytesIO(sheet(town, list_id, [])))
    for number in range(MAX_SHEETS):
        book.create_sheet(str(number))
    with pytest.raises(RejectedError, match="张工作表") as told:
        bring([], data=saved(book))
    assert_of_a_receipt(told)
    with pytest.raises(UsageError, match="没有找到同时有“行号”和“结果”"):
        book = Workbook()
        book.active.append(["姓名", "领了"])
        bring([], data=saved(book))


def test_a_county_speaks_for_its_own_rows_and_nobody_else_for_any(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    river, hill = ids(town, list_id, RIVER), ids(town, list_id, HILL)
    done = bring([(river[0], "已领"), (hill[0], "已领")], RIVERS)
    assert done.taken == 1 and done.faults == {"row_unknown": 1} and set(stands(town, list_id)) == {river[0]}
    with pytest.raises(UsageError, match="没有您负责的这一行"):
        correct(town, list_id, hill[0], Outcome.FULL, RIVERS, reason="看错", today=TODAY)
    with pytest.raises(RefusedError):
        take_all_but(town, list_id, Share(HILL), [], RIVERS, on_day=None, today=TODAY)
    for roles in (frozenset(), frozenset({"auditor"}), frozenset({"city_approver"}), frozenset({"county_officer_"})):
        with pytest.raises(RefusedError):
            bring([(river[1], "已领")], Approver("x", roles))
    assert set(stands(town, list_id)) == {river[0]}


def test_only_an_officer_takes_back_what_stands_and_says_why(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    first, second, *_ = ids(town, list_id)
    bring([(first, "已领"), (second, "未领")])
    late = bring([(first, "未领"), (second, "已领")])
    assert late.faults == {"row_settled": 1} and late.taken == 1, "absent on Monday, received on Tuesday"
    with pytest.raises(UsageError, match="理由"):
        correct(town, list_id, first, Outcome.NONE, SUN, reason=" ", today=TODAY)
    with pytest.raises(UsageError, match="矛盾"):
        correct(town, list_id, first, Outcome.NONE, SUN, reason="填错", today=TODAY, delivered=1)
    correct(town, list_id, first, Outcome.NONE, SUN, reason="站长填错行", today=TODAY)
    assert stands(town, list_id)[first] == ("none", 0)
    assert bring([(first, "已领")]).faults == {"row_corrected": 1}, "no sheet undoes a correction"
    assert bring([(first, "未领")]).known == 1
    correct(town, list_id, first, Outcome.FULL, RIVERS, reason="本人后来领了", today=TODAY)
    assert stands(town, list_id)[first] == ("full", 1)


def test_a_closed_list_takes_corrections_alone(town: Office, list_id: int, bring: Callable[..., Returned]) -> None:
    first, second, *_ = ids(town, list_id)
    bring([(first, "已领")])
    close(town, list_id, SUN, reason="发完")
    with pytest.raises(ConflictError, match="已办结"):
        bring([(second, "已领")])
    correct(town, list_id, second, Outcome.FULL, SUN, reason="回执晚到", today=TODAY)
    assert stands(town, list_id) == {first: ("full", 1), second: ("full", 1)}


def test_a_day_of_eight_digits_odd_tab_names_and_a_doubled_column(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    first, second, *_ = ids(town, list_id)
    book = load_workbook(BytesIO(sheet(town, list_id, [(first, "已领", 1, 20261201), (second, "什么")])))
    book.active.title = "O'Brien 的表，名字很长很长很长很长很长很长"
    book.active["H5"] = "名单编号 77 的人也来了"
    done = bring([], data=saved(book))
    assert done.taken == 1 and done.faults == {"outcome_unknown": 1} and done.sheet is not None
    book.active["I3"] = "结果"
    with pytest.raises(UsageError, match="列“结果”出现了不止一次"):
        bring([], data=saved(book))


def test_a_line_that_is_crossed_out_is_asked_about(town: Office, list_id: int, bring: Callable[..., Returned]) -> None:
    first, second, *_ = ids(town, list_id)
    book = load_workbook(BytesIO(sheet(town, list_id, [(first, "已领"), (second, "已领")])))
    for cell in book.active[5]:
        cell.font = Font(strike=True)
    done = bring([], data=saved(book))
    assert done.faults == {"row_struck": 1} and set(stands(town, list_id)) == {first}


def test_a_line_that_is_crossed_out_and_written_anew_below_counts_as_written(
    town: Office, list_id: int, bring: Callable[..., Returned]
) -> None:
    first, *_ = ids(town, list_id)
    book = load_workbook(BytesIO(sheet(town, list_id, [(first, "未领"), (first, "已领")])))
    for cell in book.active[4]:
        cell.font = Font(strike=True)
    done = bring([], data=saved(book))
    assert done.faults == {"row_struck": 1} and stands(town, list_id) == {first: ("full", 1)}


def test_a_draft_takes_nothing(town: Office, careful: Campaign) -> None:
    draft = draw(town, careful, AS_OF, by="sun").list_id
    data = sheet(town, draft, [(ids(town, draft)[0], "已领")])
    with pytest.raises(UsageError, match="草稿，没有登记"):
        take(town, draft, data, SUN, name="回执.xlsx", today=TODAY, via="page")


def test_the_database_keeps_what_was_said(town: Office, list_id: int, bring: Callable[..., Returned]) -> None:
    bring([(ids(town, list_id)[0], "已领")])
    for statement in (
        "update receipt_row set outcome = 'none', delivered = 0",
        "delete from receipt_row",
        "update receipt set received_by = 'x'",
        "insert into receipt_row (receipt_id, list_id, row_id, outcome, delivered, correction)"
        " select receipt_id, list_id, 'ZZZZ-ZZZZZ', 'full', 1, false from receipt",
        "insert into receipt_row (receipt_id, list_id, row_id, outcome, delivered, correction, county)"
        " select receipt_id, list_id, row_id, 'none', 1, false, county from receipt_row",
    ):
        with pytest.raises(IntegrityError), town.engine.begin() as conn:
            conn.execute(sa.text(statement))
