"""Sign-ups for a session come as sheets, seats go to who came first, and who came is a number."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from sqlalchemy.exc import IntegrityError

from approvals import unapproved
from handing_out import withdraw
from receipt_sheets import ids, saved
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.forgetting import forget_in_lists
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.taking import Share, take_all_but
from talentpool.campaigns.release.files import list_files
from talentpool.campaigns.sessions.counting import count
from talentpool.campaigns.sessions.line import Filled, counted, filled, signed_up
from talentpool.campaigns.sessions.signing import SignedUp, sign_up
from talentpool.campaigns.sessions.slots import CANCELLED, read_slot, slots_of
from talentpool.declare import Campaign
from talentpool.declare.form import Place
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.model import attendance, metadata
from talentpool.office import Office
from talentpool.report.brief import brief, render_brief

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS = Approver(f"c{RIVER}", frozenset({f"county_officer_{RIVER}"}))
PLACES = (
    Place(name="潞州区骑手驿站", county=RIVER, slots=("09:00-10:00", "10:00-11:00"), capacity=2),
    Place(name="上党区快递园区", county=HILL, slots=("14:00-15:00",), capacity=9),
)


@pytest.fixture
def check_up(town: Office, warm_winter: Campaign) -> Campaign:
    """健康义诊 that needs no approval, for which the notice counts, at places with few seats."""
    of = unapproved(town.settings, "health_check")
    more = {
        "purpose": "warm_winter",
        "places": PLACES,
        "eligibility": {"active": True},
        "occasion": warm_winter.occasion,
    }
    return of.model_copy(update=more)


@pytest.fixture
def list_id(town: Office, check_up: Campaign) -> int:
    return draw(town, check_up, AS_OF, lock=True, by="sun").list_id


def sheet(town: Office, list_id: int, lines: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    with town.engine.connect() as conn:
        stored = find(conn, list_id)
    book.active.append(["健康义诊名单"])
    book.active.append([f"名单编号 {list_id}　校验值 {stored.content_hash[:12]}"])
    book.active.append(["序号", "行号", "姓名", "场次", "备注"])
    for number, (row_id, slot) in enumerate(lines, start=1):
        book.active.append([number, row_id, "某人", slot, "备注不读"])
    return saved(book)


@pytest.fixture
def bring(town: Office, list_id: int) -> Callable[..., SignedUp]:
    def brought(lines: Sequence[Sequence[Any]], who: Approver = SUN, data: bytes | None = None) -> SignedUp:
        given = data or sheet(town, list_id, lines)
        return sign_up(town, list_id, given, who, name="报名.xlsx", via="page")

    return brought


def slots(town: Office, list_id: int) -> list[Filled]:
    with town.engine.connect() as conn:
        return filled(conn, list_id, slots_of(find(conn, list_id)))


def test_who_signs_up_first_has_the_seat_and_who_waits_moves_up(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    rows = ids(town, list_id)
    done = bring(
        [(rows[2], 1), (rows[0], "潞州区骑手驿站 09:00-10:00"), (rows[1], "场次1"), (rows[3], 3), (rows[4], "")]
    )
    assert (done.taken, done.waiting, done.blank, done.faults, done.sheet) == (4, 1, 1, {}, None)
    assert [(one.signed, one.seated, one.waiting, one.came) for one in slots(town, list_id)] == [
        (3, 2, 1, None), (0, 0, 0, None), (1, 1, 0, None),
    ]  # fmt: skip
    again = bring([(rows[0], 1), (rows[2], "取消"), (rows[4], "不参加")])
    assert (again.taken, again.known) == (1, 2)
    with town.engine.connect() as conn:
        stands = signed_up(conn, list_id, slots_of(find(conn, list_id)))
    assert {row: (one.place, one.waiting) for row, one in stands.items() if one.slot == 1} == {
        rows[0]: (1, 0), rows[1]: (2, 0),
    }  # fmt: skip


def test_the_seat_of_who_was_erased_or_withdrew_goes_to_who_waits(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    rows = ids(town, list_id)
    bring([(row, 1) for row in rows[:4]])
    with town.engine.begin() as conn:
        query = "select person_id, record_id from target_row where list_id = :l and row_id = :r"
        person, record = conn.execute(sa.text(query), {"l": list_id, "r": rows[0]}).one()
        forget_in_lists(conn, person, [record])
    withdraw(town, list_id, rows[2], "")
    with town.engine.connect() as conn:
        stands = signed_up(conn, list_id, slots_of(find(conn, list_id)))
    assert {row: one.waiting for row, one in stands.items()} == {rows[1]: 0, rows[3]: 0}
    assert [(one.signed, one.waiting) for one in slots(town, list_id)] == [(2, 0), (0, 0), (0, 0)]
    assert bring([(rows[2], 1)]).faults == {"row_unknown": 1}, "and they sign up for nothing"


def test_who_takes_a_withdrawal_back_stands_behind_whoever_has_the_seat_by_then(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    first, second, third, fourth, *_ = ids(town, list_id)
    bring([(row, 1) for row in (first, second, third)])
    withdraw(town, list_id, first)
    with town.engine.begin() as conn:
        before = signed_up(conn, list_id, slots_of(find(conn, list_id)))
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("update use_stop set lifted_at = clock_timestamp()"))
    bring([(fourth, 1)])
    with town.engine.connect() as conn:
        after = signed_up(conn, list_id, slots_of(find(conn, list_id)))
    assert [before[row].place for row in (second, third)] == [after[row].place for row in (second, third)] == [1, 2]
    assert (after[first].place, after[fourth].place) == (3, 4) and after[first].waiting == 1


def test_faults_come_back_on_the_sheet_and_the_rest_is_taken(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    rows, hill = ids(town, list_id, RIVER), ids(town, list_id, HILL)
    bring([(rows[0], 1)])
    done = bring([(rows[0], 2), (rows[1], 9), (hill[0], 3), (rows[2], 2), ("ZZZZ-ZZZZZ", 1)], RIVERS)
    assert done.taken == 1 and done.faults == {"signed_elsewhere": 1, "slot_unknown": 1, "row_unknown": 2}
    back = load_workbook(BytesIO(done.sheet or b"")).active
    assert [cell.value for cell in back[3]][-1] == "需更正" and "已报名" in str(back.cell(4, 6).value)
    twice = bring([(rows[1], 1), (rows[1], 2)])
    assert twice.taken == 0 and twice.faults == {"row_doubled": 2}
    with pytest.raises(UsageError, match="“行号”和“场次”"):
        bring([], data=saved(Workbook()))
    with pytest.raises(RefusedError):
        bring([(rows[1], 1)], Approver("x", frozenset({"auditor"})))


def test_who_came_is_a_number_of_a_slot_and_county_and_another_number_says_why(town: Office, list_id: int) -> None:
    count(town, list_id, 1, RIVER, 2, RIVERS)
    count(town, list_id, 1, RIVER, 2, RIVERS)
    with pytest.raises(UsageError, match="写明理由"):
        count(town, list_id, 1, RIVER, 3, RIVERS)
    count(town, list_id, 1, RIVER, 3, RIVERS, why="漏数一人")
    for slot, county, number, what in ((0, RIVER, 1, "came"), (4, RIVER, 1, "came"), (1, RIVER, -1, "came"),
                                       (1, "999999", 1, "came"), (1, RIVER, 1, "children"), (1, RIVER, 1, "names")):  # fmt: skip
        with pytest.raises(UsageError):
            count(town, list_id, slot, county, number, SUN, what=what)
    with pytest.raises(RefusedError):
        count(town, list_id, 1, HILL, 1, RIVERS)
    assert [one.came for one in slots(town, list_id)] == [3, None, None]


def test_no_table_can_hold_who_came(town: Office, list_id: int) -> None:
    assert {"row_id", "person_id", "record_id", "facts"} & set(metadata.tables["attendance"].columns.keys()) == set()
    assert set(metadata.tables["session_signup"].columns.keys()) == {
        "entry_id", "receipt_id", "list_id", "row_id", "county", "slot",
    }  # fmt: skip
    with pytest.raises(UsageError, match="只登记到场人数"):
        take_all_but(town, list_id, Share(RIVER), [], SUN, on_day=None, today=TODAY)
    for what, slot in (("children", 1), ("came", 0), ("came", 4)):
        with pytest.raises(IntegrityError), town.engine.begin() as conn:
            conn.execute(attendance.insert(), {"list_id": list_id, "slot": slot, "county": RIVER, "what": what,
                                               "number": 1, "counted_by": "x"})  # fmt: skip
    row = ids(town, list_id, RIVER)[0]
    with pytest.raises(IntegrityError, match="nobody's coming is kept"), town.engine.begin() as conn:
        conn.execute(sa.text("insert into receipt (list_id, via, received_by, lines, taken, faults)"
                             " values (:n, 'page', 'x', 1, 1, '{}')"), {"n": list_id})  # fmt: skip
        conn.execute(sa.text("insert into receipt_row (receipt_id, list_id, row_id, county, outcome, delivered, correction)"
                             " select max(receipt_id), :n, :r, :c, 'full', 1, false from receipt"),
                     {"n": list_id, "r": row, "c": RIVER})  # fmt: skip


def test_a_closed_list_forgets_who_signed_up_and_keeps_how_many(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    rows = ids(town, list_id)
    bring([(row, 1) for row in rows])
    with pytest.raises(IntegrityError), town.engine.begin() as conn:
        conn.execute(sa.text("delete from session_signup"))
    close(town, list_id, SUN, reason="办完")
    with town.engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from session_signup")) == 0
        assert counted(conn, list_id) == {(1, RIVER, "signed"): 3, (1, HILL, "signed"): 2}
    assert [(one.signed, one.waiting) for one in slots(town, list_id)] == [(5, 3), (0, 0), (0, 0)]
    with pytest.raises(ConflictError):
        bring([(rows[0], 2)])
    count(town, list_id, 1, RIVER, 2, SUN, why="会后补登")


def test_an_event_counts_people_and_children_and_nobody_signs_up(town: Office, warm_winter: Campaign) -> None:
    of = unapproved(town.settings, "traffic_safety")
    same = {"purpose": "warm_winter", "eligibility": {"active": True}, "occasion": warm_winter.occasion}
    event = of.model_copy(update=same)
    number = draw(town, event, AS_OF, lock=True, by="sun").list_id
    count(town, number, 0, RIVER, 12, RIVERS)
    count(town, number, 0, RIVER, 7, RIVERS, what="children")
    with town.engine.connect() as conn:
        assert counted(conn, number) == {(0, RIVER, "came"): 12, (0, RIVER, "children"): 7}
    with pytest.raises(UsageError, match="不是场次活动"):
        sign_up(town, number, sheet(town, number, [(ids(town, number)[0], 1)]), SUN, name="x", via="page")


def test_the_countys_workbook_asks_for_a_slot_and_tells_each_slot_who_is_expected(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    def book() -> Any:
        with town.engine.connect() as conn:
            files = list_files(conn, town.keys, town.settings, find(conn, list_id), pdf=False)
            return load_workbook(BytesIO(next(file for file in files if file.recipient == f"county:{RIVER}").content))

    first = book()
    titles = [cell.value for cell in first["名单"][3]]
    assert "场次" in titles and "结果" not in titles
    rows = ids(town, list_id, RIVER)
    at = titles.index("场次") + 1
    for line in range(4, 4 + len(rows)):
        first["名单"].cell(line, at, "1")
    assert bring([], data=saved(first)).taken == 3, "the very sheet that went out comes back"
    expected = book()["场次 1"]
    told = [[cell.value for cell in line] for line in expected.iter_rows(min_row=4, max_row=6)]
    assert sorted(line[1] for line in told) == rows and sorted(str(line[-1]) for line in told) == [
        "候补 1",
        "有名额",
        "有名额",
    ]


def test_a_slot_is_named_by_number_or_by_place_and_time() -> None:
    declared = {"places": [place.model_dump(mode="json") for place in PLACES]}
    found = slots_of(SimpleNamespace(passport={"declaration": declared}))  # type: ignore[arg-type]
    assert [one.told() for one in found][2] == "上党区快递园区 14:00-15:00"
    for cell, number in (("1", 1), ("场次 2", 2), ("第３场", 3), ("上党区快递园区14:00-15:00", 3), (" 取消 ", CANCELLED),
                         ("0", CANCELLED), ("4", None), ("下午", None), ("1.5", None), ("-1", None)):  # fmt: skip
        assert read_slot(cell, found) == number, cell


def test_the_brief_of_a_session_counts_who_came_and_names_no_receipt(
    town: Office, list_id: int, bring: Callable[..., SignedUp]
) -> None:
    bring([(row, 1) for row in ids(town, list_id)])
    count(town, list_id, 1, RIVER, 2, SUN)
    count(town, list_id, 1, HILL, 1, SUN)
    for closed in (False, True):
        found = brief(town, list_id)
        page = render_brief(found, TODAY)
        assert [(step.name, step.people) for step in found.visits] == [("报名", 5), ("到场", 3)], closed
        assert "已领" not in page and "没有回执" not in page and "占名单 60.0%" in page
        queries = [html.unescape(one) for one in re.findall(r'<code class="visits">(.*?)</code>', page)]
        with town.engine.connect() as conn:
            assert [conn.scalar(sa.text(query)) for query in queries] == [5, 3]
        if not closed:
            close(town, list_id, SUN, reason="办完")
