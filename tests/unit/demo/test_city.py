"""The synthetic city: the bulletin's figures, one number a person, the same bytes again."""

from __future__ import annotations

import csv
import hashlib
import random
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from talentpool.acquire import load_partner
from talentpool.conform.values.documents import check_digit
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.declare import TEMPLATE_V1
from talentpool.demo import DemoData, write_demo_data
from talentpool.demo.names import MINORITY, RARE, make_names
from talentpool.demo.population import NEVER_ISSUED, month_ends
from talentpool.demo.profiles import COURIERS, PROFILES, YOUNG_COURIERS
from talentpool.settings import Settings

END = date(2026, 10, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("city")


@pytest.fixture(scope="module")
def city(folder: Path) -> DemoData:
    """The default city, as `make run` has it."""
    return write_demo_data(folder)


def read(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@pytest.mark.parametrize("seed", [77, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_the_truth_holds_the_figures_of_the_bulletin(tmp_path: Path, seed: int) -> None:
    write_demo_data(tmp_path, seed=seed)
    people = [p for p in read(tmp_path / "population.csv") if p["occupation"] == "courier" and p["active"] == "1"]
    assert len(people) == 3240
    assert sum(years(date.fromisoformat(p["birth_date"]), END) <= 35 for p in people) == 1435
    assert {years(date.fromisoformat(p["birth_date"]), END) for p in people} <= set(range(18, 61))


def test_another_size_keeps_the_proportions(tmp_path: Path) -> None:
    write_demo_data(tmp_path, people=505)
    people = [p for p in read(tmp_path / "population.csv") if p["active"] == "1"]
    couriers = [p for p in people if p["occupation"] == "courier"]
    everybody = sum(profile.people for profile in PROFILES)
    assert (len(people), len(couriers)) == (505, round(505 * COURIERS / everybody))
    young = sum(years(date.fromisoformat(p["birth_date"]), END) <= 35 for p in couriers)
    assert abs(young - len(couriers) * YOUNG_COURIERS / COURIERS) <= 1


@pytest.mark.parametrize("people", [1, 2, 9])
def test_a_handful_of_people_is_a_city_too(tmp_path: Path, people: int) -> None:
    made = write_demo_data(tmp_path, people=people, months=3, preset="hard")
    assert made.people >= people
    assert all(file.path.is_file() for file in made.files)


def test_every_county_and_several_stations_have_people(city: DemoData, folder: Path) -> None:
    people = read(folder / "population.csv")
    assert len({p["county"] for p in people}) == 12
    rows = read(folder / "postal/2026-10-31/template.csv")
    assert len({row["站点"] for row in rows}) > 40


def test_every_row_has_its_true_person(city: DemoData, folder: Path) -> None:
    truth = {(r["partner"], r["staff_no"]): r["true_person"] for r in read(city.truth)}
    known = {p["true_person"] for p in read(folder / "population.csv")}
    assert set(truth.values()) <= known
    for file in city.files:
        rows = read(file.path.parent / "template.csv")
        assert rows
        assert {(file.partner, row["工号"]) for row in rows} <= truth.keys()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> dict[str, str]:
        write_demo_data(tmp_path / name, people=400, months=3, seed=seed, preset="hard")
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        return {str(p.relative_to(tmp_path / name)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    first, again, other = digest("first", 4), digest("again", 4), digest("other", 5)
    assert first == again
    assert first.keys() == other.keys()
    assert first["truth.csv"] != other["truth.csv"]


def test_full_numbers_have_the_never_issued_prefix_and_their_check_digit(city: DemoData) -> None:
    numbers: Counter[str] = Counter()
    wrong = 0
    for file in city.files:
        for row in read(file.path.parent / "template.csv"):
            number = row["证件号码"]
            assert number == "" or number[:4] in (NEVER_ISSUED[:4], "****")
            if "*" in number or not number:
                continue
            assert number.startswith(NEVER_ISSUED)
            assert len(number) in (15, 18)
            if len(number) == 18:
                numbers["all"] += 1
                wrong += check_digit(number[:17]) != number[17]
    assert numbers["all"] > 3_000
    assert 0 < wrong < numbers["all"] * 0.02


def test_two_people_share_a_number_only_on_purpose(city: DemoData, folder: Path) -> None:
    truth = {(r["partner"], r["staff_no"]): r["true_person"] for r in read(city.truth)}
    documents: dict[str, set[str]] = {}
    mobiles: dict[str, set[str]] = {}
    rows = 0
    for file in city.files:
        for row in read(file.path.parent / "template.csv"):
            rows += 1
            person = truth[file.partner, row["工号"]]
            if len(row["证件号码"]) == 18 and "*" not in row["证件号码"]:
                documents.setdefault(row["证件号码"], set()).add(person)
            mobile = row["手机号码"].replace(" ", "").removeprefix("+86")
            if len(mobile) == 11 and mobile.startswith("1") and len(set(mobile)) > 6:
                mobiles.setdefault(mobile, set()).add(person)
    assert sum(len(people) > 1 for people in documents.values()) <= rows * 0.003, "borrowed accounts alone"
    assert 0 < sum(len(people) > 1 for people in mobiles.values()) <= rows * 0.02


def test_the_postal_roster_is_gb18030_and_comes_back_as_it_was(city: DemoData) -> None:
    columns = load_partner(Settings().partner_dirs, "postal").format.columns
    seen: set[str] = set()
    for file in city.files:
        if file.partner != "postal":
            continue
        own, template = read(file.path, "gb18030"), read(file.path.parent / "template.csv")
        assert list(own[0]) == list(columns)
        standard = {field: column for column, field in TEMPLATE_V1.items()}
        assert [[row[standard[field]] for field in columns.values()] for row in template] == [
            list(row.values()) for row in own
        ]
        seen |= {ch for row in own for ch in row["员工姓名"]}
    assert seen & set(RARE), "a character that gbk cannot hold"
    assert "·" in seen


def test_names_are_as_common_and_as_odd_as_real_ones() -> None:
    names = make_names(random.Random(1), [1, 2] * 10_000)
    assert 0.055 < sum(name[0] == "王" for name in names) / len(names) < 0.09
    assert 100 < len(names) - len(set(names)) < len(names) / 2, "people of the same name"
    assert any(name.startswith("欧阳") for name in names)
    assert {len(name) for name in names if "·" not in name} >= {2, 3, 4}
    assert sum("·" in name for name in names) > 20
    assert len(MINORITY) > 1


def test_rosters_begin_after_people_were_hired_and_of_age(tmp_path: Path) -> None:
    write_demo_data(tmp_path, people=800, months=24)
    seen = 0
    for file in sorted(tmp_path.glob("postal/*/template.csv")):
        as_of = date.fromisoformat(file.parent.name)
        for row in read(file):
            seen += 1
            if row["入职日期"]:  # children on a roster have none
                assert date.fromisoformat(row["入职日期"]) <= as_of
            assert row["授权日期"] == "" or date.fromisoformat(row["授权日期"]) <= as_of
    assert seen > 5_000


def test_from_month_to_month_a_roster_repeats_itself(city: DemoData, folder: Path) -> None:
    before = {row["工号"]: row for row in read(folder / "postal/2026-09-30/template.csv")}
    after = {row["工号"]: row for row in read(folder / "postal/2026-10-31/template.csv")}
    stay = before.keys() & after.keys()
    assert 0.001 < len(after.keys() - stay) / len(after) < 0.015
    assert 0.001 < len(before.keys() - stay) / len(before) < 0.015
    assert 0.008 < sum(before[key] != after[key] for key in stay) / len(stay) < 0.035


def test_a_delta_holds_what_changed_and_who_left(city: DemoData) -> None:
    first, second = (file for file in city.files if file.partner == "didi")
    assert (first.since, second.since, second.kind) == (None, first.as_of, "delta")
    rows = read(second.path.parent / "template.csv")
    assert 0 < len(rows) < len(read(first.path.parent / "template.csv")) / 5
    assert {row["离职日期"] for row in rows} == {"", END.isoformat()}


def test_a_partner_may_send_a_full_roster_every_other_month(tmp_path: Path) -> None:
    made = write_demo_data(tmp_path, people=200, months=3)
    kinds = [(file.kind, file.since is not None) for file in made.files if file.partner == "sf"]
    assert kinds == [("full", False), ("delta", True), ("full", False)]


def test_a_workbook_roster_holds_what_the_template_beside_it_holds(city: DemoData, settings: Settings) -> None:
    """Through the reader itself: the title row, the hidden sheet and the formula cells are not rows."""
    partner = load_partner(settings.partner_dirs, "meituan")
    standard = {field: column for column, field in TEMPLATE_V1.items()}
    for file in city.files:
        if file.partner != "meituan":
            continue
        template = read(file.path.parent / "template.csv")
        source = read_workbook(file.path.open("rb"), partner, file.path.name)
        rows = [row for block in source.blocks for row in block.to_pylist()]
        assert len(rows) == len(template) > 1_000
        for field in ("staff_no", "document_no", "station", "hired_on"):
            assert [row[field] for row in rows] == [row[standard[field]].strip() for row in template], field


def test_month_ends_go_back_from_the_end() -> None:
    assert month_ends(date(2024, 3, 31), 3) == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]


def test_the_city_has_the_declared_partners_it_knows_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners = tmp_path / "partners"
    didi = Settings().partner_dirs[0] / "didi"
    shutil.copytree(didi, partners / "didi")
    shutil.copytree(didi, partners / "other")
    declaration = partners / "other/partner.yml"
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text.replace("code: didi", "code: other"), encoding="utf-8")
    monkeypatch.setenv("TALENTPOOL_PARTNERS", str(partners))
    made = write_demo_data(tmp_path / "out", people=50)
    assert {file.partner for file in made.files} == {"didi"}
