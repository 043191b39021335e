"""List the faulty cells of a delivery as its partner knows them: row number, staff number, column name, and the value as a mask.

The rows are those of the landed file; nothing of it is kept here but masks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from talentpool.conform import answers_of, open_source
from talentpool.conform.values.damage import says_nothing
from talentpool.declare import TEMPLATE_V1, Partner
from talentpool.guard.export import shown
from talentpool.guard.mask import mask_mobile, mask_name
from talentpool.model import delivery_fault
from talentpool.office import Office
from talentpool.texts.cells import advice_codes, field_of
from talentpool.texts.reasons import reasons
from talentpool.texts.redact import redact

MOST_ADVICE = 100
"""Lines of one advice: what is so in every row needs no line for each."""
LONGEST = 40
HIDDEN = "（不显示）"
WHOLE_ROW = "（整行）"
_PLAIN_NUMBER = re.compile(r"[A-Za-z0-9_/.-]{1,40}")
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|#+|Err:\d{3}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Cell:
    """One fault. `row`: as a spreadsheet shows it; `value`: masked."""

    row: int
    staff_no: str
    column: str
    value: str
    code: str


def faulty_cells(office: Office, partner: Partner, facts: sa.Row) -> list[Cell]:
    """Of the delivery, in the order of its rows: what is to be mended, then advice. TamperedError when the landed file is not the
    delivered one; what `open_source` raises of a file that cannot be read any more."""
    found = _kept(office, facts.delivery_id)
    if not found or not facts.landed_url:
        return []
    with office.engine.connect() as conn:
        answers = answers_of(conn, partner.code, facts.delivery_id).fields
    source = open_source(office.keys, partner, facts, answers)
    columns = TEMPLATE_V1 if source.form == "template" else partner.format.columns
    headers = {field: header for header, field in columns.items()}
    secret = partner.staff_no_is in ("mobile", "id_number")
    cells = []
    for row_no, row in _rows(source.blocks, set(found)):
        number = _staff_no(row.get("staff_no") or "", hidden=secret)
        for code in found[row_no]:
            field = field_of(code)
            value = masked(field, row.get(field) or "") if field else ""
            column = headers.get(field, "") if field else WHOLE_ROW
            cells.append(
                Cell(int(row["place"]), number, column, HIDDEN if code == "staff_no_personal" else value, code)
            )
    return sorted(cells, key=lambda cell: cell.code in advice_codes())


def _kept(office: Office, delivery_id: int) -> dict[int, list[str]]:
    """Codes by row, in the order of the table of reasons; advice as far as MOST_ADVICE."""
    of, rank = delivery_fault.c, {code: place for place, code in enumerate(reasons())}
    found: dict[int, list[str]] = {}
    lines: Counter[str] = Counter()
    advice = set(advice_codes())
    with office.engine.connect() as conn:
        for row_no, code in conn.execute(
            sa.select(of.row_no, of.code).where(of.delivery_id == delivery_id).order_by(of.row_no)
        ):
            lines[code] += 1
            if code in rank and (code not in advice or lines[code] <= MOST_ADVICE):
                found.setdefault(row_no, []).append(code)
    return {row_no: sorted(codes, key=rank.__getitem__) for row_no, codes in found.items()}


def _rows(blocks: Iterator[Any], wanted: set[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line of the delivery, its cells) of the wanted lines; blocks are read one at a time."""
    before = 0
    for block in blocks:
        for at in range(len(block)):
            if before + at + 1 in wanted:
                yield before + at + 1, block.slice(at, 1).to_pylist()[0]
        before += len(block)


def _staff_no(value: str, *, hidden: bool) -> str:
    """The partner's own number; what looks like a person's, or like none at all, is not shown."""
    value = value.strip()
    if not value:
        return ""
    plain = not hidden and _PLAIN_NUMBER.fullmatch(value) and redact(value) == value
    return value if plain else HIDDEN


def masked(field: str, value: str) -> str:
    """What may be shown of a cell: a surname, the end of a mobile, and of all else the shape; error texts as they are."""
    value = shown(value)[:LONGEST]
    if not value or says_nothing(value) or _ERROR.fullmatch(value):
        return value or "（空）"
    if field == "name":
        return mask_name(value)
    if field in ("mobile", "mobile2"):
        return mask_mobile(value)
    return "".join("*" if sign.isalnum() else sign for sign in value)
