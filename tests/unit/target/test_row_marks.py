"""A leaked sheet says whose it was, whatever was done to it on the way."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from talentpool.errors import RejectedError, UsageError
from talentpool.guard import Blinder, KeyRing
from talentpool.guard.export import Column, Sheet, workbook
from talentpool.target.row_marks import marked, row_numbers_in, trace
from talentpool.target.rows import check_sign, row_number

MARKS = [f"provision:{number}" for number in range(1, 9)]


@pytest.fixture
def listed(keys: KeyRing) -> list[str]:
    """The row numbers of a list of 300."""
    hashed, used = Blinder(keys.key("list_row")), set[str]()
    return [row_number(hashed, str(n).encode(), used) for n in range(300)]


def sheet(path: Path, numbers: list[str]) -> Path:
    columns = (Column("序号", 6), Column("行号", 14), Column("姓名", 18))
    rows = [(n, number, f"试{n}") for n, number in enumerate(numbers)]
    path.write_bytes(workbook([Sheet("名单", "名单", "", columns, rows)], title="名单", made_on=date(2026, 10, 31)))
    return path


def test_no_two_exports_print_a_number_in_common_and_the_same_export_prints_the_same(
    keys: KeyRing, listed: list[str]
) -> None:
    printed = {mark: set(marked(keys, mark, listed).values()) for mark in MARKS}
    assert all(len(numbers) == len(listed) for numbers in printed.values())
    assert len(set.union(set(listed), *printed.values())) == len(listed) * (len(MARKS) + 1)
    assert marked(keys, MARKS[0], listed) == marked(keys, MARKS[0], listed)


def test_a_marked_number_looks_like_any_other(keys: KeyRing, listed: list[str]) -> None:
    numbers = marked(keys, MARKS[0], listed).values()
    assert {len(number) for number in numbers} == {len(number) for number in listed} == {10}
    assert all(check_sign(number[:4] + number[5:9]) == number[9] for number in numbers)


@pytest.mark.parametrize("mark", MARKS)
def test_a_sheet_sorted_anew_and_cut_down_to_a_few_rows_leads_to_its_export(
    keys: KeyRing, listed: list[str], tmp_path: Path, mark: str
) -> None:
    numbers = random.Random(mark).sample(list(marked(keys, mark, listed).values()), 3)
    found = trace(keys, row_numbers_in(sheet(tmp_path / "leaked.xlsx", numbers)), dict.fromkeys(MARKS, listed))
    assert [(traced.mark, traced.found, traced.read) for traced in found] == [(mark, 3, 3)]


def test_one_number_typed_off_in_any_way_is_enough(keys: KeyRing, listed: list[str], tmp_path: Path) -> None:
    number = marked(keys, "provision:5", listed)[listed[7]]
    for told in (number, number.lower(), number.replace("-", ""), number.replace("-", "－"), f"微信：{number}，谁漏的"):
        for encoding in ("utf-8", "gb18030"):
            path = tmp_path / "seen.txt"
            path.write_text(told, encoding=encoding)
            found = trace(keys, row_numbers_in(path), dict.fromkeys(MARKS, listed))
            assert [traced.mark for traced in found] == ["provision:5"], (told, encoding)


def test_a_sheet_put_together_from_two_names_both_the_greater_part_first(keys: KeyRing, listed: list[str]) -> None:
    first, second = (list(marked(keys, mark, listed).values()) for mark in MARKS[:2])
    found = trace(keys, first[:2] + second[:5], dict.fromkeys(MARKS, listed))
    assert [(traced.mark, traced.found) for traced in found] == [(MARKS[1], 5), (MARKS[0], 2)]


def test_under_another_key_and_for_numbers_of_no_export_nothing_is_found(keys: KeyRing, listed: list[str]) -> None:
    assert trace(keys, listed, dict.fromkeys(MARKS, listed)) == [], "the list's own numbers are of no export"


def test_a_misread_number_is_left_out_and_a_sheet_without_one_is_said_to_have_none(
    keys: KeyRing, listed: list[str], tmp_path: Path
) -> None:
    number = marked(keys, MARKS[0], listed)[listed[0]]
    swapped = number[1] + number[0] + number[2:] if number[0] != number[1] else number[:-1]
    path = tmp_path / "seen.txt"
    path.write_text(f"{swapped}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no row number"):
        row_numbers_in(path)
    broken = tmp_path / "bomb.xlsx"
    broken.write_bytes(b"PK\x03\x04" + bytes(200))
    with pytest.raises(RejectedError):
        row_numbers_in(broken)
