"""What a person's page and a person's own copy say of care: each receipt, under every id, in the scope of who reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from receipt_sheets import ids, sheet
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.following.complaints import note_complaint
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import correct, take
from talentpool.campaigns.receipts.told import Corrected, corrections, stands_of
from talentpool.campaigns.selection.exceptions import propose
from talentpool.declare import Campaign
from talentpool.guard import Scope, console_engine, scoped
from talentpool.model import use_stop
from talentpool.office import Office
from talentpool.services.desk.care import history
from talentpool.services.desk.list_rows import CORRECTED, NOTHING_YET, Wanted, counted, lines, matching
from talentpool.services.rights.listed import came_of, judged
from talentpool.services.rights.subject import Subject

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
DAY = date(2026, 12, 20)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
CITY = Scope("sun", frozenset({"city_officer"}), None)
RIVERS = Scope("rivers", frozenset({f"county_officer_{RIVER}"}), (RIVER,))
HILLS = Scope("hills", frozenset({f"county_officer_{HILL}"}), (HILL,))
Reading = Callable[[Scope], AbstractContextManager[sa.Connection]]


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


@pytest.fixture
def reading(town: Office) -> Iterator[Reading]:
    pages = console_engine(town.settings)
    yield lambda scope: scoped(pages, scope)
    pages.dispose()


def bring(town: Office, list_id: int, *lines: tuple[Any, ...]) -> None:
    take(town, list_id, sheet(town, list_id, lines), SUN, name="x.xlsx", today=TODAY, via="page")


def person_on(town: Office, list_id: int, row_id: str) -> tuple[UUID, UUID]:
    query = sa.text("select person_id, record_id from target_row where list_id = :l and row_id = :r")
    with town.engine.connect() as conn:
        row = conn.execute(query, {"l": list_id, "r": row_id}).one()
    return row.person_id, row.record_id


def test_what_stands_of_a_row_names_way_day_author_and_reason(town: Office, list_id: int) -> None:
    first, second, third = ids(town, list_id, RIVER)
    bring(town, list_id, (first, "已领", 1, DAY), (second, "未领"))
    correct(town, list_id, second, Outcome.REFUSED, SUN, reason="站长来电说明", today=TODAY)
    correct(town, list_id, second, Outcome.FULL, SUN, reason="下午补领", today=TODAY, on_day=DAY)
    correct(town, list_id, third, Outcome.LEFT, SUN, reason="已离职", today=TODAY)
    with town.engine.connect() as conn:
        told = stands_of(conn, [(list_id, row) for row in ids(town, list_id)], officer=False)
        changed = list(corrections(conn, list_id).values())
    said = {key[1]: (one.outcome, one.on_day, one.via, one.by, one.correction, one.reason) for key, one in told.items()}
    assert said == {
        first: ("full", DAY, "page", "sun", False, ""),
        second: ("full", DAY, "correction", "sun", True, "下午补领"),
        third: ("left", None, "correction", "sun", True, "已离职"),
    }
    assert sorted(changed, key=lambda one: (one.row_id != second, one.after)) == [
        Corrected(second, Outcome.REFUSED, Outcome.FULL),
        Corrected(second, Outcome.NONE, Outcome.REFUSED),
        Corrected(third, None, Outcome.LEFT),
    ]


def test_rows_are_filtered_by_what_stands_in_the_scope_of_who_reads(
    town: Office, list_id: int, reading: Reading
) -> None:
    mine, theirs = ids(town, list_id, RIVER), ids(town, list_id, HILL)
    bring(town, list_id, (mine[0], "已领"), (mine[1], "未领"), (theirs[0], "已领"))
    correct(town, list_id, mine[1], Outcome.REFUSED, SUN, reason="站长来电说明", today=TODAY)

    def found(scope: Scope, stands: str) -> set[str]:
        with reading(scope) as conn:
            wanted = Wanted(stands=stands)
            shown = lines(conn, town.keys, list_id, wanted, 1)
            assert matching(conn, list_id, counted(conn, list_id), wanted) == len(shown)
        return {one.row_id for one in shown}

    assert found(CITY, "full") == {mine[0], theirs[0]} and found(RIVERS, "full") == {mine[0]}
    assert found(RIVERS, "none") == set() and found(RIVERS, "refused") == found(RIVERS, CORRECTED) == {mine[1]}
    assert found(HILLS, CORRECTED) == set() and found(HILLS, NOTHING_YET) == {theirs[1]}
    with reading(RIVERS) as conn:
        line = next(one for one in lines(conn, town.keys, list_id, Wanted(), 1) if one.row_id == mine[1])
    assert line.stand is not None and (line.stand.by, line.stand.reason) == ("sun", "站长来电说明")


def test_the_history_of_care_has_lists_of_before_a_merge_and_follows_the_scope(
    city: Any, town: Office, list_id: int, reading: Reading
) -> None:
    row = ids(town, list_id, RIVER)[0]
    bring(town, list_id, (row, "已领", 1, DAY))
    note_complaint(town, list_id, "faulty", RIVER, DAY, SUN, today=TODAY, row_id=row, note="饼干受潮")
    person, _ = person_on(town, list_id, row)
    today = uuid4()
    city.merge(person, today)
    with reading(RIVERS) as conn:
        (care,) = history(conn, [today, person])
        assert history(conn, [today]) == ()
    assert care.list_id == list_id and care.campaign == "暖冬行动" and care.item and not care.counted_only
    assert care.stand is not None and (care.stand.outcome, care.stand.on_day) == ("full", DAY) and care.complaints == 1
    with reading(HILLS) as conn:
        assert history(conn, [today, person]) == (), "another county's list is none"


def test_a_draft_is_no_care_and_of_a_session_nobody_learns_who_came(
    town: Office, warm_winter: Campaign, reading: Reading
) -> None:
    drawn = draw(town, warm_winter, AS_OF, by="sun").list_id
    person, _ = person_on(town, drawn, ids(town, drawn, RIVER)[0])
    with reading(CITY) as conn:
        assert history(conn, [person]) == ()
    draw(town, warm_winter, AS_OF, lock=True, by="sun")
    with town.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("""update target_list set passport = passport || '{"form": "session"}'"""))
    with reading(CITY) as conn:
        (care,) = history(conn, [person])
    assert care.counted_only and care.stand is None and care.complaints == 0


def test_the_own_copy_says_what_came_of_every_list_under_every_id(
    city: Any, town: Office, warm_winter: Campaign, list_id: int
) -> None:
    row, other = ids(town, list_id, RIVER)[:2]
    bring(town, list_id, (row, "未领"), (other, "已离职"))
    correct(town, list_id, row, Outcome.FULL, SUN, reason="下午补领", today=TODAY, on_day=DAY)
    note_complaint(town, list_id, "faulty", RIVER, DAY, SUN, today=TODAY, row_id=row, note="饼干受潮")
    person, _ = person_on(town, list_id, row)
    propose(town, warm_winter, person, "out", reason="gone", until=TODAY, by=SUN, today=DAY)
    today = uuid4()
    city.merge(person, today)
    with town.engine.begin() as conn:
        record = person_on(town, list_id, row)[1]
        stop = {"request_id": 7, "record_id": record, "purpose": warm_winter.purpose}
        conn.execute(use_stop.insert(), stop)
        told = came_of(conn, town.settings, Subject(today, (record,)))
        assert [cells[3] for cells in judged(conn, Subject(today, ()))] == ["入选"]
    assert [cells[2:] for cells in told[:2]] == [
        ("回执", "2026-12-20", "已领 1 份（更正）；sun更正：下午补领"),
        ("投诉", "2026-12-20", "物品损坏或过期；饼干受潮；还没有答复"),
    ]
    assert told[2][2] == "人工不列入" and "已离开本地" in told[2][4] and "没有生效" in told[2][4]
    assert told[3][2] == "不参加" and told[3][4] == "第 7 号申请；有效"
    assert len(told) == 4 and all("暖冬行动" in cells[0] for cells in told)
