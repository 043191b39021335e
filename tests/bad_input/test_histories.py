"""Bad rosters after seven months of good ones: what the declared bounds would let pass is asked about, and says why.

The first deliveries of a partner are judged as in test_bad_input.py; this is the matrix once there is a history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from histories import DAYS, HERE, THERE, live_through, people
from rosters import Office, person, write_template
from talentpool import flow
from talentpool.bounds import Key, Place, Word, pin, release
from talentpool.check import check
from talentpool.decide import Decision, record
from talentpool.expect import in_words
from talentpool.flow import Outcome

MONTHS = 7
"""The first roster has nobody to miss: of removals and additions six figures are seven deliveries."""
NEXT, LATER = DAYS[MONTHS], DAYS[MONTHS + 1]
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Case:
    """The month after. `codes`: findings with the origin of their bound; `says`: what the officer reads among it."""

    name: str
    rows: Rows
    codes: dict[str, str | None] = field(default_factory=dict)
    says: tuple[str, ...] = ()


def without(rows: Rows, here: int, there: int) -> Rows:
    """The rows without so many of each county."""
    left = {HERE: here, THERE: there}
    kept = []
    for row in rows:
        if left[row["county"]] > 0:
            left[row["county"]] -= 1
        else:
            kept.append(row)
    return kept


def cases(month: Rows) -> list[Case]:
    """Made of an ordinary month of 150 rows, from which two of the month before are gone."""
    blank = [row | {"mobile": ""} if 20 < at <= 32 else row for at, row in enumerate(month)]
    return [
        Case("a tenth is missing", without(month, 6, 7), {"removals_high": "learned"},
             ("上限为 8.8%", "历史限值（前 6 次的中位数 1.3%，离差 0%")),
        Case("a tenth of one county is missing", without(month, 10, 0), {"removals_high": "learned"}, (f"{HERE}",)),
        Case("a quarter is missing", month[40:], {"removals_high": "learned"}),
        Case("a third is new", [*month, *people(5_000, 5_048)], {"additions_high": "learned"}, ("上限为 26.3%",)),
        Case("mobiles vanish of one in twelve", blank, {"nulls_jump": "learned", "values_lost": "learned"},
             ("（手机号码）", "上限为 5%")),
        Case("rows that are set aside by the dozen",
             [*month, *(person(n, county=THERE, staff_no="", station="一站") for n in range(6_000, 6_060))],
             {"quarantine_high": "learned", "rows_jump": "learned"}, ("应不超过 188 行",)),
    ]  # fmt: skip


@pytest.fixture
def lived(office: Office) -> tuple[Office, Rows]:
    return office, live_through(office, MONTHS)


def found(office: Office, outcome: Outcome) -> list[dict[str, object]]:
    return list(office.one("select findings from delivery where delivery_id = :n", n=outcome.delivery_id))


def test_the_matrix_after_a_history(lived: tuple[Office, Rows], tmp_path: Path) -> None:
    office, month = lived
    early = "select count(*) from delivery_measure where origin = 'learned' and metric = 'removals'"
    assert office.one(early) == 0, "six figures are not looked at before there are six"
    for case in cases(month):
        file = write_template(tmp_path / "tried.csv", case.rows)
        kept = office.one("select count(*) from delivery_measure")
        tried = check(office, office.partner(), file, as_of=date.fromisoformat(NEXT), kind="full")
        assert tried.outcome.status == "held", case.name
        assert office.one("select count(*) from delivery_measure") == kept, "a trial stores nothing"
        outcome = office.deliver(NEXT, case.rows)
        findings = found(office, outcome)
        assert outcome.status == "held", case.name
        assert {one["code"]: one.get("origin") for one in findings} == case.codes, case.name
        said = "；".join(in_words(one) for one in findings)
        assert [words for words in case.says if words not in said] == [], f"{case.name}: {said}"
    ordinary = office.deliver(NEXT, month)
    assert (ordinary.status, ordinary.reasons) == ("published", {})


def test_a_pin_stands_above_what_was_learned_and_a_release_gives_it_back(lived: tuple[Office, Rows]) -> None:
    office, month = lived
    less, place = without(month, 6, 7), Place("didi", "full", Key("removals"))
    assert office.deliver(NEXT, less).status == "held"
    with office.engine.begin() as conn:
        pin(conn, place, Word("王", "分公司撤并"), high=0.12)
    assert office.deliver(NEXT, [*less, person(9_001)]).status == "published"
    row = (
        "select origin, high from delivery_measure where metric = 'removals' and county = '' order by delivery_id desc"
    )
    assert office.ask(row)[0] == ("pinned", 0.12)
    with office.engine.begin() as conn:
        release(conn, place, Word("王", "撤并已完成"))
    outcome = office.deliver(LATER, without(less, 6, 7))
    assert outcome.status == "held" and found(office, outcome)[0]["origin"] == "learned"
    words = office.ask("select high, said_by, note from bound_pin order by pin_id")
    assert words == [(0.12, "王", "分公司撤并"), (None, "王", "撤并已完成")]
    logged = office.ask("select subject, details ->> 'choice' from audit_log where action = 'decision' order by seq")
    assert [one for one in logged if one[0].startswith("bound:")] == [
        ("bound:didi:full:removals", "pin"), ("bound:didi:full:removals", "release")
    ]  # fmt: skip


def test_a_roster_taken_in_part_is_no_history(lived: tuple[Office, Rows]) -> None:
    office, month = lived
    thin = office.deliver(NEXT, month[70:])
    record(office.engine, office.partner(), thin.delivery_id or 0, Decision("no-removals", "王", "名册不全"))
    flow.finish(office, office.partner(), thin.delivery_id or 0)
    assert office.deliver(LATER, month).status == "published"
    rows = "select deliveries, median from delivery_measure where metric = 'rows' and county = '' order by delivery_id desc"
    assert office.ask(rows)[0] == (MONTHS, 150.0)
