"""The ride-hailing inbox: an officer puts a roster in the standard template into a folder, as CSV or as a workbook."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path


def drop(demo: Path, as_of: date, inbox: Path, form: str = "csv") -> Path:
    """Put the roster of `as_of` from a demo folder into the inbox; `form` is csv or xlsx. Appears all at once."""
    template = demo / "didi" / as_of.isoformat() / "template.csv"
    path = inbox / f"roster_didi_{as_of:%Y%m%d}.{form}"
    inbox.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    if form == "xlsx":
        write_workbook(template, unfinished)
    else:
        shutil.copyfile(template, unfinished)
    unfinished.replace(path)
    return path


def write_workbook(template: Path, path: Path) -> None:
    """The rows of a template CSV as a workbook of text cells, as Excel keeps a column that was formatted as text."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book, template.open(encoding="utf-8-sig", newline="") as lines:
        sheet = book.add_worksheet("名册")
        for number, row in enumerate(csv.reader(lines)):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell)
