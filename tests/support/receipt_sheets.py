"""Sheets of a list as somebody filled them in and sent them back."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook

from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.standing import known_rows
from talentpool.model import target_row
from talentpool.office import Office

HEADER = ("序号", "行号", "姓名", "签收", "结果", "数量", "领取日期", "备注")


def ids(office: Office, list_id: int, county: str | None = None) -> list[str]:
    """Row ids in order, of one county or of all."""
    row = target_row.c
    query = sa.select(row.row_id).where(row.list_id == list_id, row.selected).order_by(row.county, row.row_id)
    with office.engine.connect() as conn:
        return list(conn.scalars(query if county is None else query.where(row.county == county)))


def sheet(office: Office, list_id: int, lines: Sequence[Sequence[Any]], *, head: str | None = None) -> bytes:
    """A workbook of (row id, result, count, day, signed) as somebody filled it in."""
    book = Workbook()
    tab = book.active
    with office.engine.connect() as conn:
        stored = find(conn, list_id)
    tab.append(["暖冬行动名单"])
    tab.append([head if head is not None else f"名单编号 {list_id}　校验值 {stored.content_hash[:12]}"])
    tab.append(list(HEADER))
    for number, line in enumerate(lines, start=1):
        row_id, result, count, day, signed = (*line, "", "", "", "")[:5]
        tab.append([number, row_id, "某人", signed, result, count, day, "备注不读"])
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def stands(office: Office, list_id: int) -> dict[str, tuple[str, int]]:
    with office.engine.connect() as conn:
        return {
            row_id: (entry.outcome.value, entry.delivered)
            for row_id, entry in known_rows(conn, list_id).items() if entry is not None
        }  # fmt: skip
