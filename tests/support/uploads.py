"""Officers who bring rosters: what they try, what they hand on, what the next run makes of the inbox."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from rosters import Office, person, write_template
from talentpool.acquire import Connection, put_down
from talentpool.flow import Outcome, ingest
from talentpool.guard import Scope, scope_of
from talentpool.services.desk.upload import Tried, hand_on, try_upload

HERE, THERE = "140425", "140403"
OWN, CITY = scope_of("h", frozenset({f"county_officer_{HERE}"})), scope_of("c", frozenset({"city_officer"}))
DAY = date(2026, 11, 1)
FIRST, LATER = "2026-10-01", "2026-10-31"
OURS = [person(n, county=HERE) for n in range(50, 60)]
HERS = person(1, county=THERE, name="欧阳槿翊")
THEIRS = [HERS, *(person(n, county=THERE) for n in range(2, 12))]
GUESS = {"sex": "", "document_no": "", "mobile": "", "station": "", "hired_on": "", "county": HERE, "name": "韩立新"}
"""A staff number, some name, the own county, consent: the blanks are to be filled from the record."""


def tried(office: Office, rows: list[dict[str, str]], scope: Scope = OWN, as_of: date = DAY) -> Tried:
    content = write_template(office.folder / "u.csv", rows).read_bytes()
    return try_upload(office, office.partner(), content, "csv", as_of, scope)


def handed(office: Office, number: Any, scope: Scope = OWN) -> str:
    folder = office.folder / "inbox"
    folder.mkdir(exist_ok=True)
    return hand_on(office, office.partner, lambda _: folder, number, scope)


def inbox(office: Office) -> list[Path]:
    return sorted((office.folder / "inbox").iterdir())


def in_the_inbox(office: Office, rows: list[dict[str, str]], as_of: str) -> None:
    """There, and on record as county HERE's, whatever a trial would have said of it."""
    content = write_template(office.folder / "w.csv", rows).read_bytes()
    with office.engine.begin() as conn:
        put_down(conn, uuid4(), "didi", date.fromisoformat(as_of), hashlib.sha256(content).hexdigest(), "h", [HERE])
    folder = office.folder / "inbox"
    folder.mkdir(exist_ok=True)
    (folder / f"roster_didi_{as_of.replace('-', '')}_07.csv").write_bytes(content)


def source(office: Office) -> Connection:
    return Connection("partner_didi", "fs", extra={"path": str(office.folder / "inbox")})


def take(office: Office) -> Outcome:
    """What the next run makes of the inbox."""
    return ingest(office, office.partner(), connection=source(office), count=office.count)


def guess(number: int = 1, **changes: str) -> dict[str, str]:
    return person(number) | GUESS | changes


def facts_of(office: Office, number: int = 1) -> list[tuple]:
    return office.ask(
        "select county, status, station, missing_count, spell_from, spell_to, delivery_id from source_record"
        " where staff_no = :s", s=f"T{number:05d}",
    )  # fmt: skip


def people_come_the_same_day(office: Office) -> None:
    office.deliver(FIRST, THEIRS, kind="delta")


def brought(office: Office, rows: list[dict[str, str]], as_of: str, counties: list[str]) -> None:
    """A delta that an officer of these counties handed on."""
    path = write_template(office.folder / f"upload_{as_of}_{counties[0]}.csv", rows)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with office.engine.begin() as conn:
        put_down(conn, uuid4(), "didi", date.fromisoformat(as_of), sha256, "h", counties)
    found = ingest(office, office.partner(), file=path, kind="delta",
                   as_of=date.fromisoformat(as_of), count=office.count)  # fmt: skip
    assert (found.status, found.accepted) == ("published", len(rows))
