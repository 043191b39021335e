"""Mobiles for the time in which they were borne: what was evidence once stays it, what changed hands says nothing."""

from __future__ import annotations

from datetime import date

from rosters import Office, person
from talentpool.match import links, match
from talentpool.match.facts.records import read_ids, read_records
from talentpool.match.persons.write import keep_records

BASE = person(1, name="欧阳潞襄")


def ids(office: Office) -> dict[tuple[str, str], str]:
    return {(partner, staff_no): person_id for partner, staff_no, person_id in links(office.engine)}


def test_a_mobile_that_both_bore_at_one_time_stays_evidence(office: Office) -> None:
    """What made one person of two does not go because one of the two companies learns of a new number first."""
    bare = BASE | {"document_no": "", "birth_date": ""}
    office.deliver("2026-10-31", [bare], partner="postal")
    office.deliver(
        "2026-10-31", [bare | {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01"}], partner="didi"
    )
    match(office.engine, office.keys)
    before = ids(office)
    assert len(before) == 2 and len(set(before.values())) == 1
    for day, mobile in (("2026-11-15", "13700000012"), ("2026-11-30", "13700000012"), ("2026-12-31", "")):
        told = {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01", "mobile": mobile, "station": day}
        office.deliver(day, [bare | told], partner="didi", kind="delta")
        match(office.engine, office.keys)
        assert ids(office) == before
    match(office.engine, office.keys, full=True)
    assert ids(office) == before and office.ask("select 1 from person_event") == []


def test_a_mobile_that_changed_hands_unites_nobody(office: Office) -> None:
    bare = BASE | {"document_no": "", "birth_date": ""}
    office.deliver("2026-10-31", [bare], partner="postal")
    office.deliver("2026-11-30", [bare | {"mobile": "13700000012"}], partner="postal", kind="full")
    office.deliver(
        "2026-12-31", [bare | {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01"}], partner="didi"
    )
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 2
    match(office.engine, office.keys, full=True)
    assert len(set(ids(office).values())) == 2


def test_a_mobile_of_before_counts_from_when_it_was_first_borne_whatever_else_changed_since(office: Office) -> None:
    """Another station is no other mobile, and a roster without one does not say that there was none."""
    bare = BASE | {"document_no": "", "birth_date": ""}
    other = bare | {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01"}
    office.deliver("2026-08-31", [bare], partner="postal")
    office.deliver("2026-08-31", [other], partner="didi")
    office.deliver("2026-09-15", [other | {"mobile": "13700000013"}], partner="didi", kind="delta")
    office.deliver("2026-09-30", [bare | {"station": "九月站"}], partner="postal", kind="full")
    office.deliver("2026-10-31", [bare | {"mobile": ""}], partner="postal", kind="full")
    office.deliver("2026-11-30", [bare | {"mobile": "13700000012"}], partner="postal", kind="full")
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 1
    match(office.engine, office.keys, full=True)
    assert len(set(ids(office).values())) == 1


def test_a_mobile_counts_from_when_it_is_told_not_from_when_the_one_before_went_blank(office: Office) -> None:
    """Nobody knows whose it was in between: another who gave it up before it was told here is not the same by it."""
    bare = BASE | {"document_no": "", "birth_date": ""}
    other = bare | {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01", "mobile": "13700000012"}
    office.deliver("2026-08-31", [bare], partner="postal")
    office.deliver("2026-08-31", [other], partner="didi")
    office.deliver("2026-09-30", [bare | {"mobile": ""}], partner="postal", kind="full")
    office.deliver("2026-10-31", [other | {"mobile": "13700000013"}], partner="didi", kind="delta")
    office.deliver("2026-11-30", [bare | {"mobile": "13700000012"}], partner="postal", kind="full")
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 2
    match(office.engine, office.keys, full=True)
    assert len(set(ids(office).values())) == 2


def test_the_mobile_before_is_the_one_that_was_borne_last_whatever_is_told_of_a_day_before(office: Office) -> None:
    bare = BASE | {"document_no": "", "birth_date": ""}
    other = bare | {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01"}
    office.deliver("2026-06-30", [bare], partner="postal")
    office.deliver("2026-11-30", [bare | {"mobile": "13700000012"}], partner="postal", kind="full")
    office.deliver("2026-08-31", [bare | {"mobile": "13700000019"}], partner="postal", kind="full")
    assert office.one("select count(*) from source_record_history where partner = 'postal'") == 2
    office.deliver("2026-10-31", [other], partner="didi")
    office.deliver("2026-11-30", [other | {"mobile": "13700000014"}], partner="didi", kind="delta")
    with office.engine.begin() as conn:
        keep_records(conn, "match_wanted", read_ids(conn, "source_record"))
        facts = read_records(conn, office.keys, wanted=True).features.facts
    ends = facts.former_until[facts.former != 0]
    assert len(ends) == 2 and set(ends) == {(date(2026, 11, 30) - date(1970, 1, 1)).days}


def test_a_past_that_is_told_later_is_looked_at(office: Office) -> None:
    """A roster of an earlier day says that both bore the number at one time: what a full run sees, a month sees too."""
    bare = BASE | {"document_no": "", "birth_date": ""}
    office.deliver(
        "2026-08-31", [bare | {"staff_no": "D1", "county": "140404", "hired_on": "2023-07-01"}], partner="didi"
    )
    office.deliver("2026-11-30", [bare | {"mobile": "13700000012"}], partner="postal")
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 2
    office.deliver("2026-10-31", [bare], partner="postal")
    match(office.engine, office.keys)
    month = ids(office)
    match(office.engine, office.keys, full=True)
    assert ids(office) == month and len(set(month.values())) == 1
