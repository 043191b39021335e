"""Between the draft and the lock people are merged, split, suspended and erased, and days move: none of it is locked unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from approvals import approve_open, unapproved
from asking import withdraw
from rosters import TWINS, Office, document, person
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.forgetting import forget_in_lists, stop_in_lists
from talentpool.campaigns.life.acting import cancel, resume
from talentpool.campaigns.planning import dates
from talentpool.campaigns.verifying import verify_list
from talentpool.declare import Campaign, load_campaign
from talentpool.errors import UsageError
from talentpool.match import match
from talentpool.office import Office as AnyOffice
from talentpool.review import judge, pending
from talentpool.review.splits import split

AS_OF = date(2026, 10, 31)
OFFICER = Approver("sun", frozenset({"city_officer"}))
CITY = Approver("qian", frozenset({"city_approver"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in ("140403", "140404"))
WHO = {"by": "李专员", "note": "电话核实"}


@pytest.fixture
def shipped(office: Office) -> Campaign:
    return load_campaign(office.settings.campaign_dirs, "warm_winter")


def young(number: int, **changes: Any) -> dict[str, str]:
    return person(number, document_no=document(number, "1999-05-05"), **changes)


def twins(office: Office) -> str:
    """Two records that may be one person of an age for the list, beside somebody else: what their pair is called."""
    twin = {**TWINS, "birth_date": "1999-05-05"}
    office.deliver("2026-10-31", [person(1, name="王建国", **twin)], partner="postal")
    office.deliver("2026-10-31", [person(2, staff_no="D1", name="王建军", **twin), young(7)])
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        (found,) = pending(conn, office.keys)
    return str(found["pair_id"])


def of_records(office: Office, records: list[Any]) -> int:
    return int(office.one("select count(*) from target_row where record_id = any(:records)", records=records))


def test_whose_consent_ended_after_the_draft_is_not_locked_and_not_drawn_again(
    office: Office, shipped: Campaign
) -> None:
    rows = [young(number) for number in range(1, 5)]
    office.deliver("2026-10-31", rows)
    first = draw(office, shipped, AS_OF, by="li")
    approve_open(office)
    assert first.selected == 4
    office.deliver("2026-11-05", [*rows[:3], rows[3] | {"consented_on": "", "notice_version": ""}])
    with pytest.raises(UsageError, match="其中 1 人的授权已中止"):
        draw(office, shipped, AS_OF, lock=True, by="li")
    again = draw(office, shipped, AS_OF, by="li")
    assert (again.selected, again.excluded) == (3, {"consent_ended": 1})
    approve_open(office)
    locked = draw(office, shipped, AS_OF, lock=True, by="li")
    office.deliver("2026-11-06", rows)
    assert verify_list(office, locked.list_id).equal, "the list's own word stands, though consent counts again"


def test_who_was_merged_since_is_erased_from_a_list_that_knew_two(office: Office) -> None:
    pair = twins(office)
    locked = draw(office, unapproved(office.settings), AS_OF, lock=True)
    judge(office, pair, "same", **WHO)
    records = [row[0] for row in office.ask("select record_id from record_person where person_id in"
               " (select person_id from record_person group by 1 having count(*) = 2)")]  # fmt: skip
    assert of_records(office, records) == 2
    done = withdraw(office, "didi:D1", by="李专员", reason="本人书面申请", received_on=AS_OF)
    assert done.lists_flagged == [locked.list_id]
    assert of_records(office, records) == 0
    assert office.one("select count(*) from target_row where facts ? 'erased'") == 2


def test_a_draft_that_knows_the_person_by_another_id_goes_too(town: AnyOffice, careful: Campaign, city: Any) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    other, person_id = city.people["河边0"], city.people["河边1"]
    with town.engine.begin() as conn:
        record = conn.scalar(sa.text("select record_id from target_row where person_id = :p"), {"p": other})
        city.merge(other, person_id)
        assert stop_in_lists(conn, city.people["山上0"], [record]).cut == [drawn.list_id]


@pytest.mark.parametrize("take_off", [stop_in_lists, forget_in_lists])
def test_a_cancelled_draft_does_not_come_back_with_who_must_not_be_used(
    town: AnyOffice, careful: Campaign, city: Any, say: Callable[..., Any], take_off: Any
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(drawn.list_id, who)
    cancel(town, careful, "2026", OFFICER, reason="物资未到")
    with town.engine.begin() as conn:
        assert take_off(conn, city.people["河边0"], []).cut == [drawn.list_id]
    resume(town, careful, "2026", OFFICER, reason="物资已到")
    with town.engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from target_list")) == 0


def test_who_was_split_since_is_drawn_again_before_the_lock(office: Office, shipped: Campaign) -> None:
    judge(office, twins(office), "same", **WHO)
    first = draw(office, shipped, AS_OF, by="li")
    approve_open(office)
    assert first.selected == 2
    both = office.one("select person_id from record_person group by 1 having count(*) = 2")
    records = [row[0] for row in office.ask("select record_id from record_person where person_id = :p", p=both)]
    split(office, both, records[:1], **WHO)
    gone = "select record_id from record_person where record_id = any(:r) and person_id <> :p"
    moved = office.one(gone, r=records, p=both)
    with office.engine.begin() as conn:  # whichever of the two goes on under the id: this is the other's case
        conn.execute(sa.text("update target_row set record_id = :r where person_id = :p"), {"r": moved, "p": both})
    with pytest.raises(UsageError, match="拆分"):
        draw(office, shipped, AS_OF, lock=True, by="li")
    again = draw(office, shipped, AS_OF, by="li")
    approve_open(office)
    assert (again.selected, draw(office, shipped, AS_OF, lock=True, by="li").state) == (3, "locked")


def test_a_day_that_moved_after_the_draft_is_drawn_for_again(
    town: AnyOffice, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(drawn.list_id, who)
    with town.engine.begin() as conn:
        moved = (careful, "2026", date(2026, 12, 28))
        dates.move(conn, *moved, by="sun", reason="场地", today=date(2026, 11, 1))
    with pytest.raises(UsageError, match="活动日已改为 2026-12-28"):
        draw(town, careful, AS_OF, lock=True, by="li")
    assert draw(town, careful, AS_OF, by="li").list_id == drawn.list_id, "the same people: their approvals stand"
    assert draw(town, careful, AS_OF, lock=True, by="li").state == "locked"


@pytest.mark.parametrize(
    "change",
    ["person_id = gen_random_uuid()", "station = '北街站'", "selected = false, reason = 'age_outside'"],
)
def test_rows_that_are_not_those_that_were_approved_are_not_locked(
    town: AnyOffice, careful: Campaign, say: Callable[..., Any], change: str
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(drawn.list_id, who)
    with town.engine.begin() as conn:
        one = "row_id = (select min(row_id) from target_row)"
        conn.exec_driver_sql(f"update target_row set {change} where {one}")
    with pytest.raises(UsageError, match="内容指纹不一致"):
        draw(town, careful, AS_OF, lock=True, by="li")
    again = draw(town, careful, AS_OF, by="li")
    assert again.list_id != drawn.list_id and again.content_hash == drawn.content_hash
    say(again.list_id, CITY)
    assert draw(town, careful, AS_OF, lock=True, by="li").state == "locked"
