"""Legal holds: one officer keeps, two let go; each word is on record, and nobody deletes past a hold that is being placed."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
import sqlalchemy as sa

from patience import until
from rosters import Office, person
from talentpool.deliveries.holds import in_force, settle
from talentpool.errors import RefusedError, UsageError
from talentpool.match import match
from talentpool.model import officer
from talentpool.services.retention import Hold, all_holds, end, place

UNTIL = date(2027, 6, 30)
WHO = {"by": "sun", "reason": "诉讼保全"}


@pytest.fixture
def city(office: Office) -> Office:
    office.deliver("2026-10-31", [person(n) for n in range(5)])
    match(office.engine, office.keys)
    return office


def standing(office: Office, today: date = date(2026, 12, 31)) -> list[Hold]:
    with office.engine.connect() as conn:
        return all_holds(conn, today)


def test_one_officer_places_and_two_end(city: Office) -> None:
    placed = place(city, "partner:didi", until=UNTIL, **WHO)
    assert [one.about for one in standing(city)] == ["partner:didi"]
    asked = end(city, placed.hold_id, by="zhang", reason="诉讼终结")
    assert asked.ended_at is None and len(standing(city)) == 1, "the first word ends nothing"
    with pytest.raises(RefusedError) as again:
        end(city, placed.hold_id, by=" Zhang ", reason="诉讼终结")
    assert again.value.code == "same_person"
    done = end(city, placed.hold_id, by="sun", reason="已核对")
    assert (done.asked_by, done.ended_by, standing(city)) == ("zhang", "sun", [])
    with pytest.raises(UsageError, match="已经结束"):
        end(city, placed.hold_id, by="li", reason="再次")
    said = city.ask("select actor, reason, details from audit_log where subject = 'partner:didi' order by seq")
    assert [(actor, details.get("placed"), details.get("ended")) for actor, _, details in said] == [
        ("sun", True, None), ("zhang", None, False), ("sun", None, True),
    ]  # fmt: skip


def test_it_ends_by_itself_and_lasts_three_years_at_most(city: Office) -> None:
    place(city, "kind:people", until=UNTIL, **WHO)
    assert len(standing(city, UNTIL)) == 1 and standing(city, date(2027, 7, 1)) == []
    for day in (date(2026, 12, 30), date(2030, 1, 2)):
        with pytest.raises(UsageError, match="三年"):
            place(city, "kind:people", until=day, **WHO)


@pytest.mark.parametrize(
    "about",
    ["kind:nothing", "partner:nobody", "delivery:99", "delivery:x", "person:didi:T99999", "people", "list:1", ""],
)
def test_what_is_not_there_is_not_held_and_not_repeated(city: Office, about: str) -> None:
    with pytest.raises(UsageError) as told:
        place(city, about, until=UNTIL, **WHO)
    assert "T99999" not in str(told.value)
    assert standing(city) == []


def test_a_hold_is_signed_and_no_number_of_a_person_stays_in_it(city: Office) -> None:
    for words in ({"by": " ", "reason": "x"}, {"by": "sun", "reason": " "}):
        with pytest.raises(UsageError):
            place(city, "kind:people", until=UNTIL, **words)
    placed = place(city, "kind:people", until=UNTIL, by="sun", reason="涉及 13912345678")
    assert "13912345678" not in placed.reason
    assert "13912345678" not in str(city.ask("select reason from audit_log"))


def test_a_hold_on_a_person_is_of_the_records_whatever_the_person_is_later(city: Office) -> None:
    placed = place(city, "person:didi:T00001", until=UNTIL, **WHO)
    assert placed.about.startswith("person:")
    record = city.one("select record_id from source_record where staff_no = 'T00001'")
    with city.engine.connect() as conn:
        assert in_force(conn, UNTIL).records == {record}


def test_roles_that_do_not_go_with_it_are_refused(city: Office) -> None:
    with city.engine.begin() as conn:
        for name, role in (("zhou", "county_officer_140403"), ("shen", "auditor"), ("zhang", "city_approver")):
            row = {"name": name, "login": f"officer_{name}", "role": role, "counties": [], "added_by": "admin"}
            conn.execute(officer.insert().values(row))
    for name in ("zhou", "shen", "zhang"):
        with pytest.raises(RefusedError):
            place(city, "kind:people", until=UNTIL, by=name, reason="x")
    placed = place(city, "kind:people", until=UNTIL, **WHO)
    for name in ("zhou", "shen"):
        with pytest.raises(RefusedError):
            end(city, placed.hold_id, by=name, reason="x")
    assert end(city, placed.hold_id, by="zhang", reason="x").asked_by == "zhang"


def test_who_deletes_sees_a_hold_that_was_placed_before_and_keeps_others_waiting(city: Office) -> None:
    placing = Thread(target=place, args=(city, "kind:people"), kwargs={"until": UNTIL, **WHO})
    with city.engine.begin() as conn:
        settle(conn)
        placing.start()
        waits = sa.text("select exists (select from pg_locks where not granted)")
        until("the hold that waits", lambda: conn.scalar(waits), every=0.05)
        assert in_force(conn, UNTIL).kinds == frozenset()
    placing.join()
    with city.engine.begin() as conn:
        settle(conn)
        assert in_force(conn, UNTIL).kinds == {"people"}
