"""Workbooks that nobody should open, and the plain one they are made from; every one is made here, none is kept."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import xlsxwriter

from talentpool.declare import TEMPLATE_V1

SHEET, STRINGS, BOOK, TYPES = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/workbook.xml",
    "[Content_Types].xml",
)
FIELDS = list(TEMPLATE_V1.values())


def plain(rows: Iterable[Sequence[Any]], *, header: Sequence[str] = tuple(TEMPLATE_V1), **options: Any) -> bytes:
    """A workbook as a spreadsheet program writes it: the template's header and `rows`."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        sheet = book.add_worksheet("名册")
        for at, cells in enumerate([header, *rows]):
            sheet.write_row(at, 0, cells)
    return out.getvalue()


def roster(people: Iterable[dict[str, str]], **options: Any) -> bytes:
    return plain(([row.get(field, "") for field in FIELDS] for row in people), **options)


def changed(book: bytes, parts: dict[str, Callable[[bytes], bytes] | bytes]) -> bytes:
    """The workbook with parts replaced, or added when they are not there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in parts if name not in old.namelist())]:
            how = parts.get(name, old.read(name) if name in old.namelist() else b"")
            new.writestr(name, how(old.read(name)) if callable(how) else how)
    return out.getvalue()


LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)


def declaring(part: str) -> Callable[[bytes], bytes]:
    """Billion laughs at the top of a part."""

    def add(data: bytes) -> bytes:
        at = data.index(b"?>") + 2
        return data[:at] + LAUGHS + data[at:]

    assert part
    return add


def bomb(book: bytes, size: int = 80 * 1024**2) -> bytes:
    """A part of zeros: a hundred kilobytes that unpack to `size`."""
    return changed(book, {"xl/media/zeros.bin": bytes(size)})


def lying(book: bytes, size: int = 80 * 1024**2) -> bytes:
    """The same, but its directory and its header say that it is small."""
    data = bytearray(bomb(book, size))
    true = struct.pack("<I", size)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(mark)
        while at >= 0:
            if data[at + place : at + place + 4] == true:
                data[at + place : at + place + 4] = struct.pack("<I", 900)
            at = data.find(mark, at + 4)
    return bytes(data)


def overlapping(book: bytes) -> bytes:
    """Two directory entries of one body."""
    data = bytearray(changed(book, {"xl/media/a.bin": b"x" * 4000, "xl/media/b.bin": b"y" * 4000}))
    first, second = data.rfind(b"xl/media/a.bin"), data.rfind(b"xl/media/b.bin")
    data[second - 4 : second] = data[first - 4 : first]
    return bytes(data)


def far(columns: int = 10_000) -> bytes:
    """A header ten thousand columns wide."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, [*TEMPLATE_V1, *(f"c{n}" for n in range(columns - len(TEMPLATE_V1)))])
    return out.getvalue()


def unplaced_cells(book: bytes, cells: int) -> bytes:
    """A row of cells that do not say where they stand: only a parser finds out how many they are."""
    row = b'<row r="2">' + b"<c><v>1</v></c>" * cells + b"</row></sheetData>"
    return changed(book, {SHEET: lambda data: data.replace(b"</sheetData>", row, 1)})


def corner(book: bytes) -> bytes:
    """One cell in column ZZ of the last row there is: nothing to send, much to lay out."""
    row = b'<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row></sheetData>'
    return changed(book, {SHEET: lambda data: data.replace(b"</sheetData>", row, 1)})


def long_cell(book: bytes, size: int = 5 * 1024**2) -> bytes:
    """A cell of five megabytes, which no spreadsheet can write."""
    cell = b'<row r="2"><c r="A2" t="inlineStr"><is><t>' + b"A" * size + b"</t></is></c></row></sheetData>"
    return changed(book, {SHEET: lambda data: data.replace(b"</sheetData>", cell, 1)})


def too_many(count: int = 200_060) -> bytes:
    """More rows than a workbook may have."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(2, count + 2))
    return changed(BOOK_ONE, {SHEET: lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>", 1)})


def date1904(book: bytes) -> bytes:
    return changed(book, {BOOK: lambda data: data.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)})


def macro_type(data: bytes) -> bytes:
    return data.replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )


BOOK_ONE = plain([["T00201", "韩甲"]])
REFUSED: dict[str, bytes] = {
    "zip bomb": bomb(BOOK_ONE),
    "zip bomb that lies about its size": lying(BOOK_ONE),
    "overlapping parts": overlapping(BOOK_ONE),
    "entities in the strings": changed(BOOK_ONE, {STRINGS: declaring(STRINGS)}),
    "entities in the sheet": changed(BOOK_ONE, {SHEET: declaring(SHEET)}),
    "a part in UTF-16": changed(BOOK_ONE, {SHEET: lambda data: data.decode().encode("utf-16")}),
    "macros": changed(BOOK_ONE, {"xl/vbaProject.bin": b"x"}),
    "of the kind with macros": changed(BOOK_ONE, {TYPES: macro_type}),
    "links to other workbooks": changed(BOOK_ONE, {"xl/externalLinks/externalLink1.xml": b"<x/>"}),
    "an outside data source": changed(BOOK_ONE, {"xl/connections.xml": b"<x/>"}),
    "embedded objects": changed(BOOK_ONE, {"xl/embeddings/oleObject1.bin": b"x"}),
    "encrypted, or an old xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
    "a PDF under another name": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "a picture under another name": b"\x89PNG\r\n\x1a\n" + bytes(400),
    "ten thousand columns": far(),
    "two hundred and one columns": far(201),
    "cells without a place": unplaced_cells(BOOK_ONE, 3_000),
    "one cell in the farthest corner": corner(BOOK_ONE),
    "one cell of five megabytes": long_cell(BOOK_ONE),
    "cut off": BOOK_ONE[: len(BOOK_ONE) // 2],
    "a damaged part": changed(BOOK_ONE, {SHEET: b"<worksheet><sheetData><row"}),
    "a zip, but no workbook": changed(BOOK_ONE, {}).replace(b"xl/workbook.xml", b"xl/wirkbook.xml"),
}
