"""Who says that a consent counts, that a row is somebody who withdrew, and that a partner was told: held where it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from asking import withdraw
from rosters import Office, person
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.model import officer
from talentpool.services.rights import (
    doubtful_rows,
    hand_out,
    resume,
    say_of_row,
    stop_counts,
    stop_letter,
    suspensions,
    told_to_stop,
)
from talentpool.services.rights.suspended import Suspension

HERE, THERE = "140425", "140403"
CITY = [person(n, county=HERE if n % 2 else THERE) for n in range(1, 31)]
SAID: dict[str, Any] = {"by": "li", "reason": "单位漏填"}


def ended(*numbers: int, **said: str) -> list[dict[str, str]]:
    """The city with some whose consent ended."""
    how = said or {"consented_on": "", "notice_version": ""}
    return [row | (how if n in numbers else {}) for n, row in enumerate(CITY, start=1)]


@pytest.fixture
def waits(office: Office) -> Office:
    """1 works in HERE, 2 in THERE; both are suspended."""
    office.deliver("2026-08-31", CITY)
    office.deliver("2026-09-30", ended(1, 2))
    return office


def listed(office: Office, counties: tuple[str, ...] | None = None) -> list[Suspension]:
    with office.engine.connect() as conn:
        found, total = suspensions(conn, counties)
    assert total == len(found)
    return found


def again(office: Office, number: int, **how: Any) -> dict[str, Any]:
    return resume(office, f"didi:T{number:05d}", **SAID | how)


def known(office: Office, name: str, role: str, counties: list[str] | None, **more: Any) -> None:
    with office.engine.begin() as conn:
        conn.execute(
            officer.insert(),
            {"name": name, "login": f"officer_{name}", "role": role, "counties": counties, "added_by": "admin"} | more,
        )


def test_a_county_is_told_of_its_own_and_a_person_without_a_county_is_the_citys(waits: Office) -> None:
    assert [one.county for one in listed(waits, (HERE,))] == [HERE]
    assert [one.county for one in listed(waits, (THERE, "140404"))] == [THERE]
    assert listed(waits, ()) == [] and len(listed(waits)) == 2
    with waits.engine.begin() as conn:
        conn.execute(sa.text("update source_record set county = null where staff_no = 'T00001'"))
    assert listed(waits, (HERE,)) == [] and len(listed(waits)) == 2
    with pytest.raises(RefusedError):
        again(waits, 1, counties=(HERE,))
    with waits.engine.connect() as conn:
        found, total = suspensions(conn, None, limit=1)
    assert (len(found), total) == (1, 2)


@pytest.mark.parametrize("counties", [(THERE,), (), ("140404",)])
def test_nobody_resumes_a_person_of_a_county_that_is_not_theirs(waits: Office, counties: tuple[str, ...]) -> None:
    with pytest.raises(RefusedError) as refused:
        again(waits, 1, counties=counties)
    assert refused.value.code == "scope" and len(listed(waits)) == 2
    assert waits.ask("select 1 from audit_log where action = 'decision'") == []


def test_the_offices_own_table_is_asked_whatever_the_door_says(waits: Office) -> None:
    known(waits, "li", f"county_officer_{THERE}", [THERE])
    known(waits, "zhao", "city_approver", None)
    known(waits, "gone", "city_officer", None, removed_at=datetime(2026, 11, 1, tzinfo=UTC))
    for by, code in (("li", "scope"), (" LI ", "scope"), ("zhao", "role"), ("gone", "role")):
        with pytest.raises(RefusedError) as refused:
            again(waits, 1, by=by)
        assert refused.value.code == code, by
    assert again(waits, 2, by="li")["lifted"] == 1


def test_a_person_who_moved_to_another_county_meanwhile_is_that_countys(waits: Office) -> None:
    seen = listed(waits, (HERE,))[0].moment
    with waits.engine.begin() as conn:
        conn.execute(sa.text("update source_record set county = :c where staff_no = 'T00001'"), {"c": THERE})
    with pytest.raises(RefusedError):
        again(waits, 1, counties=(HERE,), seen=seen)
    with pytest.raises(ConflictError):
        again(waits, 1, seen=seen)


def test_a_missing_consent_that_became_a_withdrawal_is_another_suspension(waits: Office) -> None:
    seen = listed(waits, (HERE,))[0]
    assert (seen.cause, seen.since, seen.kind, seen.last_roster) == (
        "missing", date(2026, 9, 30), "full", date(2026, 9, 30),
    )  # fmt: skip
    waits.deliver("2026-10-31", ended(1, notice_version="撤回"))
    (now,) = listed(waits, (HERE,))
    assert (now.cause, now.since, now.delivery_id) == ("withdrawn", seen.since, seen.delivery_id), (
        "one line, the graver"
    )
    with pytest.raises(ConflictError):
        again(waits, 1, seen=seen.moment)
    assert again(waits, 1, seen=now.moment)["lifted"] == 2


def test_a_decision_keeps_its_paper_and_no_number_of_a_person(waits: Office) -> None:
    again(waits, 1, reason=f"电话 {CITY[0]['mobile']} 核实", proof="档案 12 号", counties=(HERE,))
    ((reason, scope, proof),) = waits.ask(
        "select reason, scope, details->>'proof' from audit_log where action = 'decision'"
    )
    assert CITY[0]["mobile"] not in reason and (scope, proof) == (HERE, "档案 12 号")


HERS = person(77, name="乔宁刚", document_no="1401**********0079", birth_date="1993-04-04", mobile="13763548472")
NEW = HERS | {"staff_no": "N1", "mobile": "", "document_no": ""}


@pytest.fixture
def doubtful(office: Office) -> tuple[Office, int]:
    office.deliver("2026-08-31", [HERS, *CITY])
    withdraw(office, "didi:T00077", by="li", reason="本人书面申请",
             received_on=date(2026, 9, 1), tell_partner=True)  # fmt: skip
    found = office.deliver("2026-09-30", [NEW, *CITY])
    assert found.delivery_id
    return office, found.delivery_id


def say(office: Office, delivery: int, word: str, **how: Any) -> None:
    say_of_row(office, delivery, 1, word, **SAID | how)


def test_a_second_word_is_refused_where_the_first_was_looked_for(doubtful: tuple[Office, int]) -> None:
    office, delivery = doubtful
    known(office, "zhao", f"county_officer_{HERE}", [HERE])
    with pytest.raises(RefusedError):
        say(office, delivery, "same", by="zhao")
    say(office, delivery, "different", seen=False, reason="证件 140199199304040079 不同")
    with pytest.raises(ConflictError):
        say(office, delivery, "same", seen=False)
    assert office.ask("select verdict from suppression_word") == [("different",)]
    assert "140199" not in str(office.ask("select reason from suppression_word union select reason from audit_log"))
    say(office, delivery, "same")
    assert office.ask("select count(*) from quarantine") == [(0,)], "the command line may still say otherwise"


def test_a_row_whose_number_was_taken_in_meanwhile_says_so(doubtful: tuple[Office, int]) -> None:
    office, delivery = doubtful
    with office.engine.connect() as conn:
        assert [row["taken_in"] for row in doubtful_rows(conn, office.keys)] == [False]
    office.deliver("2026-10-31", [NEW | {"document_no": "1401**********0095", "mobile": "13900000001"}, *CITY])
    with office.engine.connect() as conn:
        assert [row["taken_in"] for row in doubtful_rows(conn, office.keys)] == [True]
    with pytest.raises(ConflictError):
        say(office, delivery, "same", seen=False)
    assert office.ask("select 1 from suppression_word") == [], "it would erase more than was looked at"
    say(office, delivery, "same", seen=True)
    assert office.ask("select 1 from source_record where staff_no = 'N1'") == []


def test_a_stop_list_is_on_record_when_it_leaves_and_only_what_left_is_forgotten(doubtful: tuple[Office, int]) -> None:
    office, _ = doubtful
    known(office, "zhao", "operator", None)
    with pytest.raises(RefusedError):
        hand_out(office, "didi", by="zhao")
    with pytest.raises(UsageError):
        hand_out(office, "didi", by=" ")
    assert hand_out(office, "sf", by="li").numbers == ()
    exports = "select reason, details->>'numbers' from audit_log where action = 'export' order by seq"
    assert office.ask(exports) == []
    left = hand_out(office, "didi", by="li")
    assert left.numbers == ("T00077",) and "T00077" not in repr(left)
    assert office.ask(exports) == [("取出停报名单", "1")]
    withdraw(office, "didi:T00003", by="li", reason="书面",
             received_on=date(2026, 9, 2), tell_partner=True)  # fmt: skip
    with pytest.raises(ConflictError):
        told_to_stop(office, "didi", by="li", seen=left.seen)
    with office.engine.connect() as conn:
        assert stop_counts(conn) == {"didi": 2}
    now = hand_out(office, "didi", by="li")
    assert told_to_stop(office, "didi", by="li", seen=now.seen) == 2


def test_the_letter_says_what_to_stop_and_nothing_of_anybody_but_the_numbers() -> None:
    letter = stop_letter("网约车平台", "共青团长治市委员会", ["T1", "T20"], date(2026, 12, 1))
    assert "网约车平台：" in letter and "共 2 个" in letter and "T1\n" in letter and "T20\n" in letter
    assert "不再包含这些工号" in letter and letter.rstrip().endswith("2026 年 12 月 1 日")
