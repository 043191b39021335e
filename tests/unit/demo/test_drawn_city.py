"""What was drawn shows in the rosters: one drawn city a preset, read back from the files."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from talentpool.__main__ import cli
from talentpool.conform.values.documents import check_digit
from talentpool.demo import DemoData, write_demo_data
from talentpool.demo.family import Traits, draw
from talentpool.demo.population import NEVER_ISSUED

MONTHS, PEOPLE = 4, 6_000
CASES = [("usual", 11), ("hard", 12)]
Row = dict[str, str]


@dataclass
class Read:
    """`rows`: (partner, staff number) -> the newest row; `months`: the same -> rows by as-of; `who`: true people."""

    made: DemoData
    traits: Traits
    preset: str
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    months: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    who: dict[tuple[str, str], str] = field(default_factory=dict)
    people: dict[str, Row] = field(default_factory=dict)

    def share(self, partner: str, is_so: Callable[[Row], bool]) -> float:
        rows = [row for (of, _), row in self.rows.items() if of == partner]
        return sum(map(is_so, rows)) / len(rows)

    def pairs(self, *, across: bool = True) -> Iterator[tuple[tuple[str, Row], tuple[str, Row]]]:
        """Two records of one person, of two partners or of one."""
        found = defaultdict(list)
        for key, row in self.rows.items():
            found[self.who[key]].append((key[0], row))
        for records in found.values():
            yield from (pair for pair in combinations(records, 2) if (pair[0][0] != pair[1][0]) == across)


def lines(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture(scope="module", params=CASES, ids=[preset for preset, _ in CASES])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    preset, seed = request.param
    folder = tmp_path_factory.mktemp(preset)
    made = write_demo_data(folder, people=PEOPLE, months=MONTHS, seed=seed, preset=preset, drawn=True)
    read = Read(made, draw(seed, preset), preset)
    for file in sorted(made.files, key=lambda file: file.as_of):
        for row in lines(file.path.parent / "template.csv"):
            read.rows[file.partner, row["工号"]] = row
            read.months[file.partner, row["工号"]].append(row)
    read.who = {(r["partner"], r["staff_no"]): r["true_person"] for r in lines(made.truth)}
    read.people = {r["true_person"]: r for r in lines(folder / "population.csv")}
    return read


def full(row: Row) -> bool:
    return len(row["证件号码"]) in (15, 18) and "*" not in row["证件号码"]


def born(row: Row) -> str:
    return row["出生日期"].replace("-", "").replace("/", "")


def test_every_row_has_its_true_person_and_only_numbers_that_nobody_has(city: Read) -> None:
    assert set(city.rows) == set(city.who) and set(city.who.values()) <= set(city.people)
    assert sum(row["active"] == "1" for row in city.people.values()) == PEOPLE
    numbers = [row["证件号码"] for row in city.rows.values() if full(row) and len(row["证件号码"]) == 18]
    assert numbers and all(number.startswith(NEVER_ISSUED) for number in numbers)
    wrong = sum(check_digit(number[:17]) != number[17] for number in numbers)
    assert 0 < wrong < 0.03 * len(numbers)


def test_rosters_share_as_many_people_as_was_drawn(city: Read) -> None:
    on = defaultdict(set)
    for (partner, _), person in city.who.items():
        on[partner].add(person)
    for (one, other), drawn in city.traits.overlaps.items():
        smaller = min(len(on[one]), len(on[other]))
        shared = len(on[one] & on[other]) / smaller
        assert drawn - 0.05 < shared < drawn + 0.15, "people on three rosters add to a small share"
    assert max(Counter(p for people in on.values() for p in people).values()) >= 3


def test_documents_and_birth_dates_are_missing_and_masked_as_drawn_for_each_partner(city: Read) -> None:
    for partner, of in city.traits.partners.items():
        assert abs(city.share(partner, full) - of.id_full) < 0.05 + 0.35 * of.id_by_county * of.id_full, partner
        rest = of.of_rest_masked_head + of.of_rest_masked_all + of.of_rest_missing
        hidden = 1 - city.share(partner, full)
        for share, is_so in (
            (of.of_rest_missing, lambda row: row["证件号码"] == ""),
            (of.of_rest_masked_all, lambda row: row["证件号码"].startswith("*")),
            (of.of_rest_masked_head, lambda row: "*" in row["证件号码"][1:] and row["证件号码"][0] != "*"),
        ):
            assert abs(city.share(partner, is_so) - share / rest * hidden) < 0.05
        assert abs(city.share(partner, lambda row: row["出生日期"] == "") - of.birth_missing) < 0.05
        assert abs(city.share(partner, lambda row: row["手机号码"] == "") - of.mobile_missing) < 0.04
        assert abs(city.share(partner, lambda row: "****" in row["手机号码"]) - of.mobile_masked) < 0.04
        assert abs(city.share(partner, lambda row: row["性别"] == "") - of.sex_missing) < 0.03
        if of.name_masked > 0.005:
            assert abs(city.share(partner, lambda row: "*" in row["姓名"]) - of.name_masked) < 0.025
        assert not any("*" in row["姓名"] for row in city.rows.values() if of.name_masked == 0)
    assert len({round(city.share(partner, full), 4) for partner in city.traits.partners}) == 4


def test_birth_dates_are_wrong_in_each_way(city: Read) -> None:
    seen: Counter[str] = Counter()
    for key, row in city.rows.items():
        said, true = born(row), city.people[city.who[key]]["birth_date"].replace("-", "")
        if said and said != true:
            swapped = said[:4] + said[6:] + said[4:6] == true
            year = said[4:] == true[4:] or said[4:6] == true[4:6] == "02"
            seen["swapped" if swapped else "year" if year else "default or borrowed"] += 1
            assert swapped or year or seen["default or borrowed"] < 0.15 * len(city.rows)
    assert min(seen[kind] for kind in ("swapped", "year", "default or borrowed")) > 3
    defaults = Counter(born(row) for row in city.rows.values() if born(row)).most_common(3)
    assert defaults[0][1] > 20 and defaults[0][0] in ("19900101", "19800101", "19850101", "19880808")


def test_people_on_two_rosters_are_elsewhere_have_another_number_and_another_day_of_hire(city: Read) -> None:
    of, pairs = city.traits, list(city.pairs())
    assert len(pairs) > 300
    stations = [a["站点"] == b["站点"] for (_, a), (_, b) in pairs]
    assert 0 < sum(stations) < len(pairs)
    usable = [(a, b) for (_, a), (_, b) in pairs if len(a["手机号码"]) == len(b["手机号码"]) == 11]
    other = sum(a["手机号码"] != b["手机号码"] for a, b in usable) / len(usable)
    assert of.old_number * 0.7 < other < of.old_number + 0.35
    same_day = sum(a["入职日期"] == b["入职日期"] for (_, a), (_, b) in pairs) / len(pairs)
    assert 0.01 < same_day < 0.3
    seconds = Counter(key[0] for key, row in city.rows.items() if row["备用手机"])
    assert set(seconds) == {"meituan", "didi"}, "who have the column"
    crossed = sum(
        a["备用手机"] == b["手机号码"] != "" or b["备用手机"] == a["手机号码"] != "" for (_, a), (_, b) in pairs
    )
    assert crossed > 0


def test_a_second_entry_on_one_roster_keeps_the_hire_date_or_not(city: Read) -> None:
    again = list(city.pairs(across=False))
    share = len(again) / len(city.rows)
    assert 0.005 < share < 0.06
    kept = sum(a["入职日期"] == b["入职日期"] for (_, a), (_, b) in again)
    assert 0 < kept < len(again)
    assert any(a["手机号码"] != b["手机号码"] for (_, a), (_, b) in again)


def test_numbers_are_shared_by_up_to_a_dormitory(city: Read) -> None:
    by_mobile = defaultdict(set)
    for key, row in city.rows.items():
        if len(row["手机号码"]) == 11 and "*" not in row["手机号码"]:
            by_mobile[row["手机号码"]].add(city.who[key])
    sizes = Counter(len(people) for people in by_mobile.values())
    assert sizes[2] > 5 and 5 <= max(sizes) <= 45
    sharing = sum(size * n for size, n in sizes.items() if size > 1) / len(city.people)
    assert 0.002 < sharing < 0.12


def test_twins_and_namesakes_stand_beside_each_other_beyond_chance(city: Read) -> None:
    true = {city.who[key]: row["姓名"] for key, row in city.rows.items() if "*" not in row["姓名"]}
    day = defaultdict(list)
    for person, name in true.items():
        day[city.people[person]["birth_date"]].append((name, person))
    namesakes = kin = 0
    for people in day.values():
        for (a, one), (b, other) in combinations(people, 2):
            namesakes += a == b
            kin += a != b and a[0] == b[0] and city.people[one]["county"] == city.people[other]["county"]
    assert namesakes >= PEOPLE * city.traits.namesake_born_same_day / 2 * 0.5 - 2
    assert namesakes + kin > PEOPLE * city.traits.twins / 2 * 0.5


def test_documents_are_borrowed_and_twins_registered_one_after_the_other(city: Read) -> None:
    holders = defaultdict(set)
    for key, row in city.rows.items():
        if full(row):
            holders[row["证件号码"]].add((city.who[key], row["姓名"]))
    borrowed = [people for people in holders.values() if len({person for person, _ in people}) > 1]
    assert borrowed and len(borrowed) < 0.02 * len(city.rows)
    numbers = sorted(number for number in holders if len(number) == 18)
    near = sum(a[:14] == b[:14] and int(b[14:17]) - int(a[14:17]) <= 2 for a, b in pairwise(numbers))
    assert near > 3 or city.preset == "hard", "few of both twins have a full number there"


def test_people_move_change_numbers_leave_and_join_from_month_to_month(city: Read) -> None:
    full_each_month = [rows for (partner, _), rows in city.months.items() if partner == "postal"]
    assert sum(rows[0]["站点"] != rows[-1]["站点"] for rows in full_each_month) > 3
    assert sum(rows[0]["手机号码"] != rows[-1]["手机号码"] for rows in full_each_month) > 5
    assert 0.5 < sum(len(rows) == MONTHS for rows in full_each_month) / len(full_each_month) < 0.999


def test_a_staff_number_is_given_again_and_the_files_say_whose_it_was(city: Read) -> None:
    before = lines(city.made.truth.parent / "truth_before.csv")
    assert before
    for row in before:
        assert city.who[row["partner"], row["staff_no"]] != row["true_person"]
        assert row["until"] < "2026-10-31"
        assert len(city.months[row["partner"], row["staff_no"]]) >= 2


def test_the_same_arguments_give_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, again, other = (
        _digests(tmp_path / name, people=400, months=3, seed=seed, preset="hard", drawn=True)
        for name, seed in (("first", 4), ("again", 4), ("other", 5))
    )
    assert first == again
    assert first["truth.csv"] != other["truth.csv"]


@pytest.mark.parametrize("people", [1, 2, 9])
def test_a_handful_of_people_is_a_population_too(tmp_path: Path, people: int) -> None:
    made = write_demo_data(tmp_path, people=people, months=3, preset="hard", drawn=True)
    assert made.people >= people
    assert all(file.path.is_file() for file in made.files)


@pytest.mark.parametrize(("preset", "digest"), [("usual", "030dc3815f346e04"), ("hard", "da739253f729cad6")])
def test_the_demos_own_city_is_what_it_was(tmp_path: Path, preset: str, digest: str) -> None:
    """Its figures are quoted in many places; a population that is drawn changes none of them."""
    digests = _digests(tmp_path / "city", people=600, months=3, preset=preset)
    plain = "".join(
        found for name, found in sorted(digests.items()) if name.endswith(".csv") and "personnel" not in name
    )
    assert hashlib.sha256(plain.encode()).hexdigest()[:16] == digest
    assert "truth_before.csv" not in digests


def _digests(folder: Path, **arguments: int | str | bool) -> dict[str, str]:
    write_demo_data(folder, **arguments)  # type: ignore[arg-type]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_command_line_writes_what_the_function_writes(tmp_path: Path) -> None:
    arguments = ["--people", "60", "--seed", "3", "--preset", "hard", "--drawn", "--out", str(tmp_path / "said")]
    said = CliRunner().invoke(cli, ["demo-data", *arguments])
    assert said.exit_code == 0, said.output
    made = {
        str(path.relative_to(tmp_path / "said")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "said").rglob("*")
        if path.is_file()
    }
    assert made == _digests(tmp_path / "made", people=60, seed=3, preset="hard", drawn=True)
