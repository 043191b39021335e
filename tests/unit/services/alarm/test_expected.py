"""When each roster is expected, and what became of it: by cadence, working days and grace, from what landed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from arrivals import arrive
from rosters import Office
from talentpool.declare.due import rounds
from talentpool.model import delivery
from talentpool.reference import working_days
from talentpool.services.alarm.expected import Expected, Standing, calendars

YEAR = date(2026, 1, 1), date(2026, 12, 31)


def of(office: Office, partner: str, today: date) -> dict[date, Expected]:
    """Working day on which it is due -> the roster."""
    with office.engine.connect() as conn:
        found = calendars(conn, office, *YEAR, today)
    (each,) = [one for one in found if one.code == partner]
    return {one.due.on: one for one in each.rosters}


def test_a_roster_is_received_in_time_or_late_held_awaited_late_and_missing(office: Office) -> None:
    arrive(office, "postal", "2026-08-31", "2026-09-02")
    arrive(office, "postal", "2026-09-30", "2026-10-23")
    held = arrive(office, "postal", "2026-10-31", "2026-11-03", "held")
    found = of(office, "postal", date(2026, 12, 1))
    assert [one.due.on for one in found.values()][-4:] == [
        date(2026, 9, 1), date(2026, 10, 8), date(2026, 11, 2), date(2026, 12, 1)
    ], "a day off moves on"  # fmt: skip
    september, october, november, december = list(found.values())[-4:]
    assert (september.standing, september.words, september.came) == (Standing.RECEIVED, "已收到", date(2026, 9, 2))
    assert (october.standing, october.words) == (Standing.RECEIVED, "已收到（迟）")
    assert (november.standing, november.delivery_id, november.words) == (Standing.HELD, held, "搁置")
    assert (december.standing, december.due.until) == (Standing.EXPECTED, date(2026, 12, 4)), "72 hours: three days"
    assert of(office, "postal", date(2026, 12, 4))[date(2026, 12, 1)].standing == Standing.EXPECTED, (
        "the last day of grace"
    )
    assert of(office, "postal", date(2026, 12, 5))[date(2026, 12, 1)].standing == Standing.LATE
    assert of(office, "postal", date(2027, 1, 6))[date(2026, 12, 1)].standing == Standing.MISSING, "the next one is due"


@pytest.mark.parametrize(("landed", "standing"), [("2026-11-25", Standing.RECEIVED), ("2026-12-02", Standing.MISSING)])
def test_a_later_roster_stands_for_the_one_before_only_while_that_was_the_newest_due(
    office: Office, landed: str, standing: Standing
) -> None:
    """As the gate of the lists has it: newer facts are what was waited for, until the next round is due."""
    arrive(office, "postal", "2026-09-30", "2026-10-01")
    arrive(office, "postal", "2026-11-24", landed)
    found = of(office, "postal", date(2026, 12, 3))
    assert found[date(2026, 11, 2)].standing == standing
    assert found[date(2026, 12, 1)].standing == Standing.RECEIVED


def test_a_week_in_which_everybody_is_off_is_missed_by_nobody(office: Office) -> None:
    arrive(office, "meituan", "2026-02-08", "2026-02-09")
    found = of(office, "meituan", date(2026, 2, 24))
    assert {one.standing for on, one in found.items() if date(2026, 2, 9) < on <= date(2026, 2, 24)} == {
        Standing.EXPECTED
    }
    assert found[date(2026, 2, 9)].standing == Standing.RECEIVED


def test_what_was_sent_back_was_not_received_and_says_so(office: Office) -> None:
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    arrive(office, "postal", "2026-11-30", "2026-12-01", "rejected")
    late = of(office, "postal", date(2026, 12, 8))[date(2026, 12, 1)]
    assert (late.standing, late.words) == (Standing.LATE, "迟到（已退回）")
    arrive(office, "postal", "2026-11-30", "2026-12-08", "landed")
    assert of(office, "postal", date(2026, 12, 8))[date(2026, 12, 1)].standing == Standing.RECEIVED, "it is on its way"


def test_nobody_waits_for_a_partner_of_whom_nothing_was_ever_published(office: Office) -> None:
    assert {one.standing for one in of(office, "postal", date(2026, 12, 31)).values()} == {Standing.UNCONNECTED}
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    found = of(office, "postal", date(2026, 11, 5))
    assert [one.standing for one in found.values()][-3:] == [
        Standing.UNCONNECTED, Standing.RECEIVED, Standing.PLANNED
    ], "from its first roster on"  # fmt: skip


def test_rosters_of_the_time_before_the_first_one_landed_are_handed_in_and_nobody_was_late(office: Office) -> None:
    arrive(office, "postal", "2026-08-31", "2026-10-20")
    arrive(office, "postal", "2026-09-30", "2026-10-20")
    arrive(office, "postal", "2026-10-31", "2026-11-20")
    september, october, november = list(of(office, "postal", date(2026, 11, 25)).values())[-4:-1]
    assert (september.words, october.words) == ("已收到（补录）", "已收到（补录）")
    assert (november.words, november.handed_in) == ("已收到（迟）", False)


def test_a_week_before_anything_landed_is_missing_to_nobody(office: Office) -> None:
    arrive(office, "meituan", "2026-09-30", "2026-10-20")
    arrive(office, "meituan", "2026-10-31", "2026-11-02")
    found = of(office, "meituan", date(2026, 11, 20))
    assert {one.standing for on, one in found.items() if date(2026, 10, 8) < on < date(2026, 10, 14)} == {
        Standing.UNCONNECTED
    }
    assert found[date(2026, 10, 26)].standing == Standing.MISSING


def test_a_partner_of_whom_officers_alone_sent_rows_is_awaited(office: Office) -> None:
    number = arrive(office, "postal", "2026-10-31", "2026-11-02")
    with office.engine.begin() as conn:
        conn.execute(delivery.update().where(delivery.c.delivery_id == number).values(sent_counties=["140403"]))
    found = of(office, "postal", date(2026, 12, 10))
    assert found[date(2026, 12, 1)].standing == Standing.LATE


def test_one_that_is_due_soon_is_near_from_its_lead_on(office: Office) -> None:
    arrive(office, "meituan", "2026-11-22", "2026-11-23")
    assert not of(office, "meituan", date(2026, 11, 25))[date(2026, 11, 30)].near
    assert of(office, "meituan", date(2026, 11, 27))[date(2026, 11, 30)].near, "the third day before is the Friday"


def test_every_week_of_a_year_has_its_roster_once_and_in_order(office: Office) -> None:
    with office.engine.connect() as conn:
        found = rounds(office.partner("meituan"), *YEAR, working_days(conn))
    assert len(found) == 51, "a week of the Spring Festival falls together with the next"
    assert [one.on for one in found] == sorted({one.on for one in found})
    assert all(one.fires <= one.on <= one.until for one in found)


def test_a_declaration_that_cannot_be_read_is_named_and_stops_no_other(office: Office, tmp_path: Path) -> None:
    broken = tmp_path / "partners" / "postal"
    broken.mkdir(parents=True)
    (broken / "partner.yml").write_text("code: postal\nname: [", encoding="utf-8")
    shipped = str(office.settings.partner_dirs[0])
    office.settings = office.settings.model_copy(update={"partners": f"{shipped}:{tmp_path / 'partners'}"})
    with office.engine.connect() as conn:
        found = calendars(conn, office, *YEAR, date(2026, 12, 1))
    assert {one.code: one.partner is None for one in found}["postal"]
    assert sum(one.partner is not None for one in found) >= 3


def test_a_roster_of_before_a_mistyped_year_and_one_that_nobody_looked_at_meet_nothing(office: Office) -> None:
    arrive(office, "postal", "2026-09-30", "2026-10-01")
    arrive(office, "postal", "2026-06-30", "2026-10-02", effect="history")
    found = of(office, "postal", date(2026, 12, 10))
    assert found[date(2026, 8, 3)].standing == Standing.UNCONNECTED, "nobody waited for it then"
    assert found[date(2026, 12, 1)].standing == Standing.LATE
    arrive(office, "postal", "2027-10-31", "2026-10-20")
    assert of(office, "postal", date(2026, 12, 10))[date(2026, 12, 1)].standing == Standing.LATE
    arrive(office, "postal", "2026-11-30", "2026-12-02", "landed")
    assert of(office, "postal", date(2026, 12, 3))[date(2026, 12, 1)].standing == Standing.RECEIVED
    assert of(office, "postal", date(2026, 12, 10))[date(2026, 12, 1)].standing == Standing.LATE
