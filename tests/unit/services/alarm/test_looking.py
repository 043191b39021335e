"""What the daily look finds: a partner who stopped, people too young, a year without a table, a disk that is nearly full."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from arrivals import arrive
from planted import found as planted_in
from planted import planted
from rosters import TODAY, Office, document
from talentpool.errors import UsageError
from talentpool.model import alert
from talentpool.private_files import append
from talentpool.services.alarm import look
from talentpool.services.alarm.looking import machine, others, rosters
from talentpool.services.alarm.standing import acknowledge, standing
from talentpool.services.alarm.taking_in import take_in

NOW = datetime(2026, 12, 31, 1, tzinfo=UTC)
LONG = NOW - datetime(2020, 1, 1, tzinfo=UTC)


def test_a_partner_who_stopped_is_told_once_a_matter_however_often_one_looks(office: Office) -> None:
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    new = look(office, date(2026, 12, 5), NOW)
    assert new.count("roster_late:postal:2026-12-01") == 1
    assert look(office, date(2026, 12, 5), NOW) == []
    assert "roster_missing:postal:2026-12-01" in look(office, date(2027, 1, 6), NOW)
    with office.engine.connect() as conn:
        (late,) = standing(conn, LONG, datetime.now(UTC), ["roster_late:postal:2026-12-01"])
    assert (late.count, late.title, late.gravity, late.noted_by) == (2, "名册迟到", "一般", "系统"), "it is missing now"
    assert late.first_seen < late.last_seen and "2026-12-04" in late.message


def test_a_roster_that_is_held_beyond_its_grace_is_told_by_its_number(office: Office) -> None:
    arrive(office, "postal", "2026-09-30", "2026-10-08")
    number = arrive(office, "postal", "2026-10-31", "2026-11-02", "held")
    assert "roster_held" not in {one.kind for one in rosters(office, date(2026, 11, 5))}
    assert f"roster_held:postal:{number}" in {one.key for one in rosters(office, date(2026, 11, 6))}


def test_people_of_14_and_15_are_told_as_a_count_and_never_by_name(office: Office) -> None:
    rows = [planted(n) for n in range(1, 30)]
    for n in (30, 31):
        rows.append(planted(n) | {"document_no": document(n, "2011-03-03"), "hired_on": "2026-06-01"})
    number = office.deliver("2026-12-30", rows).delivery_id
    (young,) = [one for one in others(office, TODAY) if one.kind == "age_14_15"]
    assert young.key == f"age_14_15:didi:{number}" and "2 行" in young.message
    look(office, TODAY, NOW)
    everything = repr(office.ask("select * from alert")).encode()
    assert b"age_14_15" in everything and planted_in(everything) == set()


def test_nobody_is_told_again_of_a_roster_that_came(office: Office) -> None:
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    look(office, date(2026, 12, 5), datetime.now(UTC))
    arrive(office, "postal", "2026-11-30", "2026-12-05")
    look(office, date(2026, 12, 6), datetime.now(UTC))
    with office.engine.connect() as conn:
        (late,) = standing(conn, LONG, datetime.now(UTC), ["roster_late:postal:2026-12-01"])
    assert late.noted_by == "系统"


def test_people_of_14_are_told_of_a_roster_that_is_held_as_well(office: Office) -> None:
    office.deliver("2026-11-30", [planted(n) for n in range(1, 61)])
    young = [planted(n) | {"document_no": document(n, "2011-03-03"), "hired_on": "2026-06-01"} for n in (61, 62)]
    found = office.deliver("2026-12-30", [*(planted(n) for n in range(1, 20)), *young])
    assert found.status == "held"
    assert [one.about for one in others(office, TODAY) if one.kind == "age_14_15"] == [str(found.delivery_id)]


def test_next_years_holiday_table_is_missed_from_november_on(office: Office) -> None:
    with office.engine.begin() as conn:
        conn.execute(sa.text("delete from holiday where date >= '2027-01-01'"))
    assert "holidays" not in {one.kind for one in others(office, date(2026, 10, 31))}
    (missed,) = [one for one in others(office, date(2026, 11, 1)) if one.kind == "holidays"]
    assert missed.subject == "2027" and "2027" in missed.message


def test_a_disk_with_less_space_than_is_asked_for_is_told_each_day(office: Office) -> None:
    today = date(2026, 12, 31)
    assert list(machine(office.settings.model_copy(update={"alert_free_gib": 0}), today)) == []
    full = list(machine(office.settings.model_copy(update={"alert_free_gib": 1e9}), today))
    assert full and {one.kind for one in full} == {"disk"}
    assert len({one.key for one in full}) == len(full) and "2026-12-31" in full[0].key


def test_what_stands_in_the_file_alone_is_taken_in_once_and_a_cut_line_is_none(office: Office) -> None:
    path = office.settings.alerts_file
    at = {"at": NOW.isoformat()}
    told = [
        at | {"task_id": "backup", "message": "每日备份没有成功"},
        at | {"dag_id": "pool__people", "run_id": "r1", "task_id": "match", "message": "x"},
        {"task_id": "backup", "message": "of an earlier version, without a moment"},
    ]
    lines = [*map(json.dumps, told), json.dumps(at)[:-3]]
    append(path, "\n".join(lines).encode())
    with office.engine.begin() as conn:
        assert take_in(conn, path, NOW) == 2
        assert take_in(conn, path, NOW) == 0
        kinds = set(conn.scalars(sa.select(alert.c.kind)))
    assert kinds == {"backup", "task_failed"}


def test_an_alert_is_never_changed_and_a_note_is_of_one_that_there_is(office: Office) -> None:
    look(office, date(2026, 12, 31), NOW)
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    look(office, date(2026, 12, 31), NOW)
    with office.engine.begin() as conn:
        acknowledge(conn, "roster_late:postal:2026-12-01", by="sun", note="已电话联系 13900000017")
        (one,) = standing(conn, LONG, datetime.now(UTC), ["roster_late:postal:2026-12-01"])
        assert one.noted_by == "sun" and "13900000017" not in one.note
        with pytest.raises(UsageError):
            acknowledge(conn, "roster_late:nobody", by="sun")
    for statement in ("update alert set message = ''", "delete from alert_word", "truncate alert_sending"):
        with pytest.raises(sa.exc.DBAPIError, match="only appended"), office.engine.begin() as conn:
            conn.execute(sa.text(statement))
