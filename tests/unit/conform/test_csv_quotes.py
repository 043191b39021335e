"""A cell never holds rows: a quote without its partner is found wherever it stands, and proper quotes are no matter."""

from __future__ import annotations

from datetime import date

import pytest

from csv_files import CASES, HEADER, STATION, lines, read, stray, text, with_cell
from rosters import Office, person
from talentpool.check import check
from talentpool.errors import RejectedError
from talentpool.expect import count_flags
from talentpool.flow import ingest

ALL_QUOTED = ['"' + line.replace(",", '","') + '"' for line in lines()]
EVERYBODY = [f"T{number:05d}" for number in range(1, 31)]


def refused(data: bytes) -> str:
    with pytest.raises(RejectedError) as caught:
        read(data)
    assert caught.value.code == "csv_malformed"
    message = str(caught.value)
    for number in range(1, 31):
        row = person(number)
        assert not any(row[field] in message for field in ("staff_no", "name", "document_no", "mobile"))
    return message


def test_two_stray_quotes_do_not_swallow_seven_people(office: Office) -> None:
    case = CASES / "stray-quotes-swallow-rows"
    good, bad = case / "1_good.csv", case / "2_stray_quotes.csv"
    rooms = (office, office.partner())
    assert ingest(*rooms, file=good, as_of=date(2026, 9, 30), kind="full", count=count_flags).accepted == 60
    before = office.ask("select staff_no, row_hash, status from source_record order by 1")
    tried = check(*rooms, bad, as_of=date(2026, 10, 31), kind="full").outcome
    outcome = ingest(*rooms, file=bad, as_of=date(2026, 10, 31), kind="full", count=count_flags)
    for found in (tried, outcome):
        assert (found.status, found.reasons) == ("rejected", {"csv_malformed": 1})
        assert found.message and "第 12 行“站点”列" in found.message
    assert office.ask("select staff_no, row_hash, status from source_record order by 1") == before
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []


@pytest.mark.parametrize("column", [0, 1, STATION, 14])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_pair_of_stray_quotes_in_any_column_is_placed(column: int, encoding: str) -> None:
    data = text(stray(lines(), 5, 9, column)).decode().encode(encoding)
    assert f"第 6 行“{HEADER.split(',')[column]}”列（第 {column + 1} 列）" in refused(data)


@pytest.mark.parametrize("column", [0, STATION, 14])
@pytest.mark.parametrize("opened", [5, 29])
def test_a_quote_that_never_closes_is_placed_where_it_was_opened(column: int, opened: int) -> None:
    assert f"第 {opened + 1} 行" in refused(text(with_cell(lines(), opened, column, '"{}')))


def test_an_even_number_of_quotes_that_each_swallow_rows_is_found() -> None:
    twice = stray(stray(lines(), 5, 9, STATION), 15, 19, STATION)
    assert "第 6 行" in refused(text(twice))


def test_rows_with_hardly_a_cell_filled_are_not_swallowed() -> None:
    bare = [*lines(4), *(f"T{n:05d}" + "," * 14 for n in range(5, 10)), *lines(12)[10:]]
    assert "第 4 行" in refused(text(stray(bare, 3, 10, STATION)))


def test_a_swallowing_quote_in_a_column_that_is_dropped_is_found() -> None:
    more = [line + (",备注" if n == 0 else ",无") for n, line in enumerate(lines())]
    assert "第 6 行“备注”列" in refused(text(stray(more, 5, 9, 15)))


def test_a_remark_with_a_stray_quote_does_not_take_people_with_it() -> None:
    remarked = [*lines()[:10], '"备注：以上人员', *lines()[10:20], '以上"', *lines()[20:]]
    assert "第 11 行" in refused(text(remarked))


@pytest.mark.parametrize("opened", [12_000, 19_990])
def test_a_quote_in_a_later_block_is_placed(opened: int) -> None:
    many = lines(20_000)
    assert f"第 {opened + 1} 行" in refused(text(stray(many, opened, opened + 3, STATION)))
    assert f"第 {opened + 1} 行" in refused(text(with_cell(many, opened, STATION, '"{}')))


def test_a_header_that_swallows_rows_neither_names_them_nor_takes_them_for_columns() -> None:
    for header in (HEADER.replace("告知版本", '"告知版本'), HEADER.replace("姓名", '"姓名')):
        for end in ([], with_cell(lines(), 3, 1, '{}"')[3:]):
            assert "第 1 行" in refused(text([header, *(end or lines()[1:])]))
    assert "第 2 行" in refused(text(['"长治市名册', *lines()]))


@pytest.mark.parametrize(
    ("cell", "station"),
    [
        ('"太行站\n二层"', "太行站\n二层"),
        ('"太行站\r\n二层,东门"', "太行站\n二层,东门"),  # a carriage return is none of what can be seen
        ('"太行站,东门"', "太行站,东门"),
        ('"太行""总""站"', '太行"总"站'),
        ('12" 货车站', '12" 货车站'),
        ("“太行”站", "“太行”站"),
        ("＂太行站", "＂太行站"),
        ('""', ""),
    ],
)
def test_a_proper_cell_is_read_as_it_was_meant(cell: str, station: str) -> None:
    for encoding in ("utf-8", "gb18030"):
        found = read(text(with_cell(lines(), 5, STATION, cell)).decode().encode(encoding))
        assert found.staff == EVERYBODY
        assert found.stations[4] == station


def test_a_roster_whose_every_cell_is_quoted_is_an_ordinary_one() -> None:
    assert read(text(ALL_QUOTED)).staff == EVERYBODY
    assert read(text([*ALL_QUOTED, '"合计","30"'])).staff == EVERYBODY


def test_a_header_may_break_its_lines() -> None:
    header = HEADER.replace("出生日期", '"出生日期\n(如 1990-01-01,1990/1/1)"').replace(
        "工作区县", '"工作区县\n(如140403)"'
    )
    assert read(text([header, *lines()[1:]])).staff == EVERYBODY


@pytest.mark.parametrize("column", [0, STATION, 14])
@pytest.mark.parametrize("lost", ["opening", "closing"])
def test_one_quote_lost_among_quoted_cells_changes_no_value(column: int, lost: str) -> None:
    """Without its opening quote a staff number would end in one: another number, and a person gone."""
    quoted = ['"' + '","'.join(line.split(",")) + '"' for line in lines()]
    cells = quoted[5].split(",")
    cells[column] = cells[column][1:] if lost == "opening" else cells[column][:-1]
    quoted[5] = ",".join(cells)
    assert "第 6 行" in refused(text(quoted))


@pytest.mark.parametrize(
    ("column", "cell"), [(0, 'T0"0005'), (0, 'T00005"'), (STATION, '站点3"'), (STATION, '"太行站"x'), (1, '韩"子')]
)
def test_a_quote_within_a_value_that_cannot_hold_one_is_placed(column: int, cell: str) -> None:
    assert f"第 6 行“{HEADER.split(',')[column]}”列" in refused(text(with_cell(lines(), 5, column, cell)))


def test_quotes_in_a_column_that_is_dropped_do_no_harm() -> None:
    more = [line + (",备注" if n == 0 else ',{"a":1}') for n, line in enumerate(lines())]
    assert read(text(more)).staff == EVERYBODY
