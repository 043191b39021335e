"""Whose row it is after its cells changed: the same person's whatever was mended, masked or written anew beside a value."""

from __future__ import annotations

import pytest

from rosters import document
from talentpool.conform.rows.whose import BESIDE, Then, opened_cells, packed_cells, same_person, says_the_same
from talentpool.conform.values.documents import check_digit

MALE = document(7, "1986-05-05")
OLD = MALE[:6] + MALE[8:17]
OTHERS = document(9, "1990-06-06")
WITH_X = next(one for n in range(1, 99) if (one := document(n)).endswith("X"))
FAULTY = MALE[:17] + ("1" if MALE[17] != "1" else "2")
ROW = {"name": "张小华", "document_no": MALE, "mobile": "13912345670"}
ELSE = {"name": "韩梅", "document_no": OTHERS, "mobile": "13712345671"}

FORMS = ("张*", "张**", "张*华", "张某", "张先生", "張某某", "张总", "张小華", "张 小 华", "张小华（已核）")


def cells(**said: str) -> dict[str, str]:
    return dict.fromkeys(BESIDE, "") | said


SURVIVES: list[tuple[str, dict[str, str], dict[str, str]]] = [
    # the name, masked or written in another form, beside every other value; with and without a number
    *((field, base, base | {"name": name}) for field in ("mobile", "document_no", "hired_on")
      for base in (ROW, ROW | {"document_no": ""}) for name in FORMS),
    ("mobile", ROW | {"name": "张*"}, ROW),
    ("mobile", ROW, ROW | {"name": "张晓花"}),  # mended: the document is the same
    ("mobile", ROW, ROW | {"name": "测试"}),
    ("hired_on", ROW | {"document_no": ""}, ROW | {"document_no": "", "name": "张晓花"}),  # the mobile is
    # the document
    *(("name", ROW | {"name": "测试"}, ROW | {"name": "测试", "document_no": number}) for number in
      (f" {MALE[:6]} {MALE[6:]}", OLD, f"1401**********{MALE[-4:]}", "*" * 18, "", FAULTY, f"{OLD[:6]}******{OLD[-3:]}")),
    ("name", {"name": "测试", "document_no": WITH_X}, {"name": "测试", "document_no": WITH_X.lower()}),
    ("name", {"name": "测试", "document_no": f"1401**********{MALE[-4:]}"}, {"name": "测试", "document_no": MALE}),
    ("name", {"name": "测试", "document_no": "E1234567", "document_type": "护照"},
     {"name": "测试", "document_no": "e 1234567", "document_type": "护照"}),
    ("name", {"name": "测试", "document_no": FAULTY}, {"name": "测试", "document_no": FAULTY, "mobile": "13912345670"}),
    ("hired_on", ROW, ROW | {"document_no": OTHERS}),  # the whole name is the same
    ("hired_on", ROW, ROW | {"document_no": "", "mobile": ""}),
    ("name", {"name": "测试"}, {"name": "测试"}),
    ("mobile2", ROW, ROW | {"name": "张*", "mobile": "139****5670", "document_no": "*" * 18}),
]  # fmt: skip
LAPSES: list[tuple[str, dict[str, str], dict[str, str]]] = [
    *((field, ROW, ELSE) for field in ("mobile", "hired_on", "name", "document_no")),
    *((field, ROW, ELSE | {field: ROW.get(field, "")}) for field in ("mobile", "name", "document_no")),
    ("hired_on", ROW, ELSE | {"mobile": ROW["mobile"]}),  # a station's number is handed on as well
    ("hired_on", ROW, ELSE | {"document_no": "", "mobile": ""}),
    ("hired_on", ROW, {"name": "韩*", "document_no": "", "mobile": ""}),
    ("hired_on", ROW, {"name": "张*", "document_no": OTHERS, "mobile": ""}),
    ("hired_on", ROW, {"name": "张*", "document_no": f"1401**********{OTHERS[-4:]}"}),
    ("hired_on", ROW, {"name": "韩先生"}),
    ("hired_on", ROW, {"name": "新员工"}),
    ("hired_on", ROW, {"name": "张*", "mobile": "13712345671"}),
    ("hired_on", {"name": "张小华", "birth_date": "1990-05-05"}, {"name": "张*", "birth_date": "1991/05/05"}),
    ("hired_on", {"name": "张小华"}, {"name": ""}),
    ("name", {"name": "测试", "document_no": MALE}, {"name": "测试"}),
    ("name", {"name": "测试", "mobile": "13912345670", "birth_date": "1990-05-05"},
     {"name": "测试", "mobile": "13912345670", "birth_date": "1991-05-05"}),
    ("mobile", {"name": "张小华", "mobile": "13912345670"}, {"name": "韩梅", "mobile": "13912345670"}),
    # a mistaken number or name may be whose row it is by now
    ("document_no", ROW, ROW | {"name": "韩梅"}),
    ("name", ROW, ROW | {"document_no": OTHERS}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "then", "now"), SURVIVES)
def test_what_is_mended_masked_or_written_anew_beside_it_makes_no_other_person(
    field: str, then: dict[str, str], now: dict[str, str]
) -> None:
    assert same_person(Then(cells(**then)), cells(**now), field, delta=False)


@pytest.mark.parametrize(("field", "then", "now"), LAPSES)
def test_a_number_that_was_handed_on_brings_another_person(
    field: str, then: dict[str, str], now: dict[str, str]
) -> None:
    assert not same_person(Then(cells(**then)), cells(**now), field, delta=False)


def test_what_was_put_right_counts_as_theirs_and_nobody_elses() -> None:
    then = Then(cells(name="测试", mobile="13912345670"), [("name", "韩梅"), ("document_no", OTHERS)])
    for name in ("韩梅", "韩*", "韓梅"):
        assert same_person(then, cells(name=name), "mobile", delta=False)
    assert same_person(then, cells(name="测试", document_no=OTHERS), "mobile", delta=False)
    assert not same_person(then, cells(name="张小华"), "mobile", delta=False)


def test_an_empty_cell_of_a_delta_says_nothing() -> None:
    then = Then(cells(name="测试", document_no=MALE))
    assert same_person(then, cells(name="测试"), "name", delta=True)
    assert not same_person(then, cells(name="测试", mobile="13712345671"), "name", delta=True)


@pytest.mark.parametrize(
    ("field", "then", "now", "same"),
    [
        ("name", "张小华", "张小華", True),
        ("name", "张小华", "张*", True),
        ("name", "张*", "张小华", False),
        ("name", "张小华", "张晓花", False),
        ("document_no", OTHERS, f"1401**********{OTHERS[-4:]}", True),
        ("document_no", OLD, MALE, True),
        ("document_no", OTHERS, MALE, False),
        ("mobile", "13912345670", "139****5670", True),
        ("mobile", "13912345670", "13912345671", False),
        ("birth_date", "1990-05-05", "1990-05-06", False),
        # a number that no rule reads, hidden in part
        ("document_no", FAULTY, FAULTY[:6] + "*" * 8 + FAULTY[14:], True),
        ("document_no", FAULTY, FAULTY[:6] + "*" * 8 + MALE[14:], False),
        ("mobile", "1391234567", "139****567", True),
        ("mobile", "1391234567", "139****568", False),
        ("mobile", "1391234567", "1391234567", False),
    ],
)
def test_the_corrected_cell_itself_may_be_masked_or_written_anew(field: str, then: str, now: str, same: bool) -> None:
    assert says_the_same(field, cells(**{field: then}), cells(**{field: now})) is same


def test_cells_come_back_as_they_were_sealed_and_a_value_from_before_has_none() -> None:
    row = cells(**ROW, mobile2="\x1e1")
    assert opened_cells(packed_cells(row)) == row | {"mobile2": " 1"}
    assert opened_cells("") is None


def test_the_numbers_of_these_rows_are_what_they_are_meant_to_be() -> None:
    assert OLD[:6] + "19" + OLD[6:] + check_digit(OLD[:6] + "19" + OLD[6:]) == MALE
