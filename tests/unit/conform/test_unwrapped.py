"""Signs that only say "this is text" cost no value, in whatever column and whatever form of file."""

from __future__ import annotations

import openpyxl
import pyarrow as pa
import pytest

from rosters import Office, document, person
from talentpool.conform.characters.unwrapped import unwrapped_column
from talentpool.declare import TEMPLATE_V1

DAY = "2026-10-31"
WAYS = ["'{}", '="{}"', "‘{}’", '"{}"', "“{}”", '=T("{}")', "`{}", '＝"{}"', '= "{}" ']
FIELDS = ["name", "document_no", "mobile", "county", "station", "hired_on", "consented_on", "notice_version", "sex"]
LOOK = (
    "select name_status, id_number_status, mobile_status, county, station, hired_on, consented_on, notice_version, sex,"
    " id_index, mobile_index, name_county_index from source_record where staff_no = 'T00001'"
)


@pytest.mark.parametrize("how", WAYS)
def test_a_sign_for_text_is_no_part_of_a_value(office: Office, how: str) -> None:
    whole, others = person(1, document_no=document(1, "1990-03-07")), [person(n) for n in range(2, 31)]
    office.deliver("2026-09-30", [whole, *others])
    expected = office.ask(LOOK)
    wrapped = {field: how.format(whole[field]) for field in FIELDS}
    found = office.deliver(DAY, [whole | wrapped | {"county": whole["county"]}, *others])
    assert (found.status, found.accepted, found.notes) == ("published", 30, {"notation_undone": 1})
    assert office.ask(LOOK) == expected


@pytest.mark.parametrize("how", ["'{}", '="{}"', "={}"])
def test_a_first_roster_with_a_sign_before_every_number_loses_none(office: Office, how: str) -> None:
    rows = [
        one | {"document_no": how.format(one["document_no"]), "mobile": how.format(one["mobile"])}
        for one in map(person, range(1, 31))
    ]
    found = office.deliver(DAY, rows)
    assert (found.status, found.notes) == ("published", {"notation_undone": 30})
    assert (
        office.one("select count(*) from source_record where id_number_status = 'valid' and mobile_status = 'ok'") == 30
    )


def test_a_workbook_whose_cells_hold_the_sign_as_text(office: Office) -> None:

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(TEMPLATE_V1))
    for n in range(1, 31):
        row = person(n)
        sheet.append(
            [("'" + row[f] if f in ("document_no", "mobile") else row.get(f, "")) for f in TEMPLATE_V1.values()]
        )
    path = office.folder / "signs.xlsx"
    book.save(path)
    found = office.take(path)
    assert (found.status, found.notes) == ("published", {"notation_undone": 30})


@pytest.mark.parametrize(
    "cell", ["=A1", "=1+1", "=cmd|' /C calc'!A0", "王'小明", "'", '""', "O’Brien", "太行“北”站", '="a"&"b"', "="]
)
def test_what_is_more_than_a_sign_stays(cell: str) -> None:
    column, came_off = unwrapped_column(pa.array(["", cell, "王", ""]).slice(1))
    assert column.to_pylist()[0] in (cell, "") and column.to_pylist()[1:] == ["王", ""]
    assert cell == '""' or came_off is None
