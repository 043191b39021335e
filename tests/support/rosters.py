"""Small synthetic rosters for tests: a person in one call, a delivery in another, through the real rooms."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool import office as offices
from talentpool.acquire import delivered, load_partner, open_landed
from talentpool.conform.values.documents import check_digit
from talentpool.declare import TEMPLATE_V1, Partner
from talentpool.deliveries.delivery_state import NEXT, State
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.guard import first_head
from talentpool.match import match
from talentpool.model import delivery
from talentpool.review import pending
from talentpool.settings import Settings

TODAY = date(2026, 12, 31)
"""The office's day in tests: nothing depends on the day on which they run."""
TWINS = {"document_no": "", "birth_date": "1990-05-05", "county": "140403", "sex": "男"}
"""Two who share this and all but one character of the name may be one person: a pair for somebody to judge."""


def document(number: int = 1, born: str = "1995-05-05") -> str:
    """A document number with the never-issued prefix; odd numbers are men."""
    first = f"140199{born.replace('-', '')}{number % 1000:03d}"
    return first + check_digit(first)


def go_on(conn: sa.Connection, *states: str, delivery_id: int | None = None) -> None:
    """Take deliveries from state to state as their life allows, without what the pipeline does on the way."""
    for state in map(State, states):
        before = [old for old, those in NEXT.items() if state in those]
        step = delivery.update().where(delivery.c.state.in_(before)).values(state=state)
        conn.execute(step if delivery_id is None else step.where(delivery.c.delivery_id == delivery_id))


def person(number: int, **changes: Any) -> dict[str, str]:
    """A row that every rule accepts, unlike that of any other number."""
    row = {
        "staff_no": f"T{number:05d}",
        "name": f"韩{chr(0x5B50 + number % 400)}{chr(0x5C11 + number % 300)}",
        "sex": "男" if number % 2 else "女",
        "document_no": document(number, f"{1986 + number // 1000 % 15}-05-05"),
        "mobile": f"139{10_000_000 + number * 7:08d}",
        "county": "140403",
        "station": "太行站",
        "hired_on": "2024-03-01",
        "consented_on": "2025-01-01",
        "notice_version": "v1",
    }
    return row | {key: str(value) for key, value in changes.items()}


def write_template(path: Path, rows: Iterable[dict[str, str]], encoding: str = "utf-8-sig") -> Path:
    """The standard template as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TEMPLATE_V1)
        for row in rows:
            writer.writerow([row.get(field, "") for field in TEMPLATE_V1.values()])
    return path


class Office(offices.Office):
    """A deployment under test: deliver rosters to it, ask its database.

    `count`: Great Expectations takes half of a small delivery's time, so here the flags are counted by the one statement
    that a trial uses. That both count alike is tested where files are ingested as they are (bad_input, cases, unit/expect).
    """

    count = staticmethod(count_flags)

    def __init__(self, engine: sa.Engine, settings: Settings, folder: Path) -> None:
        super().__init__(engine, settings)
        self.folder = folder
        with engine.connect() as conn:
            first_head(conn, self.keys, settings.audit_heads_file)
        self._count = 0

    def partner(self, code: str = "didi") -> Partner:
        return load_partner(self.settings.partner_dirs, code)

    def deliver(
        self,
        as_of: str,
        rows: Iterable[dict[str, str]],
        *,
        partner: str = "didi",
        kind: str = "full",
        since: str | None = None,
    ) -> Outcome:
        """Ingest a template of `rows`."""
        self._count += 1
        path = write_template(self.folder / f"roster_{partner}_{as_of.replace('-', '')}_{self._count:02d}.csv", rows)
        return self.take(path, as_of, partner=partner, kind=kind, since=since)

    def take(
        self,
        path: Path,
        as_of: str = "2026-10-31",
        *,
        partner: str = "didi",
        kind: str | None = "full",
        since: str | None = None,
    ) -> Outcome:
        """Ingest a file as it is."""
        return ingest(
            self,
            self.partner(partner),
            file=path,
            as_of=date.fromisoformat(as_of),
            kind=kind,
            since=date.fromisoformat(since) if since else None,
            count=self.count,
        )

    def landed(self, delivery_id: int | None = None) -> bytes:
        """What was landed of a delivery; of the only one when unset."""
        where = delivery.c.delivery_id == delivery_id if delivery_id else sa.true()
        with self.engine.connect() as conn:
            row = conn.execute(sa.select(delivery).where(where)).one()
        with open_landed(self.keys, row.landed_url, delivered(row)) as file:
            return file.read()

    def ask(self, query: str, **values: Any) -> list[tuple]:
        with self.engine.connect() as conn:
            return [tuple(row) for row in conn.execute(sa.text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        return self.ask(query, **values)[0][0]


def deliver_pair(office: Office) -> str:
    """Two partners' records that may be one person, matched: what the pair that waits is called."""
    office.deliver("2026-10-31", [person(1, name="王建国", **TWINS)], partner="postal")
    office.deliver("2026-10-31", [person(2, staff_no="D1", name="王建军", **TWINS)], partner="didi")
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        (found,) = pending(conn, office.keys)
    return str(found["pair_id"])
