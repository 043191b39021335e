"""Who withdrew and comes back masked, under a new number, on another platform; and who only looks like them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from asking import withdraw
from rosters import Office, person, write_template
from talentpool.check import check
from talentpool.conform.rows.suppress import tokens
from talentpool.errors import UsageError
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.guard import record_id
from talentpool.match import match
from talentpool.model import suppression
from talentpool.services.rights import doubtful_rows, restore_consent, say_of_row, stop_list, told_to_stop

CASE = Path(__file__).resolve().parents[3] / "cases/withdrawn-comes-back"
DAY = date(2025, 10, 8)
BEFORE = datetime(2025, 8, 15, 4, tzinfo=UTC)
SIGNED: dict[str, Any] = {"by": "王主任", "reason": "本人书面申请"}
NEXT = {"as_of": date(2025, 10, 31), "kind": "full"}


def take(office: Office, name: str, partner: str = "didi", **how: Any) -> Outcome:
    return ingest(
        office,
        office.partner(partner),
        file=CASE / f"{name}.csv",
        **how,
        count=count_flags,
    )


def go(office: Office, asked: str = "didi:DD00003", **more: Any) -> None:
    withdraw(office, asked, received_on=DAY, **SIGNED, **more)


def doubtful(office: Office) -> list[dict[str, Any]]:
    with office.engine.connect() as conn:
        return doubtful_rows(conn, office.keys)


def live(office: Office, staff_no: str) -> int:
    return int(office.one("select count(*) from source_record where staff_no = :s", s=staff_no))


@pytest.mark.parametrize(
    ("first", "then", "partner", "new"),
    [
        ("1_masked", "2_new_number", "didi", "DD05000"),
        ("1_masked", "2_other_platform", "meituan", "MT9"),
        ("3_full", "4_masked_new_number", "didi", "DD05001"),
    ],
)
def test_who_withdrew_and_comes_back_under_another_number_is_refused(
    office: Office, first: str, then: str, partner: str, new: str
) -> None:
    take(office, first, as_of=date(2025, 9, 30), kind="full")
    match(office.engine, office.keys)
    go(office)
    found = take(office, then, partner, **NEXT)
    rows = 2 if partner == "didi" else 1  # the number of before is in the roster as well
    assert (found.status, found.refused, found.reasons) == ("published", rows, {"withdrawn": rows})
    assert live(office, new) == 0
    told = check(office, office.partner(partner), CASE / f"{then}.csv",
                 as_of=date(2025, 11, 30), kind="full")  # fmt: skip
    assert (told.outcome.refused, told.outcome.quarantined, told.errors) == (0, 0, [])


HERS = person(7, name="乔宁刚", document_no="1401**********0079", birth_date="1993-04-04", mobile="13763548472")
CITY = [person(n) for n in range(10, 40)]
NEW = HERS | {"staff_no": "N1"}


@pytest.fixture
def gone(office: Office) -> Office:
    office.deliver("2025-09-30", [HERS, *CITY])
    match(office.engine, office.keys)
    go(office, "didi:T00007")
    return office


REFUSED = [
    {"mobile": "137****8472"},
    {"document_no": "", "birth_date": ""},
    {"name": "喬寧剛"},
    {"name": "乔宁刚师傅", "document_no": ""},
    {"document_no": "140199199304040079", "mobile": ""},
    {"mobile": "", "mobile2": "13763548472", "document_no": ""},
    {"mobile": "13900000001"},
    {"county": "140404", "document_no": ""},
    {"name": "乔**", "birth_date": ""},
]
HELD = [
    {"mobile": "", "document_no": ""},
    {"mobile": "13900000001", "document_no": ""},
    {"birth_date": "", "mobile": ""},
    {"name": "乔宁钢"},
    {"birth_date": "1990-01-01"},
    {"name": "乔**", "mobile": ""},
    {"name": "乔**", "document_no": "", "birth_date": ""},
    {"name": "乔*刚", "mobile": "137****8472", "birth_date": ""},
]
TAKEN = [
    {"mobile": "13900000001", "document_no": "1401**********0095"},
    {"name": "郝大伟", "birth_date": "1990-01-01", "document_no": ""},
    {"mobile": "", "birth_date": "1990-01-01", "document_no": ""},
]


@pytest.mark.parametrize("changed", REFUSED, ids=str)
def test_what_certainly_names_the_person_is_refused(gone: Office, changed: dict[str, str]) -> None:
    found = gone.deliver("2025-10-31", [NEW | changed, *CITY])
    assert (found.reasons, live(gone, "N1")) == ({"withdrawn": 1}, 0)
    assert gone.one("select count(*) from quarantine") == 0


@pytest.mark.parametrize("changed", HELD, ids=str)
def test_a_doubtful_row_waits_alone_and_no_partner_is_told(gone: Office, changed: dict[str, str]) -> None:
    rows = [NEW | changed, *CITY]
    found = gone.deliver("2025-10-31", rows)
    assert (found.status, found.accepted, found.quarantined) == ("published", 30, 1)
    assert found.reasons["withdrawn_doubtful"] == 1
    assert [(row["partner"], row["row_no"]) for row in doubtful(gone)] == [("didi", 1)]
    told = check(gone, gone.partner(), write_template(gone.folder / "c.csv", rows),
                 as_of=date(2025, 11, 30), kind="full")  # fmt: skip
    assert (told.outcome.accepted, told.outcome.quarantined) == (31, 0)
    assert "withdrawn" not in json.dumps(told.as_json())


@pytest.mark.parametrize("changed", TAKEN, ids=str)
def test_who_is_clearly_somebody_else_is_taken_in(gone: Office, changed: dict[str, str]) -> None:
    found = gone.deliver("2025-10-31", [NEW | changed, *CITY])
    assert (found.accepted, live(gone, "N1")) == (31, 1)


PERMITS = [
    ("台湾居民来往大陆通行证", "1234567801", "1234567802"),
    ("港澳居民来往内地通行证", "H1234567801", "H1234567802"),
]


@pytest.mark.parametrize(("kind", "before", "renewed"), PERMITS)
def test_a_renewed_permit_is_the_one_that_withdrew(office: Office, kind: str, before: str, renewed: str) -> None:
    """All else of the row is another's: the number that stays tells."""
    his = person(7, document_type=kind, document_no=before)
    office.deliver("2025-09-30", [his, *CITY])
    go(office, "didi:T00007")
    again = person(8, document_type=kind, document_no=renewed)
    somebody = person(9, document_type=kind, document_no=renewed.replace("5", "4"))
    found = office.deliver("2025-10-31", [again, somebody, *CITY])
    assert (found.reasons, live(office, "T00008"), live(office, "T00009")) == ({"withdrawn": 1}, 0, 1)


def test_a_number_of_another_kind_that_begins_alike_is_taken_in(office: Office) -> None:
    office.deliver("2025-09-30", [person(7, document_type="军官证", document_no="1234567801"), *CITY])
    go(office, "didi:T00007")
    office.deliver("2025-10-31", [person(8, document_type="台湾居民来往大陆通行证", document_no="1234567802"), *CITY])
    assert live(office, "T00008") == 1


def test_a_namesake_who_was_there_before_does_not_wait(office: Office) -> None:
    apart = {"document_no": "", "birth_date": "1993-04-04", "county": "140429", "sex": "女", "mobile": "13912340008"}
    namesake = person(8, name="乔宁刚", **apart)
    office.deliver("2025-09-30", [HERS, namesake, *CITY])
    match(office.engine, office.keys)
    assert office.one("select count(*) = count(distinct person_id) from record_person"), "they are two people"
    go(office, "didi:T00007")
    found = office.deliver("2025-10-31", [HERS, namesake | {"station": "新站"}, *CITY])
    assert (found.accepted, found.reasons) == (31, {"withdrawn": 1})


def test_the_offices_word_on_a_doubtful_row_is_remembered(gone: Office) -> None:
    row = NEW | HELD[0]
    first = gone.deliver("2025-10-31", [row, *CITY])
    assert first.delivery_id
    say_of_row(gone, first.delivery_id, 1, "different", **SIGNED)
    assert doubtful(gone) == []
    found = gone.deliver("2025-11-30", [row, *CITY])
    assert (found.accepted, live(gone, "N1")) == (31, 1)


def test_a_row_that_is_the_person_is_erased_and_refused_from_then_on(gone: Office) -> None:
    row = NEW | HELD[0]
    first = gone.deliver("2025-10-31", [row, *CITY])
    assert first.delivery_id
    say_of_row(gone, first.delivery_id, 1, "same", **SIGNED)
    assert gone.one("select count(*) from quarantine") == 0
    found = gone.deliver("2025-11-30", [row, *CITY])
    assert found.reasons == {"withdrawn": 1}
    with pytest.raises(UsageError, match="no such row"):
        say_of_row(gone, first.delivery_id, 1, "same", **SIGNED)


def test_a_number_that_was_handed_on_is_the_new_persons(gone: Office) -> None:
    other = person(55, staff_no="T00007")
    found = gone.deliver("2025-10-31", [other, *CITY])
    assert (found.accepted, live(gone, "T00007")) == (31, 1)
    again = gone.deliver("2025-11-30", [other, *CITY])
    assert (again.accepted, again.reasons) == (31, {})
    masked = person(56, staff_no="T00007", document_no="", mobile="")
    assert gone.deliver("2025-12-15", [masked], kind="delta").reasons.get("withdrawn") is None


def test_whom_the_number_was_handed_on_to_is_not_withdrawn_with_its_former_bearer(office: Office) -> None:
    city = [*CITY, *(person(n) for n in range(100, 180))]
    office.deliver("2025-08-31", [HERS, *city])
    heir = person(55, staff_no="T00007")
    assert office.deliver("2025-09-30", [heir, *city]).reasons == {"staff_no_reused": 1}
    match(office.engine, office.keys)
    go(office, "didi:T00007")
    found = office.deliver("2025-10-31", [heir | {"staff_no": "N7"}, *city])
    assert ("withdrawn" not in found.reasons, live(office, "N7")) == (True, 1)
    assert office.deliver("2025-11-30", [NEW, *city]).reasons.get("withdrawn") == 1, "she still is"


def test_consent_given_anew_lets_the_person_in_when_it_is_dated_after_the_withdrawal(gone: Office) -> None:
    with pytest.raises(UsageError, match="proof"):
        restore(gone, proof=" ")
    with pytest.raises(UsageError, match="nobody who withdrew"):
        restore(gone, staff="didi:T00010")
    done = restore(gone)
    assert done["consent_dated_after"] == "2025-10-08"
    old = gone.deliver("2025-10-31", [HERS, *CITY])
    assert old.reasons == {"withdrawn": 1}, "the old consent is not the new one"
    anew = HERS | {"consented_on": "2025-11-02"}
    found = gone.deliver("2025-11-30", [anew, *CITY])
    assert (found.accepted, live(gone, "T00007")) == (31, 1)
    assert gone.ask("select kind, done_at is not null from person_request order by request_id")[-1] == ("restore", True)
    assert gone.ask("select action, actor from audit_log order by seq")[-1] == ("decision", "王主任")
    go(gone, "didi:T00007")
    assert gone.deliver("2025-12-31", [anew, *CITY]).reasons == {"withdrawn": 1}, "and may be withdrawn again"


def restore(office: Office, **how: Any) -> dict[str, Any]:
    asked = {"staff": "didi:T00007", "proof": "档案 12 号", "received_on": date(2025, 11, 3)} | SIGNED | how
    return restore_consent(office, **asked)


def test_a_withdrawal_of_before_still_refuses_and_can_be_restored(office: Office) -> None:
    """Tokens that an earlier release wrote: of the record and of the document, and of nobody in particular."""
    row = person(7)
    both = tokens(office.keys, [record_id(office.keys, "didi", "T00007").bytes], [row["document_no"]])[0]
    with office.engine.begin() as conn:
        conn.execute(suppression.insert(), [{"token": UUID(bytes=token), "made_at": BEFORE} for token in both])
    found = office.deliver("2025-09-30", [row, row | {"staff_no": "N1", "mobile": ""}, *CITY])
    assert found.reasons == {"withdrawn": 2}
    restore(office, staff=None, document=row["document_no"])
    assert str(office.one("select withdrawn_on from withdrawal")) == "2025-08-15"
    back = office.deliver("2025-10-31", [row | {"consented_on": "2025-10-20"}, *CITY])
    assert (back.accepted, live(office, "T00007")) == (31, 1)


def test_a_partner_is_told_to_stop_only_on_the_persons_written_wish(office: Office) -> None:
    office.deliver("2025-09-30", [HERS, *CITY])
    office.deliver("2025-09-30", [HERS | {"staff_no": "S7"}, person(50)], partner="sf", kind="full")
    match(office.engine, office.keys)
    go(office, "didi:T00010")
    assert office.ask("select * from stop_notice") == []
    go(office, "didi:T00007", tell_partner=True)
    with office.engine.connect() as conn:
        assert (stop_list(conn, "didi"), stop_list(conn, "sf")) == (["T00007"], []), "of nobody else's roster"
    assert told_to_stop(office, "didi", by="王主任") == 1
    assert office.ask("select * from stop_notice") == []


def test_an_unlinked_record_of_who_withdrew_is_suspended_when_its_roster_comes(office: Office) -> None:
    """Two records that nobody has brought together yet: the second is known as the person by its next roster."""
    office.deliver("2025-09-30", [HERS, *CITY])
    match(office.engine, office.keys)
    go(office, "didi:T00007")
    with office.engine.begin() as conn:
        kept = conn.execute(sa.text("delete from suppression returning token, withdrawal_id, made_at")).mappings().all()
    office.deliver("2025-09-30", [HERS | {"staff_no": "S7"}, person(50), person(51)], partner="sf", kind="full")
    with office.engine.begin() as conn:
        conn.execute(suppression.insert(), [dict(row) for row in kept])
    office.deliver("2025-10-31", [HERS | {"staff_no": "S7"}, person(50), person(51)], partner="sf", kind="full")
    assert office.ask("select status from source_record where staff_no = 'S7'") == [("suspended",)]
