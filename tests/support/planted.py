"""Planted people, and a search for them in any form that a file, a dump or a log would write them in."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

from rosters import document, person

MARK = "慕容翀"
NAMES = re.compile(f"{MARK}.")
ID_NUMBER = re.compile(rb"(?<![0-9A-Fa-f])140199(?:19|20)\d{9}[\dXx]")
MOBILE = re.compile(rb"(?<![0-9A-Fa-f])(?:86)?1990000\d{4}(?![0-9A-Fa-f])")
"""By themselves: among the megabytes of sealed values that a dump writes as hexadecimal digits, eleven fit by chance now and
then."""
FORMS = {
    "name": MARK.encode(),
    "name, gb18030": MARK.encode("gb18030"),
    "name, utf-16": MARK.encode("utf-16-le"),
    "name, escaped": json.dumps(MARK)[1:-1].encode(),
    "name, hex": MARK.encode().hex().encode(),  # as a dump writes bytes
    "ID number, hex": b"140199".hex().encode() + b"31393",
    "mobile, hex": b"1990000".hex().encode(),
}


def name(n: int) -> str:
    """A name that nobody else has."""
    return f"{MARK}{chr(0x6C49 + n)}"


def planted(n: int, **changes: str) -> dict[str, str]:
    """One of them: a name, an ID number and mobiles that nobody else has."""
    return person(
        n,
        name=name(n),
        document_no=document(n, f"{1988 + n % 12}-05-{1 + n % 27:02d}"),
        mobile=f"1990000{n:04d}",
        mobile2=f"1990000{5000 + n:04d}",
        **changes,
    )


def found(data: bytes) -> set[str]:
    """Kinds of planted values in some bytes."""
    kinds = {"ID number"} if ID_NUMBER.search(data) else set()
    kinds |= {"mobile"} if MOBILE.search(data) else set()
    return kinds | {kind for kind, form in FORMS.items() if form in data}


def unzipped(path: Path) -> bytes:
    """Everything in a workbook."""
    with zipfile.ZipFile(path) as book:
        return b"\n".join(book.read(part) for part in book.namelist())
