"""Read and write judgements as UTF-8 CSV, one a line, by partner and staff number. No name of a person.

A record that is no more has no partner; its id stands in place of the staff number. Texts are made inert, as in all
that leaves the house, and read back as they were.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from talentpool.errors import UsageError
from talentpool.guard import redact
from talentpool.guard.export import TRIGGERS, shown, write_csv

HEADER = (
    "left_partner", "left_staff_no", "right_partner", "right_staff_no", "verdict", "decided_by", "note", "decided_at",
)  # fmt: skip
VERDICTS = ("same", "different", "unsure")
MOST_BYTES, MOST_LINES = 32 << 20, 50_000


@dataclass(frozen=True, repr=False)
class Side:
    """A record by what the file calls it: partner and staff number, or with partner '' a record id."""

    partner: str
    staff_no: str


@dataclass(frozen=True, repr=False)
class Line:
    """One judgement. `number` counts lines of the file from 1; `at` None = the file does not say when."""

    number: int
    left: Side
    right: Side
    verdict: str
    by: str
    note: str
    at: datetime | None


def write_lines(stream: IO[str], lines: Iterable[Line]) -> None:
    """The file of these judgements; a number of a person in what somebody wrote is left out."""
    write_csv(stream, HEADER, map(_as_row, lines), ends="\n")


def _as_row(line: Line) -> list[str]:
    sides = [line.left.partner, line.left.staff_no, line.right.partner, line.right.staff_no]
    # redacted last: signs that nobody sees are dropped before, and what they parted may be a number
    written = [redact(shown(text)) for text in (line.by, line.note)]
    return [*sides, line.verdict, *written, line.at.astimezone(UTC).isoformat() if line.at else ""]


def read_lines(path: Path) -> list[Line]:
    """The judgements of a file; UsageError naming the line that is none. No message repeats what a cell holds."""
    rows = _text(path).split("\n")
    while rows and not rows[-1].strip():
        rows.pop()
    if len(rows) < 2:
        raise UsageError(f"{path}: holds no judgement; nothing was imported")
    if len(rows) > MOST_LINES + 1:
        raise refused(path, MOST_LINES + 2, f"more than {MOST_LINES} judgements in one file; take it apart")
    if tuple(_cells(path, 1, rows[0])) != HEADER:
        raise refused(path, 1, f"the columns are {','.join(HEADER)}, in this order")
    return [_line(path, number, row) for number, row in enumerate(rows[1:], start=2)]


def refused(path: Path, number: int, why: str) -> UsageError:
    """The error about one line."""
    return UsageError(f"{path}: line {number}: {why}; nothing of the file was taken over")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path}: larger than {MOST_BYTES >> 20} MiB; divide it into smaller files")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise refused(path, number, "not UTF-8; save the file as CSV UTF-8") from None


def _cells(path: Path, number: int, row: str) -> list[str]:
    try:
        cells = next(csv.reader([row.removesuffix("\r")], strict=True), [])
    except csv.Error:
        raise refused(path, number, "quotes that do not close on their line; one judgement a line") from None
    if any(unicodedata.category(sign) in ("Cc", "Cs") for cell in cells for sign in cell):
        raise refused(path, number, "control characters")
    return [_as_it_was(cell) for cell in cells]


def _as_it_was(cell: str) -> str:
    """`cell` before inert() put an apostrophe there."""
    cell = cell.strip()
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in TRIGGERS else cell


def _line(path: Path, number: int, row: str) -> Line:
    cells = _cells(path, number, row)
    if len(cells) != len(HEADER):
        raise refused(path, number, f"{len(cells)} cells, {len(HEADER)} are needed")
    left_partner, left_staff_no, right_partner, right_staff_no, verdict, by, note, at = cells
    left, right = _side(path, number, left_partner, left_staff_no), _side(path, number, right_partner, right_staff_no)
    if verdict not in VERDICTS:
        raise refused(path, number, f"a verdict is one of {', '.join(VERDICTS)}")
    if not by or not note:
        raise refused(path, number, "a judgement says who judged and why (decided_by, note)")
    for what, text in (("decided_by", by), ("the note", note)):
        if redact(text) != text:
            raise refused(path, number, f"{what} holds what looks like a name or a number of a person; leave it out")
    return Line(number, left, right, verdict, by, note, _when(path, number, at))


def _side(path: Path, number: int, partner: str, staff_no: str) -> Side:
    if not staff_no:
        raise refused(path, number, "a record is named by partner and staff number")
    if not partner:
        try:
            return Side("", str(UUID(staff_no)))
        except ValueError:
            raise refused(path, number, "a record without a partner is named by its record id") from None
    return Side(partner, staff_no)


def _when(path: Path, number: int, at: str) -> datetime | None:
    if not at:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refused(path, number, "decided_at is written like 2026-10-31T09:00:00+08:00, or left empty")
    return moment
