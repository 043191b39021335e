"""The faults of the rosters come at the rates of the table, and stay with their rows."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import fields
from datetime import date
from math import sqrt

import pytest

from talentpool.demo.names import spoil_name
from talentpool.demo.population import City, make_city
from talentpool.demo.profiles import PRESETS, PROFILES, REDRAW, REDRAWN, Noise, redrawn
from talentpool.demo.rosters import Entry, Row, write_rosters

PEOPLE = 20_000
AS_OFS = [date(2026, 9, 30), date(2026, 10, 31)]
COUNTIES = {"140403": "潞州区", "140404": "上党区", "140429": "武乡县"}
TABLE = {
    "usual": {
        "id_missing": 0.15, "id_masked": 0.10, "id_typo": 0.01, "id_legacy": 0.002,
        "mobile_missing": 0.03, "mobile_changed": 0.12, "mobile_shared": 0.005, "mobile_junk": 0.005,
        "birth_missing": 0.20, "birth_wrong": 0.01, "name_variant": 0.03, "twice": 0.02, "two_rosters": 0.20,
        "borrowed": 0.001,
    },
    "hard": {
        "id_missing": 0.37, "id_masked": 0.29, "id_typo": 0.015, "id_legacy": 0.003,
        "mobile_missing": 0.08, "mobile_changed": 0.25, "mobile_shared": 0.01, "mobile_junk": 0.01,
        "birth_missing": 0.45, "birth_wrong": 0.02, "name_variant": 0.08, "twice": 0.02, "two_rosters": 0.20,
        "borrowed": 0.001,
    },
}  # fmt: skip
"""What was ordered; the presets are held against it, the rows against both."""


def rosters_of(preset: str) -> tuple[City, dict[str, list[Entry]]]:
    rng = random.Random(f"noise {preset}")
    noise = PRESETS[preset]
    city = make_city(rng, list(PROFILES), COUNTIES, people=PEOPLE, as_ofs=AS_OFS, noise=noise)
    return city, {
        profile.partner: write_rosters(rng, city, profile, noise, COUNTIES, AS_OFS, preset == "hard")
        for profile in PROFILES
    }


@pytest.fixture(scope="module", params=["usual", "hard"])
def drawn(request: pytest.FixtureRequest) -> tuple[str, City, dict[str, list[Entry]]]:
    return request.param, *rosters_of(request.param)


def first(entry: Entry) -> Row:
    return entry.rows[min(entry.rows)]


def near(found: int, of: int, rate: float) -> None:
    """Within four standard deviations of the rate, and never nothing."""
    assert found > 0
    assert abs(found / of - rate) < 4 * sqrt(rate * (1 - rate) / of), (found / of, rate)


def document_fault(entry: Entry) -> str:
    number, true = first(entry).document_no, entry.person.document
    if number == "":
        return "id_missing"
    if "*" in number:
        return "id_masked"
    if len(number) == 15:
        return "id_legacy"
    if sum(a != b for a, b in zip(number, true, strict=True)) == 1:
        return "id_typo"
    return "full" if number == true else "borrowed"


@pytest.mark.parametrize("preset", ["usual", "hard"])
def test_the_presets_are_the_table_that_was_ordered(preset: str) -> None:
    assert {name: getattr(PRESETS[preset], name) for name in TABLE[preset]} == TABLE[preset]
    assert TABLE[preset].keys() <= {field.name for field in fields(Noise)}


def test_postal_rows_have_faults_at_the_rates_of_the_table(drawn: tuple[str, City, dict[str, list[Entry]]]) -> None:
    preset, _, rosters = drawn
    entries, rates = rosters["postal"], TABLE[preset]
    assert len(entries) > PEOPLE / 3
    documents = Counter(map(document_fault, entries))
    for name in ("id_missing", "id_masked", "id_typo"):
        near(documents[name], len(entries), rates[name])
    old = sum(entry.person.born.year < 2000 for entry in entries)
    near(documents["id_legacy"], old, rates["id_legacy"])
    near(documents["borrowed"], len(entries), rates["borrowed"])
    own = [entry for entry in entries if entry.person.profile.partner == "postal"]
    mobiles = Counter(map(_mobile_fault, own))
    for name in ("mobile_missing", "mobile_junk", "mobile_shared"):
        near(mobiles[name], len(own), rates[name])
    grown = [entry for entry in entries if first(entry).hired_on]
    near(sum(first(e).birth_date == "" for e in grown), len(grown), rates["birth_missing"])
    wrong = sum(first(e).birth_date.replace("/", "").replace("-", "") not in ("", f"{e.person.born:%Y%m%d}")
                for e in grown)  # fmt: skip
    near(wrong, len(grown), rates["birth_wrong"])
    near(sum(first(e).name != e.person.name for e in entries), len(entries), rates["name_variant"])
    people = Counter(entry.person.key for entry in entries)
    near(sum(count == 2 for count in people.values()), len(people), rates["twice"])


def _mobile_fault(entry: Entry) -> str:
    mobile = first(entry).mobile.replace(" ", "").removeprefix("+86")
    if mobile == "":
        return "mobile_missing"
    if mobile in ("13800138000", "11111111111", "12345678901", "0355-2023456", "无"):
        return "mobile_junk"
    return "" if mobile == entry.person.mobile else "mobile_shared"


def test_people_on_two_rosters_have_changed_their_number_at_its_rate(
    drawn: tuple[str, City, dict[str, list[Entry]]],
) -> None:
    preset, city, rosters = drawn
    largest = max(PROFILES, key=lambda profile: profile.people).partner
    known = {person.mobile for person in city.people}
    seconds = []
    for partner, entries in rosters.items():
        elsewhere = [person for person in city.rosters[partner] if person.profile.partner != partner]
        if partner == largest:
            assert not elsewhere
            continue
        near(len(elsewhere), len(city.rosters[partner]), TABLE[preset]["two_rosters"])
        seconds += [entry for entry in entries if entry.person.profile.partner != partner]
    changed = [
        e for e in seconds if _mobile_fault(e) == "mobile_shared" and first(e).mobile.split("+86 ")[-1] not in known
    ]
    near(len(changed), len(seconds), TABLE[preset]["mobile_changed"])


def test_one_partner_sends_almost_no_full_numbers_under_hard_alone(
    drawn: tuple[str, City, dict[str, list[Entry]]],
) -> None:
    preset, _, rosters = drawn
    full = Counter(map(document_fault, rosters["didi"]))["full"] / len(rosters["didi"])
    assert full < 0.06 if preset == "hard" else full > 0.7


def test_what_no_screen_may_lack_is_there(drawn: tuple[str, City, dict[str, list[Entry]]]) -> None:
    preset, _, rosters = drawn
    noise, rows = PRESETS[preset], [first(entry) for entry in rosters["postal"]]
    near(sum(row.consented_on == "" for row in rows), len(rows), noise.no_consent)
    near(sum(row.notice_version == "v0" for row in rows), len(rows), noise.unknown_notice)
    near(sum(row.hired_on == "" for row in rows), len(rows), noise.under_14 + noise.too_young)
    ages = {2026 - int(row.birth_date[:4]) for row in rows if not row.hired_on}
    assert ages <= {11, 12, 13, 14, 15}
    assert ages & {11, 12, 13} and ages & {14, 15}


def test_some_joiners_have_a_number_that_a_leaver_had(drawn: tuple[str, City, dict[str, list[Entry]]]) -> None:
    _, city, _ = drawn
    left = {p.mobile: p for p in city.people if p.last_month == 0}
    again = [p for p in city.people if p.first_month == 1 and p.mobile in left]
    assert again
    assert all(p.key != left[p.mobile].key for p in again)
    assert len({p.mobile for p in again}) == len(again)


def test_a_fault_stays_with_its_row_from_month_to_month(drawn: tuple[str, City, dict[str, list[Entry]]]) -> None:
    stayed = [e for e in drawn[2]["postal"] if len(e.rows) == 2]
    assert stayed
    assert all(
        (e.rows[0].name, e.rows[0].document_no, e.rows[0].birth_date)
        == (e.rows[1].name, e.rows[1].document_no, e.rows[1].birth_date)
        for e in stayed
    )


def test_rates_are_redrawn_by_thirty_per_cent_and_no_further() -> None:
    noise = redrawn(PRESETS["usual"], [1 + REDRAW] * len(REDRAWN))
    assert REDRAW == 0.30
    assert noise.id_missing == pytest.approx(0.195)
    assert (noise.twice, noise.two_rosters, noise.borrowed) == (0.02, 0.20, 0.001)


def test_a_spoiled_name_is_another_name_and_never_empty() -> None:
    rng = random.Random(3)
    for name in ("王伟", "欧阳建国", "阿依古丽·艾力", "李\U00020bb7", "张敏"):
        spoiled = {spoil_name(rng, name) for _ in range(200)}
        assert name not in spoiled
        assert all(text.strip() for text in spoiled)
        assert len(spoiled) >= 4, spoiled
