"""Write a list's workbooks, and the same for printing: one per county, one per partner and station. Whole or not at all.

Names are opened for one county at a time and live in this task's memory only. All workbooks are made in a closed
folder beside their place and then moved, so that nobody ever picks up half of a list.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.area import county_names
from talentpool.campaigns.lists import Stored, find, read_rows, serialize
from talentpool.campaigns.release.lines import Line, Mark
from talentpool.campaigns.release.papers import county_papers, letters, station_papers
from talentpool.campaigns.release.sheets import county_workbook, station_workbook
from talentpool.campaigns.release.twins import find_twins
from talentpool.campaigns.selection.rows import Row
from talentpool.campaigns.sessions.line import signed_up
from talentpool.campaigns.sessions.slots import slots_of
from talentpool.campaigns.withdrawn import withdrawn_rows
from talentpool.errors import UsageError
from talentpool.guard import KeyRing, audit, open_personal
from talentpool.model import list_file
from talentpool.office import Office
from talentpool.paper.setting import Paper, as_pdfs
from talentpool.private_files import create
from talentpool.reference import contact_for
from talentpool.settings import Settings

MAX_NAME_BYTES = 200
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s.…]+')


@dataclass(frozen=True, repr=False)
class ListFile:
    """One workbook or PDF: whom it is for (county:<code> or station:<partner>:<county>:<name>), and its bytes."""

    name: str
    recipient: str
    rows: int
    content: bytes


@dataclass(frozen=True)
class Part:
    """A part of a list: its rows of some counties, or of what one station hands out there (partner and name)."""

    counties: Collection[str] | None = None
    station: tuple[str, str] | None = None

    def has(self, row: Row) -> bool:
        if self.counties is not None and row.county not in self.counties:
            return False
        return self.station is None or (row.facts["by_station"] and (row.partner, row.station) == self.station)


def write_files(office: Office, stored: Stored, folder: Path, stale: Sequence[str], *, by: str) -> list[Path]:
    """Write the workbooks of a list into `folder`, record them, and drop those of the drafts it replaced (`stale`).

    `by`: who is on record for it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    with office.engine.begin() as conn, _closed_folder(conn, stored, folder) as closed:
        if find(conn, stored.list_id).state != stored.state:
            raise UsageError(f"名单 {stored.list_id} 刚刚锁定或作废，没有写出；请重新拟定")
        conn.execute(list_file.delete().where(list_file.c.list_id == stored.list_id))
        for file in list_files(conn, office.keys, office.settings, stored):
            create(Path(closed) / file.name, file.content)
            conn.execute(
                list_file.insert(),
                {"list_id": stored.list_id, "name": file.name, "recipient": file.recipient, "rows": file.rows},
            )
            written.append(file.name)
        # a provision of personal data, on record before the first file is where somebody can take it
        audit(
            conn, "export", f"list:{stored.list_id}", actor=by, reason=stored.passport["purpose"],
            details={"files": len(written), "content_hash": stored.content_hash, "fields": ["name", "mobile (masked)"]},
        )  # fmt: skip
        for name in written:
            (Path(closed) / name).replace(folder / name)
    for name in set(stale) - set(written):
        (folder / name).unlink(missing_ok=True)
    return [folder / name for name in written]


@contextmanager
def _closed_folder(conn: sa.Connection, stored: Stored, folder: Path) -> Iterator[str]:
    """A folder only we may read, gone at the end; what a killed run left of this round is removed first."""
    serialize(conn, stored.passport["purpose"], stored.cycle)
    prefix = f".list-{stored.campaign}-{stored.cycle}-"
    for left_over in folder.glob(f"{prefix}*"):
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as closed:
        yield closed


def list_files(
    conn: sa.Connection,
    keys: KeyRing,
    settings: Settings,
    stored: Stored,
    part: Part | None = None,
    mark: Mark | None = None,
    *,
    pdf: bool = True,
) -> Iterator[ListFile]:
    """The files of a list: counties by code (those of `part`), each followed by its stations; a workbook, then its PDFs.
    `pdf`: False leaves those out, where somebody waits for a page."""
    names = county_names(conn, settings.area)
    rows = sorted(read_rows(conn, stored.list_id, selected=True), key=lambda row: row.county or "")
    partners = partner_names(settings, {row.partner for row in rows})
    part = part or Part()
    rows = [row for row in rows if part.has(row)]
    signed = signed_up(conn, stored.list_id, slots_of(stored)) if slots_of(stored) else {}
    for county, of_county in groupby(rows, key=lambda row: row.county or ""):
        lines = _open(conn, keys, stored, list(of_county), partners)
        place = names.get(county, county)
        told = _with_contact(conn, settings, stored, county)
        stem = f"{stored.campaign}_{stored.cycle}_{stored.as_of}_{county}_{_file_word(place)}"
        for_county = [line for line in lines if not line.row.facts["by_station"]]
        if part.station is not None:
            yield from _with_pdfs(list(_of_stations(told, stem, county, lines, mark)), pdf=pdf)
            continue
        sheet = _Sheet(
            stem, f"county:{county}", len(lines), county_workbook(told, place, lines, mark, signed),
            county_papers(told, place, lines, mark), letters(told, place, for_county, mark),
        )  # fmt: skip
        yield from _with_pdfs([sheet, *_of_stations(told, stem, county, lines, mark)], pdf=pdf)


@dataclass(frozen=True, repr=False)
class _Sheet:
    stem: str
    recipient: str
    rows: int
    workbook: bytes
    papers: Sequence[Paper]
    letters: Sequence[Paper]


def _with_pdfs(sheets: Sequence[_Sheet], *, pdf: bool) -> Iterator[ListFile]:
    """Each workbook with its PDFs: several where one process cannot set the whole, then numbered."""
    pdfs = as_pdfs(paper for sheet in sheets for paper in (*sheet.papers, *sheet.letters))
    for sheet in sheets:
        yield ListFile(f"{sheet.stem}.xlsx", sheet.recipient, sheet.rows, sheet.workbook)
        if not pdf:
            continue
        for papers, word in ((sheet.papers, ""), (sheet.letters, "_信件")):
            for number, paper in enumerate(papers, start=1):
                name = f"{sheet.stem}{word}{f'_{number}-{len(papers)}' if len(papers) > 1 else ''}.pdf"
                yield ListFile(name, sheet.recipient, len(paper.rows) or len(paper.letters), next(pdfs))


def _with_contact(conn: sa.Connection, settings: Settings, stored: Stored, county: str) -> Stored:
    """The list as a sheet of this county prints it: with today's contact, unless the campaign has one of its own."""
    contact = stored.passport.get("contact") or contact_for(conn, settings.area, county)
    return replace(stored, passport={**stored.passport, "contact": contact})


def _of_stations(stored: Stored, stem: str, county: str, lines: list[Line], mark: Mark | None) -> Iterator[_Sheet]:
    by_station = sorted(
        (line for line in lines if line.row.facts["by_station"]), key=lambda line: (line.row.partner, line.row.station)
    )
    taken: set[str] = set()
    for (partner, station), found in groupby(by_station, key=lambda line: (line.row.partner, line.row.station)):
        people = list(found)
        name = _cut(f"{stem}_{_file_word(people[0].partner_name)}_{_file_word(station)}")
        if name in taken:  # two stations whose names differ in signs that a file name cannot hold
            name = f"{name}_{hashlib.sha256(station.encode()).hexdigest()[:6]}"
        taken.add(name)
        of = people[0].partner_name
        yield _Sheet(
            name, f"station:{partner}:{county}:{station}", len(people), station_workbook(stored, of, station, people, mark),
            station_papers(stored, of, station, people, mark), letters(stored, f"{of} {station}", people, mark),
        )  # fmt: skip


def _open(
    conn: sa.Connection, keys: KeyRing, stored: Stored, rows: Sequence[Row], partners: dict[str, str]
) -> list[Line]:
    """Rows with the person as the home record had it on the as-of: the county's own side, and the partner's own. Of who withdrew
    meanwhile, nothing is opened."""
    out = withdrawn_rows(conn, stored.list_id, [row.row_id for row in rows])
    people = open_personal(conn, keys, [row.record_id for row in rows if row.row_id not in out], at=stored.as_of)
    twins = find_twins(conn, rows, people, stored.as_of)
    return [Line(row, people.get(row.record_id), partners[row.partner], twins.get(row.record_id, ())) for row in rows]


def _file_word(text: str) -> str:
    """`text` as part of a file name on any system: no separators, no blanks, no dots."""
    return _NOT_IN_NAMES.sub("-", text).strip("-") or "-"


def _cut(name: str) -> str:
    return name.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
