"""A sample is drawn once, by a lottery that anybody can reckon again; answers and complaints change nothing of a list."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from receipt_sheets import ids, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.following.complaints import answer_complaint, complaints, note_complaint
from talentpool.campaigns.following.spot_check import Answer, called, draw_sample, note_answer, sample_of, share_of
from talentpool.campaigns.receipts.taking import take
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.model import target_row
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    """Five people, of whom four received."""
    number = draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id
    first, *rest = ids(town, number, RIVER) + ids(town, number, HILL)
    lines = [(first, "未领"), *((one, "已领") for one in rest)]
    take(town, number, sheet(town, number, lines), SUN, name="x.xlsx", today=TODAY, via="page")
    return number


def test_the_sample_is_that_of_the_seed_on_record_and_is_drawn_once(town: Office, list_id: int) -> None:
    assert draw_sample(town, list_id, 3, SUN) == 3
    got = [row_id for row_id, (outcome, _) in stands(town, list_id).items() if outcome == "full"]
    with town.engine.connect() as conn:
        sample, rows = sample_of(conn, list_id), called(conn, list_id)
        query = sa.select(target_row.c.row_id, target_row.c.person_id).where(target_row.c.list_id == list_id)
        people = {row[0]: row[1] for row in conn.execute(query.where(target_row.c.row_id.in_(got)))}
    assert sample is not None and (sample.rows, sample.of_rows, sample.share) == (3, 4, None)
    lot = {row: hashlib.sha256(bytes.fromhex(sample.seed) + person.bytes).digest() for row, person in people.items()}
    assert [row.row_id for row in rows] == sorted(lot, key=lambda row: lot[row])[:3]
    with pytest.raises(ConflictError, match="只抽一次"):
        draw_sample(town, list_id, 2, SUN)
    with pytest.raises(IntegrityError, match="drawn once"), town.engine.begin() as conn:
        conn.exec_driver_sql("delete from spot_check_row")


def test_who_asked_not_to_be_used_is_not_called(town: Office, list_id: int) -> None:
    got = [row_id for row_id, (outcome, _) in stands(town, list_id).items() if outcome == "full"]
    with town.engine.begin() as conn:
        conn.execute(
            sa.text("update source_record set status = 'suspended' where record_id ="
                    " (select record_id from target_row where row_id = :row)"), {"row": got[0]})  # fmt: skip
    assert draw_sample(town, list_id, 100, SUN) == 3
    with town.engine.connect() as conn:
        assert {row.row_id for row in called(conn, list_id)} == set(got[1:])


def test_an_answer_against_a_receipt_is_shown_and_changes_nothing(town: Office, list_id: int) -> None:
    draw_sample(town, list_id, 4, SUN)
    before = stands(town, list_id)
    with town.engine.connect() as conn:
        rows = called(conn, list_id)
    hill = next(row for row in rows if row.county == HILL)
    with pytest.raises(UsageError, match="没有您负责的这一行"):
        note_answer(town, list_id, hill.row_id, Answer.CONFIRMED, RIVERS)
    with pytest.raises(RefusedError):
        note_answer(town, list_id, hill.row_id, Answer.CONFIRMED, Approver("a", frozenset({"auditor"})))
    note_answer(town, list_id, hill.row_id.lower(), Answer.UNREACHABLE, HILLS)
    note_answer(town, list_id, hill.row_id, Answer.NOT_RECEIVED, HILLS)
    others = [row for row in rows if row.row_id != hill.row_id]
    for row, answer in zip(others, (Answer.CONFIRMED, Answer.CONFIRMED, Answer.NOT_ASKED), strict=True):
        note_answer(town, list_id, row.row_id, answer, SUN)
    with town.engine.connect() as conn:
        sample, after = sample_of(conn, list_id), called(conn, list_id)
    assert [row.row_id for row in after if row.differs] == [hill.row_id]
    assert stands(town, list_id) == before
    assert sample is not None and (sample.said, sample.open) == (3, 0)
    assert sample.share == pytest.approx(2 / 3)
    assert (sample.low, sample.high) == (pytest.approx(0.2077, abs=1e-4), pytest.approx(0.9385, abs=1e-4)), "Wilson"


def test_a_share_of_nothing_is_none_and_of_everything_is_less_than_sure() -> None:
    assert share_of(0, 0) == (None, None, None)
    share, low, high = share_of(30, 30)
    assert share == 1 and low is not None and 0.88 < low < 0.89 and high == 1


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_size_that_cannot_be_is_refused(town: Office, list_id: int, size: int) -> None:
    with pytest.raises(UsageError, match="1 到 500"):
        draw_sample(town, list_id, size, SUN)


def test_the_city_draws_and_nobody_else(town: Office, list_id: int) -> None:
    with pytest.raises(RefusedError):
        draw_sample(town, list_id, 2, RIVERS)


def test_a_complaint_is_noted_without_numbers_and_answered_once(town: Office, list_id: int) -> None:
    row = ids(town, list_id, RIVER)[0]
    noted: dict[str, Any] = {"today": TODAY, "note": "他说打 13800138000 没人接"}
    number = note_complaint(town, list_id, "manner", RIVER, date(2026, 12, 1), RIVERS, row_id=row, **noted)
    with pytest.raises(RefusedError):
        note_complaint(town, list_id, "manner", HILL, date(2026, 12, 1), RIVERS, today=TODAY)
    for wrong in ({"row_id": ids(town, list_id, HILL)[0]}, {"row_id": "ABCD-EFGHJ"}):
        with pytest.raises(UsageError, match="没有这一行"):
            note_complaint(town, list_id, "other", RIVER, date(2026, 12, 1), SUN, today=TODAY, **wrong)
    for category, day in (("anger", date(2026, 12, 1)), ("other", date(1900, 1, 1)), ("other", date(2027, 1, 1))):
        with pytest.raises(UsageError):
            note_complaint(town, list_id, category, RIVER, day, SUN, today=TODAY)
    with pytest.raises(UsageError, match="没有您负责的"):
        answer_complaint(town, list_id, number, "已说明", HILLS)
    answer_complaint(town, list_id, number, "已致歉并补发", RIVERS)
    with pytest.raises(ConflictError):
        answer_complaint(town, list_id, number, "再说一次", SUN)
    with town.engine.connect() as conn:
        (found,) = complaints(conn, list_id)
    assert (found["row_id"], found["answer"], found["answered_by"]) == (row, "已致歉并补发", RIVERS.name)
    assert "138" not in found["note"]
    for statement in ("delete from complaint", "update complaint set category = 'other'"):
        with pytest.raises(IntegrityError, match="answered once"), town.engine.begin() as conn:
            conn.exec_driver_sql(statement)
