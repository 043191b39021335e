"""What cannot be seen costs nobody a value or a row: it comes out of every column, and a note counts the rows."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosters import Office, document, person
from talentpool.conform.characters.invisible import visible, visible_column
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest

CASE = Path(__file__).parents[2] / "cases" / "invisible-characters" / "invisible.csv"
SIGNS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202d\u202c\u2060\u2066\u2069\u00ad\ufeff\u034f\u061c\u180e\u3164\u2800\ufe0f\U000e0100\U000e0020\x7f\x1f"  # fmt: skip  # noqa: E501
VISIBLE_FORMATS = (0x600, 0x605), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2), (0x110BD, 0x110CD), (0x13430, 0x1343F)  # fmt: skip  # noqa: E501


def deliver(office: Office, path: Path) -> Outcome:
    return ingest(office, office.partner(), file=path,
                  as_of=date(2026, 10, 31), kind="full", count=count_flags)  # fmt: skip


def test_every_row_of_the_case_is_accepted_with_every_value(office: Office) -> None:
    outcome = deliver(office, CASE)
    assert (outcome.status, outcome.rows, outcome.accepted) == ("published", 20, 20), outcome.reasons
    assert outcome.reasons == {}
    with CASE.open(encoding="utf-8") as lines:
        marked = [row for row in csv.reader(lines) if any(visible(cell) != cell for cell in row)]
    assert outcome.notes == {"invisible_removed": len(marked)}
    assert (
        office.one("select count(*) from source_record where id_number_status = 'valid' and mobile_status = 'ok'") == 20
    )


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"U+{ord(sign):04X}")
def test_a_sign_in_every_column_changes_only_the_note(office: Office, sign: str) -> None:
    """As good as the row without it, and the same record of the same person."""
    clean = [person(n, birth_date="", occupation="外卖骑手", mobile2=f"1380000{n:04d}") for n in range(1, 5)]
    office.deliver("2026-09-30", clean)
    before = office.ask("select record_id, id_index, mobile_index, mobile2_index, name_county_index, county, sex, hired_on,"
                        " station, occupation, row_hash from source_record order by 1")  # fmt: skip
    dirty = [{key: sign + value[:1] + sign + value[1:] + sign for key, value in row.items()} for row in clean]
    outcome = office.deliver("2026-10-31", dirty)
    assert (outcome.status, outcome.accepted, outcome.reasons) == ("published", 4, {})
    assert outcome.notes == {"invisible_removed": 4}
    assert before == office.ask("select record_id, id_index, mobile_index, mobile2_index, name_county_index, county, sex,"
                                " hired_on, station, occupation, row_hash from source_record order by 1")  # fmt: skip


def test_odd_spaces_in_numbers_are_spaces_and_no_note(office: Office) -> None:
    number = document(7)
    rows = [
        person(
            1, mobile=f"139{space}1000{space}0{n:03d}", document_no=f"{number[:6]}{space}{number[6:]}", staff_no=f"S{n}"
        )
        for n, space in enumerate("\u00a0\u2009\u3000\u202f\u2003\t", 100)
    ]
    outcome = office.deliver("2026-10-31", rows)
    assert (outcome.accepted, outcome.reasons, outcome.notes) == (6, {}, {})
    assert (
        office.one("select count(*) from source_record where id_number_status = 'valid' and mobile_status = 'ok'") == 6
    )


def test_two_numbers_on_two_lines_of_a_cell_stay_two(office: Office) -> None:
    office.deliver(
        "2026-10-31",
        [person(1, mobile="13812345670\r\n0355-2023456"), person(2, mobile="13812345671\u202813912345671")],
    )
    assert office.ask("select mobile_status, mobile2_status from source_record order by staff_no") == [
        ("ok", "missing"), ("ok", "ok")]  # fmt: skip


def test_a_row_of_nothing_visible_is_no_row(office: Office) -> None:
    outcome = office.deliver("2026-10-31", [person(1), {"staff_no": "\u200b", "name": "\ufeff", "county": "\u2060"}])
    assert (outcome.rows, outcome.accepted) == (1, 1)


def test_every_format_and_separator_of_unicode_is_known() -> None:
    odd = [code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cf", "Cc", "Zs", "Zl", "Zp")]
    assert len(odd) > 200
    left = {code for code in odd if visible(f"a{chr(code)}b") not in ("ab", "a b", "a\nb")}
    assert left == {code for low, high in VISIBLE_FORMATS for code in range(low, high + 1) if code in odd}


@given(
    st.lists(
        st.text(
            st.one_of(
                st.sampled_from(SIGNS + "\u3000\u00a0\t\r\n\v\u2028\x85"), st.characters(exclude_categories=["Cs"])
            )
        )
    )
)
def test_a_column_becomes_visible_as_its_cells_do(cells: list[str]) -> None:
    column, _ = visible_column(pa.array(cells, pa.string()))
    assert [cell.strip() for cell in column.to_pylist()] == [visible(cell) for cell in cells]


def test_clean_columns_are_returned_as_they_are() -> None:
    for cells in (
        ["140199199001010016", "a b-c"],
        ["韩小明", "潞州区（城区）", "阿依古丽·艾力", "中文，标点。"],
        [""],
        [],
    ):
        column = pa.array(cells, pa.string())
        assert visible_column(column) == (column, None)
