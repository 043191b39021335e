"""What an officer is told before deciding: whom each answer moves is whom it then moves; each finding has its history."""

from __future__ import annotations

from collections import Counter

import pytest

from histories import DAYS, HERE, THERE, live_through, people
from rosters import Office
from talentpool.decide import decide
from talentpool.services.desk.held import Outlook, outlook_of

MONTHS = 2


@pytest.fixture
def lived(office: Office) -> tuple[Office, list[dict[str, str]]]:
    return office, live_through(office, MONTHS)


def told(office: Office, number: int, **more: object) -> Outlook:
    with office.engine.connect() as conn:
        return outlook_of(conn, number, learned_from=6, **more)  # type: ignore[arg-type]


def at_work(office: Office) -> dict[str, str]:
    return dict(
        office.ask(
            "select staff_no, status || row_hash::text from source_record where status in ('active', 'suspected')"
        )
    )


def held(office: Office, rows: list[dict[str, str]], at: int) -> int:
    found = office.deliver(DAYS[at], rows)
    assert found.status == "held" and found.delivery_id
    return found.delivery_id


def a_mixed_month(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Thirty are gone, three have left by word, four moved to another station, five are new, two are set aside."""
    kept = [dict(row) for row in rows[30:]]
    for row in kept[:3]:
        row["left_on"] = "2026-03-15"
    for row in kept[3:7]:
        row["station"] = "二站"
    for row in kept[7:9]:
        row["name"] = "测试"
    return [*kept, *people(7_000, 7_005)]


@pytest.mark.parametrize("choice", ["all", "no-removals", "reject"])
def test_each_answer_moves_whom_it_was_said_to_move(lived: tuple[Office, list[dict[str, str]]], choice: str) -> None:
    office, month = lived
    number, before = held(office, a_mixed_month(month), MONTHS), at_work(office)
    effect = told(office, number).effects[choice]  # type: ignore[index]
    assert decide(office, office.partner(), number, choice, by="王", reason="核实").status in ("published", "rejected")  # type: ignore[arg-type]
    after = at_work(office)
    missing = {s for s in after if after[s].startswith("suspected") and not before.get(s, "").startswith("suspected")}
    staying = {s for s in before if s in after and s not in missing and before[s] == after[s]}
    changed = {s for s in before if s in after and s not in missing and before[s] != after[s]}
    gone = (set(before) - set(after)) | missing
    assert (effect.added, effect.leave, effect.change, effect.stay) == (
        len(set(after) - set(before)), len(gone), len(changed), len(staying)
    )  # fmt: skip
    assert effect.wanting == (len(gone) - 3 if choice == "all" else 0), "three left by the roster's own word"
    assert effect.leave + effect.change + effect.stay == len(before)


def test_a_county_is_told_of_its_own_alone(lived: tuple[Office, list[dict[str, str]]]) -> None:
    office, month = lived
    number = held(office, a_mixed_month(month), MONTHS)
    whole, mine = told(office, number), told(office, number, counties={HERE})
    counted = Counter({county: each["all"].leave for county, each in whole.counties.items()})
    assert set(counted) == {HERE, THERE} and counted.total() == whole.effects["all"].leave  # type: ignore[index]
    assert {one.finding.county for one in mine.told} == {HERE}
    assert mine.others == len(whole.told) - len(mine.told) > 0
    assert mine.effects == dict(whole.counties[HERE])


def test_each_measured_finding_has_its_history_and_says_until_when_it_is_declared(
    lived: tuple[Office, list[dict[str, str]]],
) -> None:
    office, month = lived
    number = held(office, month[40:], MONTHS)
    first = told(office, number).told[0]
    assert first.finding.code == "removals_high" and first.trail is not None and first.learns
    assert [round(figure, 4) for _, figure in first.trail.points] == [0.0133] and first.young == 5
    assert "前 1 次依次为 1.3%；本次 28%，上限 15%" in first.trail.sentence
    assert office.deliver(DAYS[MONTHS], month).status == "published"
    assert told(office, number).told[0].trail == first.trail, "what came later is not what it was held against"
    assert office.one("select count(*) from delivery_people where delivery_id = :n", n=number) > 0
