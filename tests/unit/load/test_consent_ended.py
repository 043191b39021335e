"""A known person whose consent ended is suspended at once: no list, no page; a refused row changes nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from approvals import unapproved
from asking import withdraw
from rosters import Office, person
from talentpool.campaigns import draw
from talentpool.errors import UsageError
from talentpool.guard.scope import Scope, console_engine, scoped
from talentpool.load import digest, records_at
from talentpool.pool import snapshot
from talentpool.services.desk.find import Wanted, find_people
from talentpool.services.rights import resume, suspended

CITY = [person(n) for n in range(1, 101)]
FIRST = CITY[0]
OTHERS = CITY[1:]
BLANK = FIRST | {"consented_on": "", "notice_version": ""}


def status(office: Office, number: int = 1) -> str:
    return str(office.one("select status from source_record where staff_no = :s", s=f"T{number:05d}"))


def status_on(office: Office, day: str, number: int = 1) -> str:
    then = records_at(date.fromisoformat(day))
    with office.engine.connect() as conn:
        return {row.staff_no: row.status for row in conn.execute(then.select())}[f"T{number:05d}"]


@pytest.mark.parametrize(
    "changed",
    [
        {"consented_on": "", "notice_version": ""},
        {"consented_on": ""},
        {"notice_version": ""},
        {"notice_version": "v99"},
        {"consented_on": "2099-01-01"},
        {"consented_on": "不详"},
        {"notice_version": "撤回"},
        {"notice_version": "已撤回授权", "consented_on": ""},
        {"notice_version": "withdrawn"},
        {"consented_on": "已撤回"},
    ],
    ids=str,
)
def test_a_known_person_who_comes_without_valid_consent_is_suspended_and_counted(
    office: Office, changed: dict[str, str]
) -> None:
    office.deliver("2025-08-31", CITY)
    found = office.deliver("2025-09-30", [FIRST | changed | {"name": "韩改名", "station": "别站"}, *OTHERS])
    assert (found.status, found.refused, found.notes["consent_ended"]) == ("published", 1, 1)
    word = "撤回" in str(changed) or "withdrawn" in str(changed)
    assert found.reasons == {"consent_withdrawn" if word else "no_consent": 1}
    assert status(office) == "suspended"
    assert office.one("select station from source_record where staff_no = 'T00001'") == "太行站", (
        "the row changes nothing"
    )
    assert office.ask("select cause from consent_end") == [("withdrawn" if word else "missing",)]
    assert office.one("select count(*) from source_record where status = 'active'") == 99


def test_who_is_suspended_is_in_no_pool_on_no_list_and_found_by_nobody(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-09-30", [BLANK, *OTHERS])
    made = snapshot(office, date(2025, 9, 30))
    active = "select count(*) from pool_person where snapshot_id = :s and active"
    assert office.one(active, s=made.snapshot_id) == 99
    counted = dict(office.ask("select code, people from pool_count where side = '' and dimension = 'people'"))
    assert (counted["active"], counted["left"], counted["suspended"]) == (99, 0, 1)
    campaign = unapproved(office.settings)
    drawn = draw(office, campaign, date(2025, 9, 30))
    assert drawn.excluded.get("consent_ended") == 1
    by_number = Wanted("staff_no", "T00001", partner="didi")
    with scoped(console_engine(office.settings), Scope("wang", frozenset({"city_officer"}), None)) as conn:
        assert find_people(conn, office.keys, by_number).records == ()
        assert find_people(conn, office.keys, Wanted("mobile", FIRST["mobile"])).records == ()
        assert find_people(conn, office.keys, Wanted("staff_no", "T00002", partner="didi")).records


def test_evidence_that_is_supplied_again_brings_the_person_back_in_the_same_spell(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-09-30", [BLANK, *OTHERS])
    before = office.ask("select spell_from, spell_to from source_record where staff_no = 'T00001'")
    office.deliver("2025-10-31", CITY)
    assert status(office) == "active"
    assert office.ask("select spell_from, spell_to from source_record where staff_no = 'T00001'") == before
    assert [status_on(office, day) for day in ("2025-08-31", "2025-09-30", "2025-10-31")] == [
        "active", "suspended", "active",
    ]  # fmt: skip


def test_after_a_reported_withdrawal_only_a_later_consent_brings_the_person_back(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-09-30", [FIRST | {"notice_version": "撤回"}, *OTHERS])
    office.deliver("2025-10-31", CITY)
    assert status(office) == "suspended", "the old consent was taken back"
    office.deliver("2025-11-15", [FIRST | {"mobile2": "13912345670"}, *OTHERS])
    assert status(office) == "suspended", "another value is no consent either"
    office.deliver("2025-11-30", [FIRST | {"consented_on": "2025-11-20"}, *OTHERS])
    assert status(office) == "active"


def test_a_second_roster_of_the_same_date_takes_the_first_ones_word_back(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-09-30", [BLANK, *OTHERS])
    office.deliver("2025-09-30", [FIRST, *OTHERS[:-1], OTHERS[-1] | {"station": "新站"}])
    assert status(office) == "active"
    assert office.ask("select * from consent_end") == []


def test_a_refused_row_restores_nobody_who_left_and_extends_no_spell(office: Office) -> None:
    for day, rows in (("2025-06-30", CITY), ("2025-07-31", OTHERS), ("2025-08-31", OTHERS)):
        office.deliver(day, rows)
    before = office.ask("select status, spell_to from source_record where staff_no = 'T00001'")
    assert before[0][0] == "left"
    office.deliver("2025-09-30", [BLANK, *OTHERS])
    assert office.ask("select status, spell_to from source_record where staff_no = 'T00001'") == before
    office.deliver("2025-10-31", OTHERS)
    assert status_on(office, "2025-09-30") == "left", "asked later, the past says the same"
    assert status_on(office, "2025-10-31") == "left"


def test_a_refused_row_of_a_delta_restores_nobody_who_left(office: Office) -> None:
    for day, rows in (("2025-06-30", CITY), ("2025-07-31", OTHERS), ("2025-08-31", OTHERS)):
        office.deliver(day, rows)
    office.deliver("2025-09-15", [FIRST | {"notice_version": "v99"}], kind="delta")
    assert status(office) == "left"
    office.deliver("2025-09-30", OTHERS)
    assert status_on(office, "2025-09-15") == "left"


def test_who_was_missing_once_and_comes_without_consent_is_suspended(office: Office) -> None:
    office.deliver("2025-07-31", CITY)
    office.deliver("2025-08-31", OTHERS)
    assert status(office) == "suspected"
    office.deliver("2025-09-30", [BLANK, *OTHERS])
    assert status(office) == "suspended"
    office.deliver("2025-10-31", [BLANK, *OTHERS])
    assert status(office) == "suspended", "named every month, and not restored by it"
    office.deliver("2025-11-30", OTHERS)
    office.deliver("2025-12-31", OTHERS)
    assert status(office) == "left"


def test_a_blank_cell_of_a_delta_keeps_the_consent_on_record(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    found = office.deliver("2025-09-15", [BLANK | {"station": "新站"}], kind="delta", since="2025-08-31")
    assert (found.accepted, found.refused) == (1, 0)
    assert status(office) == "active"
    assert office.ask(
        "select station, consented_on::text, notice_version from source_record where staff_no = 'T00001'"
    ) == [("新站", "2025-01-01", "v1")]
    found = office.deliver("2025-09-16", [BLANK | {"station": "新站"}], kind="delta", since="2025-09-15")
    assert (found.accepted, office.one("select changed from delivery where as_of = '2025-09-16'")) == (1, 0)


def test_a_delta_says_by_a_word_or_an_unknown_notice_that_consent_ended(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    rows = [FIRST | {"notice_version": "撤回"}, CITY[1] | {"notice_version": "v99"}, person(300, consented_on="")]
    found = office.deliver("2025-09-15", rows, kind="delta", since="2025-08-31")
    assert (found.refused, found.notes["consent_ended"]) == (3, 2)
    assert {status(office, 1), status(office, 2)} == {"suspended"}
    again = office.deliver("2025-09-20", [BLANK | {"station": "新站"}], kind="delta", since="2025-09-15")
    assert (again.refused, status(office)) == (1, "suspended"), "a blank keeps no consent that has ended"


def test_a_column_that_was_not_filled_holds_the_delivery(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    before = digest(office.engine)
    blanked = [row | {"consented_on": ""} if n < 20 else row for n, row in enumerate(CITY)]
    found = office.deliver("2025-09-30", blanked)
    assert (found.status, found.reasons["consent_ended_many"]) == ("held", 1)
    assert digest(office.engine) == before
    some = [row | {"consented_on": ""} if n < 9 else row for n, row in enumerate(CITY)]
    assert office.deliver("2025-09-30", some).status == "published"


def test_a_delta_of_unknown_notices_is_held_and_one_of_withdrawals_is_not(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    unknown = [row | {"notice_version": "v99"} for row in CITY[:12]]
    assert office.deliver("2025-09-15", unknown, kind="delta").reasons.get("consent_ended_many") == 1
    withdrawn = [row | {"notice_version": "撤回"} for row in CITY[:12]]
    found = office.deliver("2025-09-16", withdrawn, kind="delta")
    assert (found.status, found.notes["consent_ended"]) == ("published", 12)


def test_a_roster_that_comes_late_suspends_for_its_time_only(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-10-31", CITY)
    live = status(office)
    found = office.deliver("2025-09-30", [BLANK, *OTHERS])
    assert (found.effect, live, status(office)) == ("history", "active", "active")
    assert [status_on(office, day) for day in ("2025-08-31", "2025-09-30", "2025-10-31")] == [
        "active", "suspended", "active",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_withdrawal_that_comes_late_holds_until_a_later_consent(office: Office, kind: str) -> None:
    few = CITY[:40]
    office.deliver("2025-08-31", few)
    office.deliver("2025-10-31", few if kind == "full" else few[1:5], kind=kind)
    said = FIRST | {"notice_version": "撤回"}
    found = office.deliver("2025-09-30", [said, *few[1:]] if kind == "full" else [said], kind=kind)
    assert (found.status, found.effect, status(office)) == ("published", "history", "suspended")
    office.deliver("2025-11-30", few)
    assert status(office) == "suspended", "the old consent is not a new one"
    office.deliver("2025-12-31", [FIRST | {"consented_on": "2025-12-01"}, *few[1:]])
    assert status(office) == "active"


def test_a_hyphen_in_the_consent_of_a_delta_is_a_blank(office: Office) -> None:
    office.deliver("2025-08-31", CITY[:40])
    rows = [FIRST | {"consented_on": "-", "notice_version": "-", "station": "新站"}, *CITY[1:5]]
    assert office.deliver("2025-09-30", rows, kind="delta").status == "published"
    assert status(office) == "active"


def test_two_rows_of_one_number_end_nobodys_consent(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    found = office.deliver("2025-09-30", [FIRST, BLANK, *OTHERS])
    assert (found.reasons["staff_no_doubled"], found.refused, status(office)) == (1, 1, "active")


def test_what_a_second_employer_says_of_the_person_still_holds(office: Office) -> None:
    other = FIRST | {"staff_no": "S1", "station": "城南站"}
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-08-31", [other, person(401), person(402)], partner="sf")
    office.deliver("2025-09-30", [BLANK, *OTHERS])
    made = snapshot(office, date(2025, 9, 30))
    home = office.ask(
        "select p.active, p.home_partner, p.provenance from pool_person p join pool_presence r using (snapshot_id, person_id)"
        " where snapshot_id = :s and r.partner = 'sf' and r.station = '城南站'",
        s=made.snapshot_id,
    )
    record = str(office.one("select record_id from source_record where staff_no = 'S1'"))
    assert [(active, partner) for active, partner, _ in home] == [(True, "sf")]
    assert set(home[0][2].values()) == {record}, "nothing is taken from the record whose consent ended"


def test_the_office_lists_who_is_suspended_and_may_say_that_consent_counts(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-09-30", [FIRST | {"notice_version": "撤回"}, *OTHERS])
    with office.engine.connect() as conn:
        listed = suspended(conn)
    assert [(row["partner"], row["staff_no"], row["since"], row["cause"]) for row in listed] == [
        ("didi", "T00001", "2025-09-30", "withdrawn")
    ]
    assert not {FIRST["name"], FIRST["mobile"], FIRST["document_no"]} & {str(value) for value in listed[0].values()}
    how = {"by": "王主任", "reason": "单位误填"}
    resume(office, "didi:T00001", **how)
    assert (status(office), status_on(office, "2025-09-30")) == ("active", "active")
    with office.engine.connect() as conn:
        assert suspended(conn) == []
    with pytest.raises(UsageError, match="nobody is suspended"):
        resume(office, "didi:T00001", **how)
    assert office.ask("select action, actor from audit_log") == [("decision", "王主任")]


def test_a_reported_withdrawal_is_confirmed_by_withdrawing(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    office.deliver("2025-09-30", [FIRST | {"notice_version": "撤回"}, *OTHERS])
    withdraw(office, "didi:T00001", by="王主任", reason="合作方报告",
             received_on=date(2025, 10, 8))  # fmt: skip
    assert office.one("select count(*) from source_record where staff_no = 'T00001'") == 0
    assert office.ask("select * from consent_end") == []


def test_a_template_that_says_consent_ended_in_words_that_deny_it_is_an_unknown_notice(office: Office) -> None:
    office.deliver("2025-08-31", CITY)
    found = office.deliver("2025-09-30", [FIRST | {"notice_version": "未撤回"}, *OTHERS])
    assert found.reasons == {"no_consent": 1}


@pytest.mark.parametrize("kind", ["full", "delta"])
@pytest.mark.parametrize("field", ["consented_on", "notice_version"])
def test_an_unreadable_cell_of_consent_is_damage_and_ends_nothing(office: Office, field: str, kind: str) -> None:
    office.deliver("2025-08-31", CITY)
    before = office.ask("select staff_no, status, consented_on, notice_version from source_record order by 1")
    stranger = person(500, **{field: "#N/A"})
    found = office.deliver("2025-09-30", [FIRST | {field: "#N/A"}, *OTHERS, stranger], kind=kind)
    assert (found.status, found.refused, found.notes.get("consent_ended")) == ("published", 1, None)
    assert found.reasons == {"no_consent": 1, f"{field}_unreadable": 1}, "of the newcomer nothing is known to keep"
    assert office.ask("select staff_no, status, consented_on, notice_version from source_record order by 1") == before
