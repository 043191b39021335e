"""What must hold over months and whatever way the rows come in: one partition, ids that last, words that are kept."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from databases import Twins
from months import Month, Record, deliver, in_parts, partition, persons, synthetic, two_documents
from rosters import Office, document, person
from talentpool.load import digest
from talentpool.match import match
from talentpool.review import judge, pending, split

WHO = {"by": "李专员", "note": "电话核实"}
slow = pytest.mark.slow


def shuffled(month: Month, rng: random.Random) -> Month:
    return Month(month.partner, month.as_of, month.since, month.kind, rng.sample(month.rows, len(month.rows)))


def halves(month: Month, rng: random.Random) -> list[Month]:
    """Its rows as two deltas, drawn at random."""
    rows = rng.sample(month.rows, len(month.rows))
    return in_parts(month, [rows[at::2] for at in range(2)])


@pytest.mark.parametrize(
    ("people", "preset", "seed"),
    [(300, "hard", 5), *(pytest.param(4_000, p, s, marks=slow) for p in ("usual", "hard") for s in (1, 2, 3))],
)
def test_no_order_of_rows_and_no_split_into_deltas_makes_other_persons(
    twins: Twins, tmp_path: Path, people: int, preset: str, seed: int
) -> None:
    rosters = synthetic(tmp_path / "city", people, 1, seed, preset).months
    whole = twins.office()
    deliver(whole, rosters)
    match(whole.engine, whole.keys)
    expected = partition(whole)
    assert any(len(group) > 1 for group in expected) and two_documents(whole) == 0
    rng = random.Random(seed)
    mixed = twins.office()
    deliver(mixed, [shuffled(month, rng) for month in reversed(rosters)])
    match(mixed.engine, mixed.keys)
    assert partition(mixed) == expected
    for _ in range(2):
        split_up = twins.office()
        parts = sorted((part for month in rosters for part in halves(month, rng)), key=lambda part: part.as_of)
        for part in parts:
            deliver(split_up, [part])
            match(split_up.engine, split_up.keys)
        assert split_up.one("select count(*) from match_run where changed < records") > 4, "followed what changed"
        assert partition(split_up) == expected


@pytest.mark.parametrize(
    ("people", "months", "preset"),
    [(500, 3, "hard"), *(pytest.param(4_000, 13, preset, marks=slow) for preset in ("usual", "hard"))],
)
def test_months_give_what_a_whole_run_gives_and_a_replay_gives_it_again(
    twins: Twins, tmp_path: Path, people: int, months: int, preset: str
) -> None:
    year = synthetic(tmp_path / "city", people, months, 7, preset)
    offices = [twins.office(), twins.office()]
    for office in offices:
        for day in year.days:
            deliver(office, year.on(day))
            match(office.engine, office.keys)
    first, again = offices
    assert digest(first.engine) == digest(again.engine), "the same deliveries under the same keys"
    before = persons(first)
    assert match(first.engine, first.keys, full=True).records == len(before)
    assert persons(first) == before
    assert two_documents(first) == 0


MEETING, PARTING = [[("postal", f"M{n}"), ("didi", f"M{n}")] for n in (1, 2)]


def with_two_changes(month: Month, later: bool) -> Month:
    """With two people more, each at two companies. Of one the second learns the document only `later`; of the other
    `later` another one than the first has, so that they were two all along."""
    meets, parts = person(8_001, staff_no="M1"), person(8_002, staff_no="M2")
    if month.partner == "didi":
        told = (
            {} if later else {"document_no": "", "mobile": "13700000001", "county": "140404", "hired_on": "2023-07-01"}
        )
        meets |= told
        parts["document_no"] = document(777, "1979-09-09") if later else ""
    elif month.partner != "postal":
        return month
    return replace(month, rows=[*month.rows, meets, parts])


@pytest.mark.parametrize(
    ("people", "months", "preset"),
    [(500, 3, "hard"), *(pytest.param(8_000, 13, preset, marks=slow) for preset in ("usual", "hard"))],
)
def test_nobody_gets_another_id_without_an_event_that_says_so(
    office: Office, tmp_path: Path, people: int, months: int, preset: str
) -> None:
    year = synthetic(tmp_path / "city", people, months, 9, preset)
    moves, was = [], dict[Record, str]()
    for at, day in enumerate(year.days):
        deliver(office, [with_two_changes(month, at > 0) for month in year.on(day)])
        match(office.engine, office.keys)
        now = persons(office)
        assert was.keys() <= now.keys(), "who left stays known"
        assert [len({now[record] for record in pair}) for pair in (MEETING, PARTING)] == ([2, 1] if at == 0 else [1, 2])
        moves += [(record, was[record], now[record]) for record in was if was[record] != now[record]]
        was = now
    events = {frozenset(map(str, row)) for row in office.ask("select person_id, other_id from person_event")}
    assert all(frozenset(ids) in events for _, *ids in moves)
    moved = [record for record, *_ in moves]
    assert len([record for record in moved if record in MEETING]) == 1, "the id of one of two became the other's"
    assert len([record for record in moved if record in PARTING]) == 1
    assert len(moves) - 2 <= 0.002 * (months - 1) * len(was)


def owners(office: Office) -> tuple[str, str]:
    known = persons(office)
    return known["postal", "T00001"], known["didi", "D1"]


def test_a_different_is_kept_for_a_year_whatever_the_rosters_say_meanwhile(office: Office) -> None:
    """Each month speaks louder for one person than the last: the same mobile, the same name, both in a full roster."""
    family = {"document_no": "", "birth_date": "1990-05-05", "county": "140403", "sex": "男"}
    one = person(1, name="王建国", **family)
    office.deliver("2025-10-31", [one, person(7)], partner="postal")
    office.deliver("2025-10-31", [person(2, staff_no="D1", name="王建军", **family), person(8)], partner="didi")
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        (pair,) = pending(conn, office.keys)
    judge(office, pair["pair_id"], "different", **WHO)
    days = [date(2025 + (10 + n) // 12, (10 + n) % 12 + 1, 28).isoformat() for n in range(12)]
    for at, (before, day) in enumerate(zip(["2025-10-31", *days], days, strict=False)):
        mobile = one["mobile"] if at % 3 == 0 else f"137{at:08d}"
        name = "王建国" if at % 4 == 1 else "王建军"
        other = person(2, staff_no="D1", **family | {"name": name, "mobile": mobile, "station": f"第{at}站"})
        full = at % 2 == 0
        office.deliver(day, [other, person(8)] if full else [other], partner="didi", kind="full" if full else "delta",
                       since=None if full else before)  # fmt: skip
        if at % 5 == 4:
            office.deliver(day, [one, person(7)], partner="postal")
        found = match(office.engine, office.keys)
        assert found.changed > 0 and found.review_pending == 0, day
        assert len(set(owners(office))) == 2, day
    match(office.engine, office.keys, full=True)
    assert len(set(owners(office))) == 2
    with office.engine.begin() as conn:
        assert pending(conn, office.keys) == []


def test_a_split_changes_its_own_component_alone(office: Office, tmp_path: Path) -> None:
    year = synthetic(tmp_path / "city", 600, 2, 3, "usual")
    first, second = year.days
    deliver(office, year.on(first))
    match(office.engine, office.keys)
    before = persons(office)
    whole = max(before.values(), key=lambda one: (list(before.values()).count(one), one))
    members = {record for record, owner in before.items() if owner == whole}
    assert len(members) > 1
    rows = "select record_id, person_id from record_person where person_id <> :p order by record_id"
    others = office.ask(rows, p=whole)
    edges = "select * from edge where rule <> 'human' and not (left_record = any(:r) or right_record = any(:r))"
    ours = [row[0] for row in office.ask("select record_id from record_person where person_id = :p", p=whole)]
    around = sorted(map(str, office.ask(edges, r=ours)))
    now = set(split(office, UUID(whole), [], **WHO))
    assert len(now) == len(members) and whole in now
    assert [row for row in office.ask(rows, p=whole) if str(row[1]) not in now] == others
    assert sorted(map(str, office.ask(edges, r=ours))) == around
    for run in ("the split", "the next month"):
        events = {str(one) for row in office.ask("select person_id, other_id from person_event where cause like 'human%'")
                  for one in row}  # fmt: skip
        assert events == now, run
        after = persons(office)
        assert len({after[record] for record in members}) == len(members), run
        became = "select person_id, other_id from person_event where cause = 'rules'"
        elsewhere = {str(one) for row in office.ask(became) for one in row}
        moved = {r for r, p in after.items() if r in before and r not in members and p != before[r]}
        assert {before[r] for r in moved} <= elsewhere and len(moved) <= 2, run
        deliver(office, [month for month in year.on(second) if run == "the split"])
        match(office.engine, office.keys, full=True)


def test_who_leaves_is_inactive_and_comes_back_as_who_they_were(office: Office) -> None:
    rows = [person(n) for n in range(1, 61)]
    office.deliver("2026-07-31", rows)
    office.deliver("2026-07-31", [person(9, staff_no="P9"), person(90, staff_no="P90")], partner="postal")
    match(office.engine, office.keys)
    before = persons(office)
    assert before["didi", "T00009"] == before["postal", "P9"]
    for day in ("2026-08-31", "2026-09-30"):
        office.deliver(day, [row for row in rows if row["staff_no"] not in ("T00009", "T00010")])
        match(office.engine, office.keys)
        match(office.engine, office.keys, full=True)
        assert persons(office) == before, day
    gone = office.ask("select staff_no, status from source_record where status <> 'active' order by staff_no")
    assert gone == [("T00009", "left"), ("T00010", "left")]
    office.deliver("2026-10-31", rows)
    match(office.engine, office.keys)
    assert persons(office) == before
    assert office.one("select count(*) from source_record where status <> 'active'") == 0
    assert office.one("select count(*) from person_event") == 0


def test_a_pool_that_outgrew_the_first_roster_is_counted_again(office: Office) -> None:
    """Partners come one by one: what the first 20 records say of rarity would hold for years."""

    def counted() -> list[bool]:
        partner, first, last = next(rosters)
        brought = [person(n) for n in range(first, last)]
        assert office.deliver("2026-08-31", brought, kind="delta", partner=partner).status == "published"
        match(office.engine, office.keys)
        return [full for (full,) in office.ask("select full_run from match_run order by match_run_id")]

    rosters = iter([("didi", 1, 21), ("postal", 21, 741), ("postal", 741, 761), ("postal", 761, 801)])
    assert counted() == [True]
    assert counted() == [True, False], "small pools weigh nearly alike"
    assert counted() == [True, False, True], "one and a half times as many as 500"
    assert counted() == [True, False, True, False]


def test_a_block_over_its_cap_is_counted_when_it_grows_and_when_it_shrinks(office: Office) -> None:
    """Seven of one name in a county; five of a name so rare that it is a key by itself."""

    def bearer(n: int) -> dict[str, str]:
        return person(n, name="欧阳潞襄", document_no="", birth_date="")

    def over() -> dict[str, int]:
        return dict(office.one("select over_cap from match_run order by match_run_id desc limit 1"))

    office.deliver("2026-07-31", [bearer(1), bearer(2), bearer(3), bearer(4), person(50)])
    match(office.engine, office.keys)
    assert over() == {}
    crowd = {"name": 1, "name_county": 1}
    office.deliver("2026-08-31", [bearer(5), bearer(6), bearer(7)], kind="delta")
    match(office.engine, office.keys)
    assert over() == crowd
    match(office.engine, office.keys, full=True)
    assert over() == crowd
    office.deliver("2026-09-30", [bearer(7) | {"name": "魏陌生"}], kind="delta", since="2026-08-31")
    match(office.engine, office.keys)
    assert over() == {"name": 1}
    match(office.engine, office.keys, full=True)
    assert over() == {"name": 1}
