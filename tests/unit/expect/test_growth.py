"""A delivery that brings too much: people, rows, stations, somebody else's roster. On top of a published roster."""

from __future__ import annotations

import pytest

from rosters import Office, person
from talentpool import flow
from talentpool.decide import Decision, record
from talentpool.declare.partner import Cadence
from talentpool.expect.words import in_words

FIRST, NEXT = "2026-09-30", "2026-10-31"
HERE, THERE = "140403", "140425"
HUNDRED = [person(n, county=HERE if n <= 60 else THERE) for n in range(1, 101)]


@pytest.fixture
def known(office: Office) -> Office:
    assert office.deliver(FIRST, HUNDRED).status == "published"
    return office


def said(office: Office, number: int | None) -> list[str]:
    (findings,) = office.ask("select findings from delivery where delivery_id = :n", n=number)[0]
    return [in_words(finding) for finding in findings]


def test_a_first_roster_of_more_rows_than_the_partner_can_have_waits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = office.partner()
    few = partner.model_copy(update={"bounds": partner.bounds.model_copy(update={"max_rows": 99})})
    monkeypatch.setattr(office, "partner", lambda code: few)
    found = office.deliver(FIRST, HUNDRED)
    assert (found.status, found.reasons) == ("held", {"rows_out_of_bounds": 1})
    assert said(office, found.delivery_id) == ["行数超出约定范围：本次 100 行，约定不超过 99 行，请确认名册范围"]


def test_a_roster_that_doubled_waits_and_says_where_and_by_which_bound(known: Office) -> None:
    more = [person(n, county=THERE) for n in range(200, 300)]
    found = known.deliver(NEXT, [*HUNDRED, *more])
    assert (found.status, found.reasons) == ("held", {"additions_high": 1})
    whole, county = said(known, found.delivery_id)
    assert "新增的人员过多：本次为 100%，上限为 50%" in whole
    assert THERE in county and "250%" in county
    assert known.one("select count(*) from source_record where status = 'active'") == 100


def test_what_doubles_in_one_county_is_not_lost_in_the_sum(known: Office) -> None:
    found = known.deliver(NEXT, [*HUNDRED, *(person(n, county=THERE) for n in range(200, 235))])
    assert (found.status, found.reasons) == ("held", {"additions_high": 1})
    (county,) = said(known, found.delivery_id)
    assert THERE in county


def test_growth_within_the_bounds_is_taken(known: Office) -> None:
    found = known.deliver(NEXT, [*HUNDRED, *(person(n, county=HERE) for n in range(200, 229))])
    assert (found.status, found.accepted) == ("published", 129)


def test_rows_that_are_set_aside_count_as_rows(known: Office) -> None:
    """Nobody new is named by them, so that people alone would not show it."""
    again = [person(n, county=HERE, staff_no="") for n in range(200, 260)]
    found = known.deliver(NEXT, [*HUNDRED, *again])
    assert found.status == "held" and found.reasons["rows_jump"] == 1
    assert "本次 160 行，较上次应不超过 150 行" in said(known, found.delivery_id)[0]


def test_another_partners_roster_waits_by_its_staff_numbers(known: Office) -> None:
    theirs = [person(n, county=HERE) for n in range(1, 31)]
    found = known.deliver(NEXT, [*(person(n, county=HERE) for n in range(300, 340)), *theirs], partner="postal")
    assert (found.status, found.reasons) == ("held", {"content_of_other": 1})
    assert "与网约车的名册相同的占 42.9%" in said(known, found.delivery_id)[0]
    assert known.one("select count(*) from source_record where partner = 'postal'") == 0


def test_another_partners_roster_waits_by_its_people_under_numbers_of_its_own(known: Office) -> None:
    renumbered = [person(n, county=HERE, staff_no=f"E{n}") for n in range(1, 61)]
    found = known.deliver(NEXT, renumbered, partner="postal")
    assert (found.status, found.reasons) == ("held", {"content_of_other": 1})


def test_people_who_work_for_two_hold_nobody(known: Office) -> None:
    both = [person(n, county=HERE, staff_no=f"E{n}") for n in range(1, 41)]
    found = known.deliver(NEXT, [*both, *(person(n, county=HERE) for n in range(400, 440))], partner="postal")
    assert (found.status, found.accepted) == ("published", 80)


def test_a_column_of_stations_that_nobody_knows_waits(office: Office) -> None:
    office.deliver(FIRST, [row | {"station": f"站点{i % 5}"} for i, row in enumerate(HUNDRED)])
    few = [row | {"station": "新站点" if i < 20 else f"站点{i % 5}"} for i, row in enumerate(HUNDRED)]
    found = office.deliver("2026-10-15", few)
    assert (found.status, found.notes.get("station_new")) == ("published", 20)
    others = [person(n, county=HERE, station=f"别处{n % 4}") for n in range(200, 229)]
    assert office.deliver(NEXT, [*few, *others]).status == "published", "new people may stand at new stations"
    found = office.deliver("2026-11-30", [*few[:45], *(row | {"station": "某处"} for row in few[45:])])
    assert found.status == "held" and "values_changed" in found.reasons and "stations_new_many" not in found.reasons


def test_a_roster_whose_ages_shifted_waits_and_one_whose_ages_scatter_does_not(office: Office) -> None:
    def aged(n: int, year: int) -> dict[str, str]:
        return person(n, county=HERE, document_no="", birth_date=f"{year}-05-05", hired_on="2026-08-01")

    before = [aged(n, 1975 + (n * 7) % 28) for n in range(1, 201)]
    assert office.deliver(FIRST, before).status == "published"
    alike = [aged(n, 1975 + (n * 5) % 28) for n in range(300, 380)]
    assert office.deliver("2026-10-15", [*before, *alike]).status == "published"
    young = [aged(n, 2009) for n in range(500, 600)]
    found = office.deliver(NEXT, [*before, *alike, *young])
    assert (found.status, found.reasons) == ("held", {"shape_moved": 1})
    assert "（出生日期）：稳定性指数" in said(office, found.delivery_id)[0]


def test_consent_before_the_first_day_and_a_mobile_of_many_are_remarked(office: Office) -> None:
    rows = [person(n, county=HERE) for n in range(1, 21)]
    rows[0] |= {"hired_on": "2026-03-01", "consented_on": "2026-02-01"}
    for row in rows[:4]:
        row["mobile"] = rows[0]["mobile"]
    found = office.deliver(FIRST, rows)
    assert (found.status, found.accepted) == ("published", 20)
    assert found.notes["mobile_shared"] == 4 and found.notes["consent_before_hire"] >= 1


def test_the_whole_roster_after_a_thin_one_is_no_growth(known: Office) -> None:
    thin = known.deliver("2026-10-15", HUNDRED[:40])
    assert thin.status == "held" and thin.delivery_id is not None
    record(known.engine, known.partner(), thin.delivery_id, Decision("no-removals", "王", "核实"))
    flow.finish(known, known.partner(), thin.delivery_id)
    assert known.deliver(NEXT, HUNDRED).status == "published"


def test_a_column_that_was_mended_is_no_shift(office: Office) -> None:
    """A letter asks for what is missing: the roster that has it must not wait for that."""
    whole = [person(n, county=HERE) for n in range(1, 241)]
    whole = [row | {"document_no": "", "birth_date": f"1990-{n % 12 + 1:02d}-05"} for n, row in enumerate(whole)]
    gaps = [row | {"sex": ""} if n % 3 == 0 else row for n, row in enumerate(whole)]
    assert office.deliver(FIRST, gaps).status == "published"
    found = office.deliver(NEXT, whole)
    assert (found.status, found.reasons) == ("published", {})


def test_a_new_county_a_first_month_and_a_new_station_hold_nobody(office: Office) -> None:
    pilot = [person(n, county=HERE, station="一站") for n in range(1, 26)]
    assert office.deliver(FIRST, pilot).status == "published"
    whole = [*pilot, *(person(n, county=HERE, station="一站") for n in range(5_001, 5_276))]
    assert office.deliver("2026-10-15", whole).reasons == {}, "of a few all are new"
    more = [*whole, *(person(n, county=THERE, station="一站") for n in range(6_001, 6_030))]
    assert office.deliver(NEXT, more).reasons == {}, "a county opens"
    opened = [person(n, county=HERE, station="新站") for n in range(7_001, 7_036)]
    found = office.deliver("2026-11-30", opened, kind="delta", since=NEXT)
    assert (found.status, found.notes["station_new"]) == ("published", 35)


def test_what_deltas_made_of_a_partner_is_no_jump_of_the_next_full_roster(known: Office) -> None:
    for day, first in (("2026-10-05", 300), ("2026-10-12", 340)):
        more = [person(n, county=HERE) for n in range(first, first + 40)]
        assert known.deliver(day, more, kind="delta", since=FIRST).status in ("published", "held")
    people = known.one("select count(*) from source_record where status = 'active'")
    rows = [*HUNDRED, *(person(n, county=HERE) for n in range(300, 300 + people - 100))]
    assert known.deliver(NEXT, rows).reasons == {}


def test_a_few_new_people_who_work_for_another_hold_no_roster(known: Office) -> None:
    """The share is of the roster, whose rows mostly did not change and are staged without their numbers."""
    own = [person(n, county=HERE, staff_no=f"P{n}") for n in range(1_001, 1_101)]
    known.deliver(FIRST, own, partner="postal")
    both = [person(n, county=HERE, staff_no=f"P{n}") for n in range(1, 31)]
    assert known.deliver(NEXT, [*own, *both], partner="postal").status == "published"


def test_a_roster_of_a_day_of_which_the_partner_does_not_report_is_taken_and_remarked(
    known: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_month_ends = known.partner().model_copy(
        update={"cadence": Cadence(cron="0 7 1 * *", kind="full", as_of_days=(-1, 15))}
    )
    monkeypatch.setattr(known, "partner", lambda code: at_month_ends)
    assert "as_of_unusual" not in known.deliver("2026-10-15", HUNDRED).notes
    assert "as_of_unusual" not in known.deliver("2026-10-31", HUNDRED).notes
    slip = known.deliver("2026-11-13", HUNDRED)
    assert (slip.status, slip.notes["as_of_unusual"]) == ("published", 1)


@pytest.mark.parametrize("days", [(0,), (32,), (-29,), (1, 1)])
def test_days_that_no_month_has_are_no_days_of_a_cadence(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="as_of_days"):
        Cadence(cron="0 7 1 * *", kind="full", as_of_days=days)
