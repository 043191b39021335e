"""Report retention: every promise beside what was done about it, what went by day, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.acquire import partner_names
from talentpool.model import retention_report
from talentpool.office import Office
from talentpool.services.retention.kind import Due
from talentpool.services.retention.running import KINDS, outlook
from talentpool.services.retention.terms import Term, defaults, terms_of

SHOWN_DAYS = 30
SAYS = {"people": "left_days", "quarantine": "quarantine_days", "raw_files": "raw_days"}
"""Kinds of which declarations have the word, and the word."""
PARTS = {"people_suspended": "people", "people_orphaned": "people"}
"""Terms that another kind carries out -> that kind."""


@dataclass(frozen=True)
class Promise:
    """A term with what was done. `partners`: name -> days of the declarations; `due`: None where it is not ours to count;
    `last_run`: None = it never ran; `gone`: within SHOWN_DAYS; `held`, `waiting`: at the end of the last run."""

    term: Term
    partners: dict[str, int]
    due: Due | None
    last_run: datetime | None
    gone: int
    held: int
    waiting: int


@dataclass(frozen=True)
class Went:
    """What went of a kind on a day."""

    day: date
    kind: str
    gone: int


def promises(office: Office, today: date) -> list[Promise]:
    """Every term in the table's order; changes nothing."""
    due, declared = outlook(office, today), _declared(office)
    with office.engine.connect() as conn:
        done = _done(conn, today)
    return [_promise(term, declared, due, done) for term in defaults().values()]


def went(conn: sa.Connection, today: date, days: int = SHOWN_DAYS) -> list[Went]:
    """What went, by day and kind, the newest first."""
    of = retention_report.c
    gone = sa.func.sum(of.gone).label("gone")
    query = (
        sa.select(of.day, of.kind, gone)
        .where(of.day > today - timedelta(days=days))
        .group_by(of.day, of.kind)
        .having(gone > 0)
        .order_by(of.day.desc(), of.kind)
    )
    return [Went(row.day, row.kind, int(row.gone)) for row in conn.execute(query)]


def _promise(term: Term, declared: dict[str, dict[str, int]], due: dict[str, Due], done: dict[str, sa.Row]) -> Promise:
    kind = PARTS.get(term.kind, term.kind)
    row, own = done.get(kind), declared.get(term.kind, {})
    if kind != term.kind:  # counted with the kind that carries it out
        return Promise(term, own, None, row.last_run if row else None, 0, 0, 0)
    return Promise(
        term, own, due.get(kind) if kind in KINDS else None, row.last_run if row else None,
        int(row.gone or 0) if row else 0, int(row.on_hold or 0) if row else 0, int(row.waiting or 0) if row else 0,
    )  # fmt: skip


def _declared(office: Office) -> dict[str, dict[str, int]]:
    """Kind -> name of a partner -> days, where a declaration says them."""
    known, names = terms_of(office.settings).partners, partner_names(office.settings)
    found: dict[str, dict[str, int]] = {}
    for kind, field in SAYS.items():
        days = {names[code]: getattr(one, field) for code, one in known.items()}
        found[kind] = {name: number for name, number in days.items() if number is not None}
    return found


def _done(conn: sa.Connection, today: date) -> dict[str, sa.Row]:
    """Kind -> last_run, gone, held, waiting."""
    of = retention_report.c
    ends = (
        sa.select(of.kind, of.on_hold, of.waiting, of.made_at)
        .where(of.on_hold.is_not(None))
        .ext(distinct_on(of.kind))
        .order_by(of.kind, of.report_id.desc())
        .subquery("ends")
    )
    gone = (
        sa.select(of.kind, sa.func.sum(of.gone).label("gone"))
        .where(of.day > today - timedelta(days=SHOWN_DAYS))
        .group_by(of.kind)
        .subquery("gone")
    )
    query = sa.select(
        ends.c.kind, ends.c.on_hold, ends.c.waiting, ends.c.made_at.label("last_run"), gone.c.gone
    ).outerjoin(gone, gone.c.kind == ends.c.kind)
    return {row.kind: row for row in conn.execute(query)}
