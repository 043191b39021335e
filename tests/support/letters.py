"""Deliveries with faults, and their letters opened as a partner opens them: with the password, read by a second library."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import msoffcrypto  # type: ignore[import-untyped]
from openpyxl import load_workbook

from planted import planted
from rosters import Office
from talentpool.acquire import Connection
from talentpool.errors import UnavailableError

PASSWORD = "agreed-by-telephone"


def faulty(**more: Any) -> list[dict[str, str]]:
    """Twenty rows of people who are planted; of the first some have faults."""
    rows = [planted(number, **more) for number in range(1, 21)]
    rows[0]["mobile"] = "1990000"
    rows[1]["document_no"] = rows[1]["document_no"][:-1] + ("0" if rows[1]["document_no"][-1] != "0" else "1")
    rows[2]["county"] = "火星"
    rows[3]["consented_on"] = ""
    return rows


def connect(conn_id: str) -> Connection:
    """The connection in which the agreed password stands; there is no other."""
    if not conn_id.startswith("letter_"):
        raise UnavailableError(f"no connection {conn_id}")
    return Connection(conn_id, "generic", password=PASSWORD)


def opened(sealed: bytes, password: str = PASSWORD) -> Any:
    """The workbook."""
    locked, plain = msoffcrypto.OfficeFile(io.BytesIO(sealed)), io.BytesIO()
    locked.load_key(password=password)
    locked.decrypt(plain)
    return load_workbook(plain)


def lines(book: Any, sheet: int = 0) -> list[tuple[Any, ...]]:
    """The rows of a tab below its header."""
    rows = list(book.worksheets[sheet].iter_rows(values_only=True))
    return [tuple("" if cell is None else cell for cell in row) for row in rows[3:]]


def sealed_of(office: Office, delivery_id: int) -> bytes:
    """The file of the newest letter about a delivery."""
    return bytes(
        office.one("select content from letter where delivery_id = :d order by letter_id desc limit 1", d=delivery_id)
    )


def texts(book: Any) -> Iterable[str]:
    """Every cell of a book as text."""
    return (
        str(cell)
        for tab in book.worksheets
        for row in tab.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    )
