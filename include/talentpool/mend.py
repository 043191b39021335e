"""Read one row of a landed roster, try it with another cell, and bring it in as an officer's own delivery of one row.

What landed stays as it is: the row is read from it, mended in memory, and lands anew in the name of the officer, who may
send rows of certain counties only. From there it goes the way of every roster: the same rules, the same publication.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from talentpool.acquire import Counted, Facts, first_row, land_verified, trial_hash
from talentpool.conform import answers_of, begin, conform_share, finish, open_source
from talentpool.conform.rows.plain import StaffRule
from talentpool.conform.rows.remembered import Word, hold_to, records_of
from talentpool.declare import BRANCH, FIELDS, TEMPLATE_V1, Partner
from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.publications import CORRECTION, newest_roster
from talentpool.errors import RejectedError, StaleStageError, UsageError
from talentpool.expect import Verdict, count_flags, expect, in_words, value_codes
from talentpool.flow import Outcome, one_at_a_time, outcome
from talentpool.load import drop_staging, publish
from talentpool.locks import GLOBAL_LOCK, hold, publish_lock
from talentpool.model import delivery, staging_table, verdict_table
from talentpool.office import Office
from talentpool.trial import trial, within

OF_ITS_FIELD = frozenset({
    "name_masked", "name_lost_char", "name_title_removed", "name_length", "document_type_unknown", "occupation_unknown",
    "birth_date_differs", "sex_differs",
})  # fmt: skip
OF_ANY_FIELD = frozenset({"blank_word", "time_of_day", "date_never", "notation_undone", "invisible_removed"})
READ_AMISS = OF_ITS_FIELD | OF_ANY_FIELD
"""Notes on a value that is kept in a partner's roster, but is not what a person would put right with: it is not whole, not known,
or read otherwise."""


@dataclass(frozen=True, repr=False)
class Row:
    """A row as it was delivered: its cells by field, and where they stand."""

    delivery_id: int
    row_no: int
    record: UUID
    cells: dict[str, str]


@dataclass(frozen=True)
class Sender:
    """In whose name a row is brought in, and for which counties."""

    name: str
    counties: tuple[str, ...]


def read_row(
    office: Office, partner: Partner, delivery_id: int, *, row_no: int | None = None, record: UUID | None = None
) -> Row | None:
    """A row of a landed file, by its line or by its record; None when there is none, or the file is not kept any more.
    UnavailableError when it is kept and cannot be read now."""
    with office.engine.connect() as conn:
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
        answers = answers_of(conn, partner.code, delivery_id).fields
    if facts.landed_url is None:
        return None
    staff, before = StaffRule(partner.staff_no_is, partner.branch), 0
    for block in open_source(office.keys, partner, facts, answers).blocks:
        if row_no is not None and row_no > before + len(block):
            before += len(block)
            continue
        found = records_of(block, office.keys, partner.code, staff)
        for at in range(len(block)) if row_no is None else (row_no - before - 1,):
            if record is None or found[at].tobytes() == record.bytes:
                cells = {
                    name: block[name][at].as_py() or "" for name in (*FIELDS, BRANCH) if name in block.column_names
                }
                return Row(delivery_id, before + at + 1, UUID(bytes=found[at].tobytes()), cells)
        if row_no is not None:
            return None
        before += len(block)
    return None


def newest_row(office: Office, partner: Partner, record: UUID, *, own: bool) -> Row | None:
    """The newest row of a record in the rosters whose files are still kept: of the partner's `own`, or of anybody's. However many
    deltas and officers' corrections speak of others since; None when no kept file names it."""
    sent = delivery.c.sent_counties.is_(None) if own else sa.true()
    with office.engine.connect() as conn:
        numbers = conn.scalars(
            sa.select(delivery.c.delivery_id)
            .where(
                delivery.c.partner == partner.code, delivery.c.state == State.PUBLISHED, delivery.c.effect == "live", sent,
                delivery.c.landed_url.is_not(None),
            )
            .order_by(delivery.c.publish_seq.desc())
        ).all()  # fmt: skip
    return next((row for one in numbers if (row := read_row(office, partner, one, record=record)) is not None), None)


def faults_of(
    office: Office, partner: Partner, row: Row, cells: Mapping[str, str], sender: Sender, taken: Word | None
) -> set[str]:
    """The reason codes that a row with these cells would get alone: what sets it or a value aside, and what is read otherwise
    than it is written (`READ_AMISS`). Nothing is kept.

    `taken`: the word by which the row with these cells is taken as it is. What it says of who withdrew is not for a county.
    """
    store = f"memory://mend-{uuid4().hex}"
    with trial(office.engine) as tried:
        trying = office.but(engine=tried, settings=office.settings.model_copy(update={"landing": store}))
        with tried.begin() as conn:
            number = _bring(conn, trying, partner, row, cells, sender, on_trial=True)
            hold_to(conn, taken)
        try:
            _judged(trying, partner, number)
        except RejectedError as error:
            return {error.code}
        finally:
            _forget(store)
        with tried.connect() as conn:
            codes = set(conn.scalars(sa.select(verdict_table(number).c.code)))
            notes = conn.scalar(sa.select(staging_table(number).c.notes)) or ""
    return codes | (set(notes.split()) & {*value_codes(), *READ_AMISS})


@contextmanager
def publishing(office: Office, partner: Partner) -> Iterator[sa.Connection]:
    """A transaction that is alone with the partner's deliveries and with everybody's live records."""
    with one_at_a_time(office.engine, partner), office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK, publish_lock(partner.code))
        yield conn


def bring_in(
    conn: sa.Connection, office: Office, partner: Partner, row: Row, cells: Mapping[str, str], sender: Sender
) -> Outcome:
    """Land a row as a delivery of the sender's and take it to its end, in a transaction that is `publishing`. It is live when
    that is committed, or nothing of it ever was (docs/adr/0112). UsageError for what a person would have to decide. Great
    Expectations, which looks from outside, does not count the one row."""
    inside = office.but(engine=within(conn))
    number = _bring(conn, inside, partner, row, cells, sender)
    try:
        verdict = _judged(inside, partner, number)
        if verdict.status == State.AUDITED:
            publish(inside, partner, number)
    except (RejectedError, StaleStageError) as error:
        raise UsageError("没有执行：系统没能读取或校验这一行；请再提交一次，仍不行的请联系市级数据专员") from error
    if verdict.status == State.HELD:
        said = "；".join(map(in_words, verdict.findings))
        raise UsageError(f"没有执行：这一行要由人判断后才能入库（{said}）；请退回合作单位，由下一份名册更正")
    drop_staging(inside.engine, number)
    return outcome(inside.engine, number)


def _judged(office: Office, partner: Partner, number: int) -> Verdict:
    begin(office.engine, number, 1)
    finish(office.engine, number, [conform_share(office, partner, number)])
    return expect(office, partner, number, count=count_flags)


def _bring(
    conn: sa.Connection, office: Office, partner: Partner, row: Row, cells: Mapping[str, str], sender: Sender, *,
    on_trial: bool = False,
) -> int:  # fmt: skip
    """Land a row with these cells as a delivery of the sender's; its number. It is as of the partner's newest roster."""
    of = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == row.delivery_id)).one()
    as_of: date = conn.scalar(sa.select(newest_roster(partner.code))) or of.as_of
    facts = Facts(f"{CORRECTION}{row.delivery_id}_{row.row_no}.csv", as_of, "delta", notice_version=of.notice_version)
    content = _as_csv(partner, cells)
    while _was_brought(conn, partner, as_of, content, sender):
        content += b"\r\n"  # the same row again: a delivery of its own all the same
    url, counted = land_verified(office, partner, facts, iter([content]), Counted())
    made: dict[str, Any] = first_row(partner, facts, counted) | {
        "landed_url": url, "state": State.LANDED, "notes": {}, "sent_by": sender.name, "sent_counties": list(sender.counties),
    }  # fmt: skip
    if on_trial:
        made["sha256"] = trial_hash(counted.on_record)
    made |= office.keys.new_data_key().columns()
    return int(conn.execute(delivery.insert().values(made).returning(delivery.c.delivery_id)).scalar_one())


def _was_brought(conn: sa.Connection, partner: Partner, as_of: date, content: bytes, sender: Sender) -> bool:
    same = sa.exists().where(
        delivery.c.partner == partner.code, delivery.c.as_of == as_of,
        delivery.c.sha256 == hashlib.sha256(content).hexdigest(), delivery.c.sent_counties == list(sender.counties),
    )  # fmt: skip
    return bool(conn.scalar(sa.select(same)))


def _as_csv(partner: Partner, cells: Mapping[str, str]) -> bytes:
    """One row in the standard template; a branch beside it where staff numbers are unique within it."""
    columns: list[tuple[str, str]] = [(header, name) for header, name in TEMPLATE_V1.items()]
    if BRANCH in cells and partner.staff_no_within:
        columns.append((partner.staff_no_within, BRANCH))
    text = io.StringIO(newline="")
    lines: Iterable[Sequence[str]] = ([header for header, _ in columns], [cells.get(name, "") for _, name in columns])
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _forget(store: str) -> None:
    from upath import UPath

    folder = UPath(store)
    if folder.exists():
        folder.rmdir(recursive=True)
