"""Files: which are read, and which are refused before a row is staged."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from rosters import Office, document, person
from talentpool.declare import TEMPLATE_V1
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest

ROWS = [person(n) for n in range(1, 13)]


def take(office: Office, name: str, data: bytes, partner: str = "didi") -> Outcome:
    path = office.folder / name
    path.write_bytes(data)
    return ingest(
        office,
        office.partner(partner),
        file=path,
        as_of=date(2026, 10, 31),
        count=count_flags,
    )


def as_csv(rows: list[dict[str, str]] = ROWS, header: list[str] | None = None) -> str:
    lines = [",".join(header or TEMPLATE_V1)]
    lines += [",".join(row.get(field, "") for field in TEMPLATE_V1.values()) for row in rows]
    return "\r\n".join(lines) + "\r\n"


def as_xlsx(rows: list[list[object]], **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("名册")
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
    return out.getvalue()


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")])
def test_the_template_is_read_in_its_three_encodings(office: Office, encoding: str, said: str) -> None:
    rows = [*ROWS, person(20, name="李𠮷"), person(21, name="阿依·古丽")]
    found = take(office, "roster.csv", as_csv(rows).encode(encoding))
    assert (found.status, found.accepted) == ("published", 14)
    assert office.one("select encoding from delivery") == said


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("encoding_unknown", as_csv().encode("utf-16")),
        ("encoding_unknown", as_csv().encode("gb18030") + "合计,测试".encode() + b"\xff\xff,\r\n"),
        ("encoding_unknown", as_csv().encode("utf-8")[:-30] + "王".encode("gb18030") + b"\xff,\r\n"),
        ("nul_bytes", as_csv().encode() + b"\0\0"),
        ("header_unknown", as_csv().encode("utf-8").decode("gb18030", "ignore").encode("utf-8")),
        ("header_unknown", b""),
        ("header_unknown", "运单号,收件人,金额\r\n1,2,3\r\n".encode()),
        ("header_missing", as_csv(header=["编号" if c == "工号" else c for c in TEMPLATE_V1]).encode()),
        ("header_doubled", as_csv(header=["姓名" if c == "性别" else c for c in TEMPLATE_V1]).encode()),
        ("no_rows", as_csv([]).encode()),
        ("csv_malformed", (as_csv() + 'X1,"never closed,男\r\n').encode()),
        ("csv_malformed", (as_csv() + "too,few\r\n").encode()),
    ],
)
def test_a_file_that_is_not_a_roster_is_rejected_and_nothing_is_staged(office: Office, code: str, data: bytes) -> None:
    found = take(office, "roster.csv", data)
    assert (found.status, found.reasons) == ("rejected", {code: 1})
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []
    assert office.one("select count(*) from source_record") == 0


def test_columns_in_any_order_extra_ones_dropped_and_noted(office: Office) -> None:
    header = [*reversed(TEMPLATE_V1), "银行卡号"]
    lines = [",".join(header)]
    lines += [",".join([*(row.get(TEMPLATE_V1[c], "") for c in header[:-1]), "6222020000000000"]) for row in ROWS]
    found = take(office, "roster.csv", "\n".join(lines).encode())
    assert (found.accepted, found.notes) == (12, {"extra_columns": 1})
    dumped = "".join(str(row) for row in office.ask("select * from source_record"))
    assert "6222020000000000" not in dumped


def test_title_total_and_blank_lines_are_not_rows(office: Office) -> None:
    body = "长治市网约车司机名册" + "," * 14 + "\r\n\r\n" + as_csv() + "," * 14 + "\r\n合计,12" + "," * 13 + "\r\n"
    found = take(office, "roster.csv", body.encode())
    assert (found.status, found.rows) == ("published", 12)


def test_a_cell_may_hold_line_breaks_quotes_and_formulas_and_stays_text(office: Office) -> None:
    rows = [*ROWS, person(20, station="\"=cmd|' /C calc'!A0\""), person(21, station='"<b>站</b>\n二层"')]
    found = take(office, "roster.csv", as_csv(rows).encode())
    assert found.accepted == 14
    assert office.ask("select station from source_record where staff_no in ('T00020', 'T00021') order by 1") == [
        ("<b>站</b>\n二层",),
        ("=cmd|' /C calc'!A0",),
    ]


def test_a_workbook_is_read_with_its_title_rows_dates_and_numbers(office: Office) -> None:
    header = list(TEMPLATE_V1)
    rows: list[list[object]] = [["名册"], header]
    for n, row in enumerate(ROWS):
        cells: list[object] = [row.get(field, "") for field in TEMPLATE_V1.values()]
        cells[header.index("入职日期")] = 45352
        if n == 0:
            cells[header.index("证件号码")] = float(document(1)[:17] + "0")
        if n == 1:
            cells[header.index("手机号码")] = 13912340567
        rows.append(cells)
    found = take(office, "roster.xlsx", as_xlsx([*rows, ["合计", 12]]))
    assert (found.status, found.rows, found.reasons) == ("published", 12, {"id_precision_lost": 1})
    assert office.ask("select hired_on::text, count(*) from source_record group by 1") == [("2024-03-01", 12)]
    assert office.one("select mobile_status from source_record where staff_no = 'T00002'") == "ok"


def spoiled(kind: str) -> bytes:
    """A workbook that must not be opened."""
    book = as_xlsx([list(TEMPLATE_V1), ["T1"]])
    if kind == "pdf":
        return b"%PDF-1.7 ..."
    if kind == "encrypted":
        return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    if kind == "cut":
        return book[: len(book) // 2]
    if kind == "wide":
        return as_xlsx([[*TEMPLATE_V1, *(f"c{n}" for n in range(300))]])
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        if kind == "bomb":
            archive.writestr("xl/media/zeros.bin", bytes(80 * 1024**2))
        if kind == "macros":
            archive.writestr("xl/vbaProject.bin", b"x")
        if kind == "links":
            archive.writestr("xl/externalLinks/externalLink1.xml", b"<x/>")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["pdf", "encrypted", "cut", "wide", "bomb", "macros", "links"])
def test_a_workbook_that_is_not_plain_is_refused_before_it_is_read(office: Office, kind: str) -> None:
    found = take(office, "roster.xlsx", spoiled(kind))
    assert (found.status, found.reasons) == ("rejected", {"workbook_refused": 1})


def test_a_message_of_a_refusal_holds_no_value_of_a_person(office: Office) -> None:
    data = as_csv().encode() + f'X1,"{person(1)["name"]},{person(1)["document_no"]}\r\n'.encode()
    found = take(office, "roster.csv", data)
    assert found.status == "rejected" and found.message
    assert person(1)["name"] not in found.message
    assert person(1)["document_no"] not in found.message


def test_a_file_in_the_own_format_of_the_partner_is_known_by_its_header(office: Office) -> None:
    sample = Path(__file__).resolve().parents[3] / "include/partners/postal/sample.csv"
    found = take(office, "roster_postal_20261031_01.csv", sample.read_bytes(), partner="postal")
    assert found.rows == 13
    assert office.one("select form from delivery") == "own"
