"""Give the verdict of a roster file as `ingest` would, with every row's faults, and store nothing.

The rooms are the same; they work in a transaction that is taken back, on a landing store in this process's memory. What
is on the withdrawal list looks accepted here: a partner must not learn who withdrew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import sqlalchemy as sa

from talentpool.acquire import (
    Counted,
    Facts,
    Said,
    file_facts,
    first_row,
    land_verified,
    notes_of_name,
    read_chunks,
    reissued,
    trial_hash,
)
from talentpool.conform import OUTSIDE, answers_of, begin, conform_share, finish, open_source
from talentpool.declare import FIELDS, TEMPLATE_V1, Partner
from talentpool.deliveries.delivery_state import HANDLED, State
from talentpool.errors import RejectedError
from talentpool.expect import count_flags, expect, value_codes
from talentpool.flow import Outcome, outcome, refused_unread
from talentpool.guard import redact
from talentpool.model import delivery, staging_table, verdict_table
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.texts.cells import field_of
from talentpool.texts.reasons import reasons
from talentpool.trial import trial

MOST_ERRORS = 1_000


@dataclass(frozen=True)
class Checked:
    """`errors`: one for each row and fault, in the order of the file; `left_out`: how many more there are.

    `foreign`: how many rows are not the sender's to send (`check_bytes` with counties).
    """

    outcome: Outcome
    errors: list[dict[str, Any]]
    left_out: int = 0
    foreign: int = 0

    def as_json(self) -> dict[str, Any]:
        return self.outcome.as_json() | {"errors": self.errors, "errors_left_out": self.left_out}


def check(
    office: Office,
    partner: Partner,
    file: Path,
    *,
    as_of: date | None = None,
    kind: str | None = None,
    since: date | None = None,
) -> Checked:
    """Try a file; `as_of` only where no manifest lies beside it.

    Raises what `ingest` raises for a file that the call contradicts.
    """
    try:
        facts = file_facts(file, partner, today_in_office(office.settings), Said(as_of, kind, since))
    except RejectedError as error:
        return Checked(refused_unread(as_of, error), [])
    return check_bytes(office, partner, facts, read_chunks(file))


def check_bytes(
    office: Office,
    partner: Partner,
    facts: Facts,
    chunks: Iterator[bytes],
    *,
    counties: tuple[str, ...] | None = None,
    know_people: bool = True,
) -> Checked:
    """The same of bytes that are in no file; `counties`: whose rows the sender may send, None = the whole area.

    With `counties` nobody of another county is known, and without `know_people` no value is compared with a known one: who
    may try as many files as they like would find out whom another county has, and numbers that they must not see. Both is
    done where the roster is staged.
    """
    store = f"memory://check-{uuid4().hex}"
    with trial(office.engine, counties) as tried:
        try:
            trying = office.but(engine=tried, settings=office.settings.model_copy(update={"landing": store}))
            return _try(trying, partner, _Brought(facts, counties, know_people), chunks)
        finally:
            _forget(store)


@dataclass(frozen=True)
class _Brought:
    """A roster on trial: its facts, whose rows its sender may send, and whether values may be compared with known ones."""

    facts: Facts
    counties: tuple[str, ...] | None
    know_people: bool

    @property
    def sent_counties(self) -> list[str] | None:
        return None if self.counties is None else list(self.counties)


def _try(office: Office, partner: Partner, brought: _Brought, chunks: Iterator[bytes]) -> Checked:
    facts = brought.facts
    counted = Counted()
    try:
        url, counted = land_verified(office, partner, facts, chunks, counted)
        if _known(office.engine, partner, brought, counted):
            return Checked(Outcome(None, facts.as_of.isoformat(), "duplicate"), [])
        number = _recorded(office, partner, brought, counted, url)
        begin(office.engine, number, 1)
        finish(office.engine, number, [conform_share(office, partner, number, know_people=False)])
        verdict = expect(office, partner, number, count=count_flags, know_people=brought.know_people)
    except RejectedError as error:
        said: dict[str, Any] = {
            "reasons": {error.code: 1},
            "notes": notes_of_name(facts),
            "message": redact(str(error)),
        }
        return Checked(Outcome(None, facts.as_of.isoformat(), State.REJECTED, **said), [])
    found = outcome(office.engine, number)
    live = "history" if "as_of_older" in found.notes else "live"
    told: dict[str, Any] = {"status": State.PUBLISHED, "effect": live} if verdict.status == State.AUDITED else {}
    strangers = found.reasons.get(OUTSIDE, 0)
    if strangers:  # what is wrong with rows of others is theirs to know: only that they are foreign is told
        told = {"status": State.REJECTED, "effect": "none", "message": None, "reasons": {}, "notes": {}}
        told |= {"accepted": 0, "quarantined": 0, "refused": 0}
    errors, left_out = _errors(office, partner, number, only=OUTSIDE if strangers else None)
    return Checked(replace(found, delivery_id=None, **told), errors, left_out, strangers)


def _known(engine: sa.Engine, partner: Partner, brought: _Brought, counted: Counted) -> bool:
    same = sa.exists().where(
        delivery.c.partner == partner.code,
        delivery.c.as_of == brought.facts.as_of,
        delivery.c.sha256 == counted.sha256,
        delivery.c.state.in_(HANDLED),
        delivery.c.sent_counties.is_not_distinct_from(brought.sent_counties),
    )
    with engine.connect() as conn:
        return bool(conn.scalar(sa.select(same)))


def _recorded(office: Office, partner: Partner, brought: _Brought, counted: Counted, url: str) -> int:
    """A row for the rooms to work on, of content that no other row has: nobody who brings these bytes waits for us."""
    facts = brought.facts
    row = first_row(partner, facts, counted) | {"landed_url": url, "state": State.LANDED}
    row["sent_counties"] = brought.sent_counties
    with office.engine.begin() as conn:
        again = {"name_reissued": 1} if conn.scalar(reissued(partner.code, facts)) else {}
        row["notes"] = notes_of_name(facts) | again
        row |= {"sha256": trial_hash(counted.on_record)} | office.keys.new_data_key().columns()
        return int(conn.execute(delivery.insert().values(row).returning(delivery.c.delivery_id)).scalar_one())


def _errors(office: Office, partner: Partner, number: int, *, only: str | None) -> tuple[list[dict[str, Any]], int]:
    """Rows and codes (one code `only`), never values; and how many are beyond the limit."""
    with office.engine.connect() as conn:
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == number)).one()
        each = _faults(number).subquery()
        every = (sa.select(each).where(each.c.code == only) if only else sa.select(each)).subquery()
        count = conn.scalar(sa.select(sa.func.count()).select_from(every)) or 0
        faults = conn.execute(sa.select(every).order_by(every.c.row_no, every.c.code).limit(MOST_ERRORS)).all()
        answers = answers_of(conn, partner.code, number).fields
    if not faults:
        return [], 0
    source = open_source(office.keys, partner, facts, answers)
    places = np.concatenate([block["place"].to_numpy() for block in source.blocks])
    headers = _headers(partner, source.form)
    return [
        {
            "row": int(places[row_no - 1]),
            "column": headers.get(field_of(code), ""),
            "code": code,
            "text_zh": reasons()[code].text_zh,
            "fix_zh": reasons()[code].fix_zh,
        }
        for row_no, code in faults
    ], count - len(faults)


def _faults(number: int) -> sa.CompoundSelect:
    """(row_no, code) of rows set aside and of values set aside in rows that are kept."""
    staged, verdicts = staging_table(number), verdict_table(number)
    aside = sa.select(verdicts.c.row_no, verdicts.c.code)
    code = sa.func.unnest(sa.func.string_to_array(staged.c.notes, " ")).label("code")
    each = sa.select(staged.c.row_no, code).where(staged.c.notes != "").subquery()
    return sa.union_all(aside, sa.select(each.c.row_no, each.c.code).where(each.c.code.in_(value_codes())))


def _headers(partner: Partner, form: str) -> dict[str, str]:
    columns = TEMPLATE_V1 if form == "template" else partner.format.columns
    found = {field: header for header, field in columns.items()}
    assert set(found) <= set(FIELDS)
    return found


def _forget(store: str) -> None:
    from upath import UPath

    folder = UPath(store)
    if folder.exists():
        folder.rmdir(recursive=True)
