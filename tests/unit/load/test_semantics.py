"""What a delivery does to the live records: leaving in two steps, blanks and masks, moves, history, breakers."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
import sqlalchemy as sa

from rosters import Office, document, person
from talentpool.decide import decide
from talentpool.guard import open_personal
from talentpool.load import digest, records_at

CITY = [person(n) for n in range(1, 101)]


def status(office: Office, number: int) -> tuple:
    rows = office.ask("select status, spell_to from source_record where staff_no = :s", s=f"T{number:05d}")
    return rows[0] if rows else ()


def staged(office: Office) -> list[tuple]:
    return office.ask("select tablename from pg_tables where schemaname = 'staging'")


def test_counts_add_up_and_the_same_bytes_again_do_nothing(office: Office) -> None:
    rows = [*CITY, person(101, name=""), person(102, consented_on=""), person(103, mobile="11111111111")]
    first = office.deliver("2026-09-30", rows)
    assert (first.status, first.effect) == ("published", "live")
    assert (first.rows, first.accepted, first.quarantined, first.refused) == (103, 101, 1, 1)
    assert first.reasons == {"name_empty": 1, "no_consent": 1, "mobile_unusable": 1}
    before = digest(office.engine)
    again = office.deliver("2026-09-30", rows)
    assert (again.status, again.effect, again.rows) == ("duplicate", "none", 0)
    assert digest(office.engine) == before


def test_nothing_of_a_refused_row_is_kept(office: Office) -> None:
    office.deliver(
        "2026-09-30", [*CITY, person(102, consented_on=""), person(103, document_no=document(3, "2014-05-05"))]
    )
    assert office.one("select count(*) from source_record where staff_no in ('T00102', 'T00103')") == 0
    assert office.one("select count(*) from quarantine") == 0
    assert office.one("select count(*) from record_salt") == 100
    assert (
        office.ask(
            "select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'staging'"
        )
        == []
    )


def test_a_quarantined_row_is_kept_aside_sealed_with_its_code(office: Office) -> None:
    office.deliver("2026-09-30", [*CITY, person(104, county="火星")])
    assert office.ask("select row_no, code, sealed is not null from quarantine") == [(101, "county_unknown", True)]


def test_a_staff_number_twice_sets_all_its_rows_aside(office: Office) -> None:
    found = office.deliver("2026-09-30", [*CITY, person(105), person(105, name="韩改名")])
    assert (found.quarantined, found.reasons) == (2, {"staff_no_doubled": 2})
    assert office.one("select count(*) from source_record where staff_no = 'T00105'") == 0


def test_missing_once_is_suspected_missing_twice_is_left_and_back_is_restored(office: Office) -> None:
    office.deliver("2026-07-31", CITY)
    office.deliver("2026-08-31", CITY[1:])
    assert status(office, 1) == ("suspected", None)
    office.deliver("2026-09-30", CITY[1:])
    assert status(office, 1)[0] == "left"
    assert str(status(office, 1)[1]) == "2026-07-31"
    office.deliver("2026-10-31", CITY)
    assert status(office, 1) == ("active", None)
    assert [
        (str(a), str(b), c) for a, b, c in office.ask("select starts_on, ends_on, end_cause from employment_spell")
    ] == [("2024-03-01", "2026-07-31", "missing")]


def test_a_spell_ends_where_the_record_was_last_seen_in_whatever_order_the_rosters_came(office: Office) -> None:
    """August's roster comes after September's and lacks the person too: nobody saw them in August."""
    office.deliver("2026-07-31", CITY)
    office.deliver("2026-09-30", CITY[2:])
    late = office.deliver("2026-08-31", [CITY[1], *CITY[2:]])
    assert late.effect == "history"
    assert status(office, 1) == status(office, 2) == ("suspected", None)
    office.deliver("2026-10-31", CITY[2:])
    assert (status(office, 1)[0], str(status(office, 1)[1])) == ("left", "2026-07-31")
    assert (status(office, 2)[0], str(status(office, 2)[1])) == ("left", "2026-08-31")


def test_a_row_set_aside_still_counts_as_seen(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    office.deliver("2026-09-30", [person(1, name=""), *CITY[1:]])
    assert status(office, 1) == ("active", None)


def test_a_delta_says_nothing_about_absence(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    found = office.deliver("2026-09-30", CITY[:3], kind="delta")
    assert (found.status, status(office, 50)) == ("published", ("active", None))


def test_unchanged_rows_are_not_touched(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    before = office.ask("select record_id, xmin::text from source_record order by 1")
    office.deliver("2026-09-30", [person(1, station="新站"), *CITY[1:], person(200)])
    after = dict(office.ask("select record_id, xmin::text from source_record order by 1"))
    assert sum(after[record] != version for record, version in before) == 1
    assert office.one("select changed from delivery order by delivery_id desc limit 1") == 2


def test_a_move_closes_the_spell_and_opens_another(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    office.deliver("2026-09-30", [person(1, county="140404", station="上党站"), *CITY[1:]])
    assert [
        tuple(map(str, row)) for row in office.ask("select starts_on, ends_on, county, end_cause from employment_spell")
    ] == [("2024-03-01", "2026-09-29", "140403", "moved")]
    assert str(office.one("select spell_from from source_record where staff_no = 'T00001'")) == "2026-09-30"


def personal(office: Office, number: int) -> dict:
    record = office.one("select record_id from source_record where staff_no = :s", s=f"T{number:05d}")
    with office.engine.connect() as conn:
        return dataclasses.asdict(open_personal(conn, office.keys, [record])[record])


def test_a_blank_is_kept_by_a_delta_and_cleared_by_a_full_snapshot(office: Office) -> None:
    office.deliver("2026-07-31", CITY)
    office.deliver("2026-08-31", [person(1, mobile="", station="新站")], kind="delta")
    assert personal(office, 1)["mobile"] == CITY[0]["mobile"]
    assert office.one("select mobile_index is not null from source_record where staff_no = 'T00001'")
    office.deliver("2026-09-30", [person(1, mobile="", station="新站"), *CITY[1:]])
    assert personal(office, 1)["mobile"] == ""
    assert office.one("select mobile_status from source_record where staff_no = 'T00001'") == "missing"


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_masked_value_never_overwrites_a_full_one(office: Office, kind: str) -> None:
    office.deliver("2026-08-31", CITY)
    full = CITY[0]["document_no"]
    masked = person(1, document_no=full[:4] + "*" * 10 + full[-4:], station="新站")
    office.deliver("2026-09-30", [masked, *CITY[1:]], kind=kind)
    assert personal(office, 1)["document_no"] == full
    assert office.one("select id_number_status from source_record where staff_no = 'T00001'") == "valid"


def test_a_hyphen_for_a_number_clears_nothing(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    found = office.deliver("2026-09-30", [person(1, document_no="-"), person(2, document_no="－－"), *CITY[2:]])
    assert (found.status, found.reasons) == ("published", {"id_malformed": 2})
    assert office.ask("select id_number_status, count(*) from source_record group by 1") == [("valid", 100)]


def test_an_older_roster_writes_history_only(office: Office) -> None:
    office.deliver("2026-10-31", CITY)
    before = digest(office.engine)
    found = office.deliver("2026-09-30", [person(1, station="旧站"), *CITY[2:], person(300)])
    assert (found.status, found.effect) == ("published", "history")
    assert digest(office.engine) == before
    assert office.one("select count(*) from source_record_history") == 100
    assert office.ask(
        "select station, valid_from::text, valid_to::text from source_record_history where staff_no = 'T00001'"
    ) == [("旧站", "2026-09-30", "2026-10-31")]
    then = digest(office.engine, date(2026, 9, 30))
    assert then != digest(office.engine, date(2026, 10, 31))


def test_many_gone_at_once_are_held_and_nothing_moves(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    before = digest(office.engine)
    found = office.deliver("2026-10-31", CITY[:60])
    assert (found.status, found.effect, found.exit_code) == ("held", "none", 3)
    assert found.reasons["removals_high"] == 1
    assert digest(office.engine) == before


@pytest.mark.parametrize(("choice", "gone"), [("all", 40), ("no-removals", 0)])
def test_a_decision_carries_a_held_delivery_through(office: Office, choice: str, gone: int) -> None:
    office.deliver("2026-09-30", CITY)
    held = office.deliver("2026-10-31", CITY[:60])
    found = decide(
        office, office.partner(), held.delivery_id, choice, by="officer", reason="known"
    )  # fmt: skip
    assert (found.status, found.effect) == ("published", "live")
    assert office.one("select count(*) from source_record where status = 'suspected'") == gone


def test_nulls_that_jump_are_held(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    found = office.deliver("2026-10-31", [{**row, "mobile": ""} for row in CITY])
    assert (found.status, found.reasons["nulls_jump"]) == ("held", 1)


def test_a_gap_between_deltas_is_held(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    found = office.deliver("2026-10-31", CITY[:2], kind="delta", since="2026-09-30")
    assert (found.status, found.reasons["delta_gap"]) == ("held", 1)


def test_staff_numbers_given_to_others_are_held_or_set_aside(office: Office) -> None:
    office.deliver("2026-09-30", CITY)
    other = person(1, name="魏陌生", document_no=document(801), mobile="13700000012")
    few = office.deliver("2026-10-15", [other, *CITY[1:]])
    assert (few.status, few.reasons["staff_no_reused"]) == ("published", 1)
    many = [{**row, "name": "魏陌生", "document_no": document(800 + n)} for n, row in enumerate(CITY[:5])]
    found = office.deliver("2026-10-31", [*many, *CITY[5:]])
    assert (found.status, found.reasons["staff_no_reused_many"]) == ("held", 1)


def test_a_wrong_row_count_is_rejected_and_nothing_staged_is_kept(office: Office) -> None:
    found = office.deliver("2026-09-30", [])
    assert (found.status, found.reasons, found.exit_code) == ("rejected", {"no_rows": 1}, 4)
    assert (
        office.ask(
            "select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'staging'"
        )
        == []
    )


def statuses_at(office: Office, as_of: str) -> dict[str, str]:
    then = records_at(date.fromisoformat(as_of))
    with office.engine.connect() as conn:
        return {row.staff_no: row.status for row in conn.execute(sa.select(then.c.staff_no, then.c.status))}


def test_a_delta_between_two_snapshots_breaks_an_absence(office: Office) -> None:
    office.deliver("2026-07-31", CITY)
    office.deliver("2026-08-31", CITY[1:])
    office.deliver("2026-09-15", CITY[:1], kind="delta")
    office.deliver("2026-09-30", CITY[1:])
    assert status(office, 1) == ("suspected", None)
    office.deliver("2026-10-31", CITY)
    assert [statuses_at(office, day)["T00001"] for day in ("2026-08-31", "2026-09-15", "2026-09-30", "2026-10-31")] == [
        "suspected",
        "active",
        "suspected",
        "active",
    ]


def test_a_spell_ends_where_the_record_was_last_named(office: Office) -> None:
    office.deliver("2026-07-31", CITY)
    office.deliver("2026-08-15", CITY[5:6], kind="delta")
    office.deliver("2026-08-31", CITY[1:])
    office.deliver("2026-09-30", CITY[1:])
    assert [str(word) for word in status(office, 1)] == ["left", "2026-07-31"]


def test_a_second_version_of_a_date_takes_back_its_absences(office: Office) -> None:
    office.deliver("2026-08-31", CITY)
    office.deliver("2026-09-30", CITY[1:])
    again = office.deliver("2026-09-30", [person(1, station="新站"), *CITY[1:]])
    assert (again.status, again.effect) == ("published", "live")
    assert office.one("select count(*) from record_absence") == 0
    assert status(office, 1) == ("active", None)
    assert (
        office.one(
            "select count(*) from record_salt s left join source_record r using (delivery_id, record_id)"
            " left join source_record_history h using (delivery_id, record_id)"
            " where r.record_id is null and h.record_id is null"
        )
        == 0
    )


@pytest.mark.parametrize("day", ["2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31"])
def test_the_facts_of_a_date_do_not_change_with_later_rosters(office: Office, day: str) -> None:
    rosters = {
        "2026-07-31": CITY,
        "2026-08-31": [person(1, station="新站"), *CITY[2:]],
        "2026-09-30": [person(1, station="新站"), *CITY[3:], person(200)],
        "2026-10-31": CITY,
    }
    seen = {}
    for as_of, rows in rosters.items():
        assert office.deliver(as_of, rows).status == "published"
        if as_of == day:
            seen = statuses_at(office, day), digest(office.engine, date.fromisoformat(day))
    assert (statuses_at(office, day), digest(office.engine, date.fromisoformat(day))) == seen


def test_who_left_stays_left_on_every_later_date(office: Office) -> None:
    """Also on dates that have become the past: each snapshot says again that it does not name them."""
    days = ["2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30"]
    office.deliver("2026-07-31", CITY)
    for day in days:
        office.deliver(day, CITY[1:])
    assert [statuses_at(office, day)["T00001"] for day in days] == ["suspected", "left", "left", "left"]


def test_many_bad_rows_are_set_aside_and_too_many_hold_the_delivery(office: Office) -> None:
    few = office.deliver("2026-08-31", [*CITY[:20], *(person(n, name="") for n in range(200, 230))])
    assert (few.status, few.accepted, few.quarantined) == ("published", 20, 30)
    found = office.deliver("2026-09-30", [*CITY[:20], *(person(n, name="") for n in range(200, 300))])
    assert (found.status, found.reasons["quarantine_high"]) == ("held", 1)
