"""What comes back of a list of any size: its sheet as a workbook, read, then judged and kept row by row.

The list is the one that bench.listed draws, put to where receipts are open past the officers, who are not what is measured.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook

from bench.handed import OPEN, put
from bench.listed import AS_OF, engine_here, list_of

HEADER = ("序号", "行号", "姓名", "签收", "结果", "数量", "领取日期", "备注")
FAULTY = 100
"""Of so many lines one says what nobody can mean, so that a copy with the faults is written as well."""


def receipt_of(request: dict[str, Any]) -> dict[str, Any]:
    """The peer is read first, in the same process: `reading` seconds of it; `seconds` of judging, keeping and the copy."""
    from bench.work import Clock
    from talentpool.campaigns.receipts.reading import read_sheet
    from talentpool.campaigns.receipts.taking import Bearer, take_written
    from talentpool.guard import open_keys
    from talentpool.office import Office
    from talentpool.settings import Settings

    list_id = list_of(request)["list"]
    reading, clock = Clock(), Clock()
    with engine_here() as engine:
        with engine.begin() as conn:
            put(conn, OPEN, list_id)
        data, rows = _sheet(engine, list_id)
        with reading.running():
            written = read_sheet(data, "sheet.xlsx", rows)
        office = Office(engine, Settings(), open_keys(Settings(), engine))
        with clock.running():
            came = take_written(office, list_id, written, Bearer("bench"), sha256="0" * 64, today=AS_OF, via="command")
    assert came.taken == rows - len(range(0, rows, FAULTY)) and came.sheet, came.faults
    return {"rows": rows, "reading": reading.as_json(), **clock.as_json()}


def _sheet(engine: sa.Engine, list_id: int) -> tuple[bytes, int]:
    with engine.connect() as conn:
        head = conn.execute(
            sa.text("select content_hash from target_list where list_id = :n"), {"n": list_id}
        ).scalar_one()
        ids = conn.scalars(
            sa.text("select row_id from target_row where list_id = :n and selected order by row_id"), {"n": list_id}
        ).all()
    book, stream = Workbook(write_only=True), BytesIO()
    tab = book.create_sheet()
    tab.append(["名单"])
    tab.append([f"名单编号 {list_id}　校验值 {head[:12]}"])
    tab.append(list(HEADER))
    for number, row_id in enumerate(ids):
        tab.append([number + 1, row_id, "某人", "", "已领", 9 if number % FAULTY == 0 else 1, AS_OF.isoformat(), ""])
    book.save(stream)
    return stream.getvalue(), len(ids)


RETURNED = {"receipt_of": receipt_of}
