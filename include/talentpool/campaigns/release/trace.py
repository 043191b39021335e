"""Find the export that a sheet came from, by what is printed on it and by the order of its rows (watermark.py)."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.release.lines import TWINS
from talentpool.campaigns.release.watermark import agreement, mark_key
from talentpool.campaigns.selection.row_ids import ROW_ALPHABET, check_sign
from talentpool.conform.workbook.blocks import workbook_text
from talentpool.errors import RejectedError, UsageError
from talentpool.guard import KeyRing
from talentpool.model import provision, target_row

MOST_BYTES = 50_000_000
CERTAIN = 0.001
"""A chance below which the order of the rows is no accident."""
_ROW_ID = re.compile(rf"(?<![0-9A-Za-z])([{ROW_ALPHABET}]{{4}})-([{ROW_ALPHABET}]{{5}})(?![0-9A-Za-z])")
_OF_OTHERS = re.compile(rf"{TWINS}：与.{{0,999}}?核对", re.DOTALL)
"""A remark names rows that stand elsewhere on the sheet."""
_PRINTED = re.compile(r"导出编号\s*(\d{1,12})")


@dataclass(frozen=True)
class Candidate:
    """An export that the sheet may be of. `chance`: how likely an unrelated sheet stands so much like it."""

    export_id: int
    recipient: str
    list_id: int
    made_on: date
    use_until: date
    chance: float


@dataclass(frozen=True)
class Traced:
    """`export`: by the order of the rows, None where that does not tell; `printed`: what the sheet says of itself."""

    rows: int
    lists: list[int]
    export: int | None
    printed: int | None
    candidates: list[Candidate] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Line:
    row_id: str
    group: tuple[str, str]


def trace(conn: sa.Connection, keys: KeyRing, file: Path) -> Traced:
    """UsageError when there is no row id of ours in the file."""
    text = _OF_OTHERS.sub("", _text(file))
    printed_ids = [
        f"{first}-{rest}" for first, rest in _ROW_ID.findall(text) if check_sign(first + rest[:-1]) == rest[-1]
    ]
    ids = list(dict.fromkeys(printed_ids))
    rows = {
        row.row_id: row
        for row in conn.execute(
            sa.select(
                target_row.c.row_id,
                target_row.c.list_id,
                target_row.c.county,
                target_row.c.partner,
                target_row.c.station,
            ).where(target_row.c.row_id.in_(ids))
        )
    }
    if not rows:
        raise UsageError(f"{file.name} holds no row number of any list on record")
    lines = [_Line(row_id, (rows[row_id].partner, rows[row_id].station)) for row_id in ids if row_id in rows]
    lists = sorted({row.list_id for row in rows.values()})
    printed = _PRINTED.search(text)
    candidates = sorted(
        _candidates(conn, keys, lists, {row.county for row in rows.values()}, lines), key=lambda export: export.chance
    )
    sure = [export for export in candidates if export.chance < CERTAIN]
    return Traced(
        len(lines),
        lists,
        sure[0].export_id if len(sure) == 1 else None,
        int(printed[1]) if printed else None,
        candidates,
    )


def _candidates(
    conn: sa.Connection, keys: KeyRing, lists: list[int], counties: set[str | None], lines: list[_Line]
) -> list[Candidate]:
    """Exports of these lists that hold all these counties, with each one's chance among so many."""
    made = conn.execute(
        sa.select(provision)
        .where(
            provision.c.list_id.in_(lists),
            provision.c.state == "made",
            provision.c.counties.contains([county for county in counties if county]),
        )
        .order_by(provision.c.export_id)
    ).all()
    key = mark_key(keys)
    return [
        Candidate(
            row.export_id, row.recipient, row.list_id, row.made_on, row.use_until,
            min(1.0, agreement(key, row.export_id, lines) * len(made)),
        )
        for row in made
    ]  # fmt: skip


def _text(file: Path) -> str:
    with file.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UsageError(f"{file.name} is larger than {MOST_BYTES // 1_000_000} MB")
    if data.startswith(b"%PDF"):
        raise UsageError(f"{file.name} is a PDF; copy the text of all its pages into a text file and trace that")
    if not data.startswith(b"PK"):
        return data.decode("utf-8-sig", errors="replace")
    try:
        return "\n".join(workbook_text(data, file.name))
    except RejectedError as error:
        raise UsageError(
            f"{file.name} cannot be opened as a workbook ({error}); save it as text and trace that"
        ) from error
