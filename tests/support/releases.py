"""A locked list of two counties and what leaves of it: declared recipients, files opened by whom they are for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyrage

from approvals import unapproved
from rosters import Office, document, person
from talentpool.campaigns import Drawn, draw
from talentpool.reference import set_row, table_named
from talentpool.settings import Settings

OURS, THEIRS, EMPTY = "140403", "140404", "140430"
AS_OF, TODAY = date(2026, 10, 31), date(2026, 11, 24)
SIGNED = {"by": "王主任", "reason": "本人书面申请", "received_on": TODAY}


def young(number: int, **changes: str) -> dict[str, str]:
    return person(number, document_no=document(number, "1999-05-05"), **changes)


def run(office: Office, *codes: str, lock: bool = True, out: Path | None = None, **more: Any) -> Drawn:
    winter = unapproved(office.settings)
    said = {"by": "李专员", "today": TODAY} | more
    return draw(office, winter, AS_OF, lock=lock, out=out, recipients=codes, **said)


def declare(office: Office, code: str, kind: str, division: str, **cells: str) -> None:
    row = {"code": code, "name": f"{code} 收", "kind": kind, "division": division, "valid_until": "2027-12-31"} | cells
    set_row(office, table_named("recipient"), row, by="王主任", reason="接收单位登记")


def changed(office: Office, **settings: Any) -> Office:
    return Office(office.engine, Settings(**(office.settings.model_dump() | settings)), office.folder)


def opened(identity: pyrage.x25519.Identity, path: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(pyrage.decrypt(Path(path).read_bytes(), [identity])))


def workbooks(files: Sequence[str]) -> list[str]:
    """Of the files of a list those that are no PDF."""
    return [file for file in files if ".pdf" not in Path(file).suffixes]


def names(book: openpyxl.Workbook) -> list[str]:
    return [str(row[2]) for row in book["名单"].iter_rows(min_row=4, values_only=True)]


def text_of(book: openpyxl.Workbook) -> str:
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
