"""What a partner mends or masks beside a corrected cell ends no correction; another person under the number inherits none."""

from __future__ import annotations

from datetime import date

import pytest

from databases import Twins
from rosters import Office, document, person
from set_aside import CITY, OURS, asked, bring, live, rows, words
from talentpool.conform.rows.remembered import bound_hash
from talentpool.decide import decide
from talentpool.guard import Personal, record_id
from talentpool.guard.personal import open_personal
from talentpool.services.mending import Place, acting, correct, release, standing
from uploads import brought

OTHERS = {"name": "王大力", "document_no": document(77, "1991-01-01"), "mobile": "13600000077"}
RIGHT = document(7, "1990-05-05")
FAULTY = RIGHT[:17] + ("1" if RIGHT[17] != "1" else "2")


@pytest.fixture
def city(twins: Twins) -> Office:
    return twins.office()


def roster(*changed: dict[str, str]) -> list[dict[str, str]]:
    return [*(person(n) for n in range(100, 140)), *changed]


def held(office: Office, number: int) -> dict[str, str]:
    record = record_id(office.keys, "didi", f"T{number:05d}")
    query = "select field, coalesce(end_cause, '') from remembered_value where record_id = :r"
    return dict(office.ask(query, r=record))


def mobile(office: Office, number: int) -> str:
    record = record_id(office.keys, "didi", f"T{number:05d}")
    with office.engine.connect() as conn:
        return open_personal(conn, office.keys, [record])[record].mobile


BESIDE_A_DATE: dict[str, tuple[dict[str, str], bool]] = {
    "masked": ({"name": "张*"}, True),
    "masked otherwise": ({"name": "张*华"}, True),
    "a title": ({"name": "张先生"}, True),
    "traditional": ({"name": "張小華"}, True),
    "spaced and wide": ({"name": "　张 小　华 "}, True),
    "mended": ({"name": "张晓花"}, True),
    "all masked": ({"name": "张*", "document_no": "*" * 18, "mobile": "139****{tail}"}, True),
    "no document": ({"document_no": ""}, True),
    "another document": ({"document_no": document(78, "1990-01-01")}, True),
    "somebody else": (OTHERS, False),
    "somebody else, masked": ({"name": "王*", "document_no": "1401**********0778", "mobile": ""}, False),
    "somebody else who fits the mask": (OTHERS | {"name": "张*"}, False),
}


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_correction_outlives_what_is_mended_and_masked_beside_it_and_no_change_of_person(
    city: Office, kind: str
) -> None:
    wrong = [person(n, name="张小华", hired_on="2024-13-45") for n, _ in enumerate(BESIDE_A_DATE, 1)]
    delivery = city.deliver("2026-10-31", roster(*wrong)).delivery_id or 0
    for place in range(len(wrong)):
        assert correct(city, Place(delivery, 41 + place), "hired_on", "2024-03-05", CITY).outcome == "taken"
    later = []
    for row, (changes, _) in zip(wrong, BESIDE_A_DATE.values(), strict=True):
        later.append(row | {name: cell.format(tail=row["mobile"][-4:]) for name, cell in changes.items()})
    said = city.deliver("2026-11-30", roster(*later) if kind == "full" else later, kind=kind)
    assert said.status == "held" and "staff_no_reused_many" in said.reasons
    assert decide(city, city.partner(), said.delivery_id or 0, "all", by="王", reason="核实").status == "published"
    found = {name: held(city, n) for n, name in enumerate(BESIDE_A_DATE, 1)}
    assert found == {name: {"hired_on": "" if stays else "changed"} for name, (_, stays) in BESIDE_A_DATE.items()}
    assert said.notes["value_remembered"] == sum(stays for _, stays in BESIDE_A_DATE.values())
    assert {live(city, f"T{n:05d}", "hired_on") for n in range(1, len(wrong) + 1)} == {date(2024, 3, 5)}


BESIDE_A_NAME: dict[str, tuple[str, bool]] = {
    "spaced": (" {number} ", True),
    "stars alone": ("******************", True),
    "another, masked": ("1401**********0009", False),
    "masked": ("{head}**********{tail}", True),
    "fifteen digits": ("{old}", True),
    "none": ("", True),
    "another": (document(79, "1990-01-01"), False),
}


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_corrected_name_outlives_what_is_done_to_the_document_and_goes_with_another(city: Office, kind: str) -> None:
    wrong = [person(n, name="测试") for n, _ in enumerate(BESIDE_A_NAME, 1)]
    delivery = city.deliver("2026-10-31", roster(*wrong)).delivery_id or 0
    for place in range(len(wrong)):
        assert correct(city, Place(delivery, 41 + place), "name", "韩梅梅", CITY).outcome == "taken"
    later = []
    for row, (form, _) in zip(wrong, BESIDE_A_NAME.values(), strict=True):
        one = row["document_no"]
        cell = form.format(number=one, head=one[:4], tail=one[-4:], old=one[:6] + one[8:17])
        later.append(row | {"document_no": cell})
    said = city.deliver("2026-11-30", roster(*later) if kind == "full" else later, kind=kind)
    assert said.status == "published", said
    found = {name: held(city, n)["name"] for n, name in enumerate(BESIDE_A_NAME, 1)}
    assert found == {name: "" if stays else "changed" for name, (_, stays) in BESIDE_A_NAME.items()}


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_partner_that_takes_the_right_name_over_and_hides_it_later_ends_no_other_correction(
    city: Office, kind: str
) -> None:
    wrong = person(7, name="测试", document_no="", mobile="123")
    delivery = city.deliver("2026-10-31", roster(wrong)).delivery_id or 0
    assert correct(city, Place(delivery, 41), "mobile", "13900000007", CITY).outcome == "waits"
    assert correct(city, Place(delivery, 41), "name", "韩梅梅", CITY).outcome == "taken"
    for day, name in (("2026-11-20", "韩梅梅"), ("2026-11-25", "韓梅梅"), ("2026-11-30", "韩*")):
        now = wrong | {"name": name}
        city.deliver(day, roster(now) if kind == "full" else [now], kind=kind)
        assert held(city, 7) == {"mobile": "", "name": "mended"} and mobile(city, 7) == "13900000007", name
    now = wrong | {"name": "王大力"}
    assert city.deliver("2026-12-01", roster(now) if kind == "full" else [now], kind=kind).status in (
        "published",
        "rejected",
    )
    assert kind == "delta" or held(city, 7)["mobile"] == "changed"


def test_a_delta_that_leaves_cells_empty_is_read_with_what_was_remembered_for_the_person(city: Office) -> None:
    """An empty cell of a delta says nothing: it neither lapses a correction nor keeps the person out."""
    wrong = person(7, name="测试", document_no=FAULTY)
    delivery = bring(city, wrong)
    correct(city, Place(delivery, 7), "document_no", RIGHT, CITY)
    assert correct(city, Place(delivery, 7), "name", "韩梅梅", CITY).outcome == "taken"
    for day, empty in (
        ("2026-11-05", ("document_no",)),
        ("2026-11-06", ("name",)),
        ("2026-11-07", ("name", "document_no")),
    ):
        changed = wrong | dict.fromkeys(empty, "") | {"station": f"新站{day}"}
        said = city.deliver(day, [changed], kind="delta")
        assert (said.status, said.accepted, said.reasons) == ("published", 1, {}), (empty, said)
        assert words(city) == [("document_no", ""), ("name", "")] and live(city, "T00007", "station") == f"新站{day}"
        assert live(city, "T00007", "id_number_status") == "valid"


def test_a_row_that_comes_in_by_a_delta_brings_the_remembered_value_of_an_empty_cell(city: Office) -> None:
    delivery = bring(city, person(7, county="火星", document_no=FAULTY))
    assert correct(city, Place(delivery, 7), "document_no", RIGHT, CITY).outcome == "waits"
    said = city.deliver("2026-11-05", [person(7, document_no="")], kind="delta")
    assert (said.accepted, said.notes["value_remembered"]) == (1, 1) and rows(city) == []
    assert live(city, "T00007", "id_number_status") == "valid"


def test_what_the_pool_knows_stays_where_a_delta_says_nothing(city: Office) -> None:
    bring(city, person(7, mobile="123"))
    asked(city, "T00007", "mobile", "13900000007", CITY)
    said = city.deliver("2026-11-05", [person(7, mobile="", station="新站")], kind="delta")
    assert "value_remembered" not in said.notes and mobile(city, 7) == "13900000007" and words(city) == [("mobile", "")]


def test_a_corrected_cell_that_is_hidden_or_written_anew_still_says_what_it_said(city: Office) -> None:
    bring(city, person(7), person(8))
    asked(city, "T00007", "mobile", "13900000007", CITY)
    asked(city, "T00008", "name", "韩梅梅", CITY)
    masked = person(7)["mobile"]
    now = person(7, mobile=f"{masked[:3]}****{masked[-4:]}"), person(8, name="韩**")
    assert city.deliver("2026-11-30", roster(*now)).notes["value_remembered"] == 2
    assert words(city) == [("mobile", ""), ("name", "")] and mobile(city, 7) == "13900000007"


def test_a_row_that_is_taken_as_it_is_is_asked_about_again_when_its_name_is_masked(city: Office) -> None:
    old = person(7, document_no=document(7, "1931-05-05"), name="张小华")
    release(city, Place(bring(city, old), 7), CITY)
    assert city.deliver("2026-11-29", roster(old)).quarantined == 0
    assert city.deliver("2026-11-30", roster(old | {"name": "张*"})).quarantined == 1


def test_words_from_before_hold_as_they_did(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their hash holds the name, and nothing else of the row was kept."""
    wrong = person(7, hired_on="2024-13-45"), person(8, hired_on="2024-13-45")
    delivery = bring(city, *wrong)
    with monkeypatch.context() as before:
        before.setattr(acting, "said_hash", bound_hash)
        before.setattr(standing, "to_seal", lambda value, cells: Personal(name=value))
        for row in (7, 8):
            assert correct(city, Place(delivery, row), "hired_on", "2024-03-05", CITY).outcome == "taken"
    again = city.deliver("2026-11-29", roster(*wrong))
    assert (again.quarantined, again.notes["value_remembered"]) == (0, 2)
    city.deliver("2026-11-30", roster(wrong[0], wrong[1] | {"name": "王大力"}))
    assert words(city) == [("hired_on", ""), ("hired_on", "changed")]


def test_what_a_county_said_of_a_row_is_corrected_as_it_stands(city: Office) -> None:
    """The word is held to the partner's own row, which says another name."""
    bring(city, person(7, name="张小华", document_no="", mobile="123"))
    brought(city, [person(7, name="张晓花", document_no="", mobile="123")], "2026-11-01", [OURS])
    assert asked(city, "T00007", "mobile", "13900000007", CITY).outcome == "taken"
    assert mobile(city, 7) == "13900000007"
