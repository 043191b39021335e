"""Spells of the past are the same whatever the order in which the rosters came."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from rosters import Office, person
from talentpool.guard import record_id
from talentpool.load import Spell, digest, spells

CROWD = [person(n) for n in range(20, 70)]
MOVER, LEAVER, COMER, BACK, SHORT = (person(n) for n in range(1, 6))
ELSEWHERE = {"county": "140404", "station": "上党站"}
ROSTERS: dict[str, dict[str, Any]] = {
    "2026-06-30": {"rows": [MOVER, LEAVER, BACK, *CROWD]},
    "2026-07-31": {"rows": [MOVER | ELSEWHERE, LEAVER, COMER, SHORT, *CROWD]},
    "2026-08-31": {"rows": [MOVER | ELSEWHERE, COMER, *CROWD]},
    "2026-09-30": {"rows": [MOVER | ELSEWHERE, COMER, BACK, *CROWD]},
    "2026-10-31": {"rows": [MOVER | ELSEWHERE, COMER, BACK, *CROWD]},
}
JUNE, JULY, SEPTEMBER = date(2026, 6, 30), date(2026, 7, 31), date(2026, 9, 30)
HIRED = date(2024, 3, 1)
EXPECTED = {
    "T00001": [
        Spell(HIRED, "140403", "太行站", date(2026, 7, 30), "moved"), Spell(JULY, "140404", "上党站"),
    ],
    "T00002": [Spell(HIRED, "140403", "太行站", JULY, "missing")],
    "T00003": [Spell(HIRED, "140403", "太行站")],
    "T00004": [Spell(HIRED, "140403", "太行站", JUNE, "missing"), Spell(SEPTEMBER, "140403", "太行站")],
    "T00005": [Spell(HIRED, "140403", "太行站", JULY, "missing")],
}  # fmt: skip
ORDERS = list(permutations(list(ROSTERS)[1:]))
"""The first roster is the partner's first; the others come in every order."""
SOME = [ORDERS[0], ORDERS[-1], ORDERS[7], ORDERS[13]]


def read(office: Office, numbers: list[str]) -> dict[str, list[Spell]]:
    ids = {record_id(office.keys, "didi", number): number for number in numbers}
    with office.engine.connect() as conn:
        return {ids[record]: found for record, found in spells(conn, "didi", list(ids)).items()}


def publish(office: Office, order: tuple[str, ...]) -> None:
    for as_of in ("2026-06-30", *order):
        assert office.deliver(as_of, **ROSTERS[as_of]).status == "published"


@pytest.mark.parametrize("order", [
    *SOME, *(pytest.param(order, marks=pytest.mark.slow) for order in ORDERS if order not in SOME)
], ids=lambda order: " ".join(as_of[5:7] for as_of in order))  # fmt: skip
def test_spells_do_not_depend_on_the_order_in_which_rosters_came(office: Office, order: tuple[str, ...]) -> None:
    publish(office, order)
    assert read(office, list(EXPECTED)) == EXPECTED


def test_in_order_they_are_the_live_spells(office: Office) -> None:
    """What publish writes as it goes and what is read afterwards are the same."""
    publish(office, ORDERS[0])
    derived = sorted(
        (number, *astuple(spell)) for number, found in read(office, list(EXPECTED)).items() for spell in found
    )
    closed = office.ask(
        "select r.staff_no, s.starts_on, s.county, s.station, s.ends_on, s.end_cause from employment_spell s"
        " join source_record r using (record_id) where r.staff_no = any(:numbers)", numbers=list(EXPECTED),
    )  # fmt: skip
    last = office.ask(
        "select staff_no, spell_from, county, station, spell_to, case when spell_to is not null then 'missing' end"
        " from source_record where staff_no = any(:numbers)", numbers=list(EXPECTED),
    )  # fmt: skip
    assert derived == sorted([*closed, *last])


def test_a_late_roster_moves_no_live_spell(office: Office) -> None:
    publish(office, ("2026-10-31",))
    before = digest(office.engine)
    assert office.deliver("2026-07-31", **ROSTERS["2026-07-31"]).effect == "history"
    assert digest(office.engine) == before
    assert [spell.starts_on for spell in read(office, ["T00001"])["T00001"]] == [HIRED, JULY]


def test_deltas_and_leaving_dates_among_full_snapshots(office: Office) -> None:
    """A delta says when somebody left, and nothing of those it does not name."""
    gone = MOVER | {"left_on": "2026-07-10"}
    office.deliver("2026-06-30", [MOVER, LEAVER, *CROWD])
    office.deliver("2026-07-31", [gone, LEAVER | ELSEWHERE], kind="delta", since="2026-06-30")
    office.deliver("2026-08-31", [LEAVER | ELSEWHERE, *CROWD])
    found = read(office, ["T00001", "T00002"])
    assert found["T00001"] == [Spell(HIRED, "140403", "太行站", date(2026, 7, 10), "left_on")]
    assert found["T00002"] == [
        Spell(HIRED, "140403", "太行站", date(2026, 7, 30), "moved"), Spell(JULY, "140404", "上党站"),
    ]  # fmt: skip


def test_nobody_we_know_has_no_spells(office: Office) -> None:
    office.deliver("2026-06-30", CROWD)
    assert read(office, ["T99999"]) == {"T99999": []}
