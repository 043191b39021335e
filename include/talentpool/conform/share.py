"""Stage one share of a delivery: every n-th block of its file, cleaned, sealed and copied in one transaction.

A delivery in one share goes straight into its staging table. In several, each has a table of its own below it, emptied
at the start, so that a share can be done again by whoever takes it: another process here, another worker of a cluster.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import sqlalchemy as sa
from psycopg import sql

from talentpool.acquire import delivered, open_landed
from talentpool.conform.answers import answers_of
from talentpool.conform.block import lines
from talentpool.conform.files.header import Answers
from talentpool.conform.files.read import Source, read_csv
from talentpool.conform.rows.base import read_base
from talentpool.conform.rows.clean import clean
from talentpool.conform.rows.cleaned import Context
from talentpool.conform.rows.plain import StaffRule
from talentpool.conform.rows.remembered import Remembered, put_remembered, records_of, remembered
from talentpool.conform.rows.setting import Setting
from talentpool.conform.rows.suppress import Suppressed, suppressed
from talentpool.conform.values.codes import Occupations, known_notices
from talentpool.conform.values.divisions import Divisions
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.conform.workbook.shape import is_workbook
from talentpool.declare import Partner
from talentpool.errors import StaleStageError
from talentpool.guard import KeyRing
from talentpool.model import STAGING_SCHEMA, delivery, staging_table
from talentpool.office import Office
from talentpool.office_day import OFFICE_TIME
from talentpool.reference import versions

ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class StagedShare:
    """What a share found, in counts. `changed`: new or changed rows of this share; all else is of the whole file."""

    share: int
    of: int
    rows: int
    changed: int
    encoding: str
    form: str
    notes: dict[str, int]
    findings: list[dict[str, Any]]
    base_seq: int
    reference_version: dict[str, int]
    dropped: list[str]
    """Names of columns that are nobody's field."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def conform_share(
    office: Office,
    partner: Partner,
    delivery_id: int,
    share: int = 0,
    of: int = 1,
    *,
    know_people: bool = True,
) -> StagedShare:
    """Stage blocks `share`, `share + of`, ... of a landed delivery; what the share held before is gone.

    RejectedError when the file cannot be read as what it must be; then nothing of the share is staged. StaleStageError
    when its table is gone: somebody else began. Without `know_people` (a trial for outsiders) nobody is known as
    withdrawn, and no row under another number.
    """
    table = staging_table(delivery_id, share if of > 1 else None)
    with office.engine.begin() as conn:
        if not conn.in_nested_transaction():  # else the caller sees one moment of the pool, or holds its lock
            conn.execute(sa.text("set transaction isolation level repeatable read"))
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
        answers = answers_of(conn, partner.code, delivery_id)
        source = open_source(office.keys, partner, facts, answers.fields)
        setting = _setting(conn, office.keys, partner, facts, know_people=know_people)
        context = _context(conn, office.settings.area, partner, facts)
        if not sa.inspect(conn).has_table(table.name, schema=table.schema):
            raise StaleStageError(
                f"delivery {delivery_id} is staged anew by another run; share {share} of {of} is not wanted"
            )
        conn.exec_driver_sql(f"truncate {conn.dialect.identifier_preparer.format_table(table)}")
        rows = changed = 0
        for place, block in enumerate(source.blocks):
            if place % of == share:
                changed += _stage(table, block, rows + 1, context, setting)
            rows += len(block)
        known = versions(conn) | {"suppression": setting.suppressed.size, "partner_column": answers.revision}
        notes = dict(source.notes) | ({"extra_columns": len(source.extra)} if source.extra else {})
        found = [finding.as_json() for finding in source.findings]
        extra = list(source.extra)
        return StagedShare(
            share, of, rows, changed, source.encoding, source.form, notes, found, setting.base.seq, known, extra
        )


def _stage(table: sa.Table, block: pa.Table, first_row: int, context: Context, setting: Setting) -> int:
    """Copy a block's lines; returns how many of them are changed."""
    changed = 0
    for start in range(0, len(block), ROWS_AT_ONCE):
        staged = _lines(block.slice(start, ROWS_AT_ONCE), first_row + start, context, setting)
        _copy(setting.conn, table, staged)
        changed += pc.sum(staged["changed"]).as_py() or 0
    return changed


def _lines(piece: pa.Table, first_row: int, context: Context, setting: Setting) -> pa.Table:
    """The lines of some rows, with what officers remembered for them in its place."""
    put = None
    if setting.remembered.words:
        records = records_of(piece, setting.keys, setting.partner, context.staff)
        put = put_remembered(piece, records, setting.remembered)
    cleaned = clean(put.block if put else piece, context)
    marks = pa.nulls(len(piece), pa.string())
    if put is not None:
        for row, codes in put.notes.items():
            cleaned.notes[row] = " ".join((*cleaned.notes[row].split(), *codes))
        marks = pa.array([put.marks.get(row) for row in range(len(piece))], pa.string())
    return lines(cleaned, first_row, setting).append_column("remembered", marks)


def _setting(conn: sa.Connection, keys: KeyRing, partner: Partner, facts: sa.Row, *, know_people: bool) -> Setting:
    return Setting(
        conn=conn,
        keys=keys,
        data_key=keys.unwrap(facts.wrapped_key, facts.wrapped_by),
        partner=partner.code,
        sha256=facts.sha256,
        as_of=facts.as_of,
        delta=facts.kind == "delta",
        base=read_base(conn, partner.code, facts.as_of),
        suppressed=suppressed(conn) if know_people else Suppressed(),
        notices=known_notices(conn),
        know_people=know_people,
        counties=facts.sent_counties,
        # whoever tries a file is told of the file as it is
        remembered=remembered(conn, keys, partner.code, delta=facts.kind == "delta") if know_people else Remembered(),
    )


def _context(conn: sa.Connection, area: str, partner: Partner, facts: sa.Row) -> Context:
    return Context(
        as_of=facts.as_of,
        consent_until=consent_until(facts),
        hired_until=hired_until(facts),
        divisions=Divisions(conn, area),
        occupations=Occupations(conn, partner.default_occupation),
        notices=known_notices(conn),
        inherited_notice=facts.notice_version if partner.basis.notice == "manifest" else None,
        needs_consent=partner.basis.kind == "consent",
        staff=StaffRule(partner.staff_no_is, partner.branch),
    )


def consent_until(facts: sa.Row) -> date:
    """A consent counts when it was given until the roster came; an as-of is often a day of before."""
    return max(facts.as_of, facts.landed_at.astimezone(OFFICE_TIME).date())


def hired_until(facts: sa.Row) -> date:
    """The last day on which somebody can have been hired. A county's changes are dated back to the partner's newest roster
    (services/desk/upload.py), and the newly hired are what they tell: theirs count until the roster came, as a consent does."""
    return facts.as_of if facts.sent_counties is None else consent_until(facts)


def open_source(keys: KeyRing, partner: Partner, facts: sa.Row, answers: Answers) -> Source:
    """The landed file of a delivery, ready to be read; `answers`: what people said of the partner's columns."""
    if is_book(keys, facts):
        return read_workbook(_landed(keys, facts), partner, facts.source_name, answers)
    return read_csv(lambda: _landed(keys, facts), partner, facts.source_name, answers)


def is_book(keys: KeyRing, facts: sa.Row) -> bool:
    """Whether what landed is a workbook, whatever it is called."""
    with _landed(keys, facts) as file:
        return is_workbook(file.read(8), facts.source_name)


def _landed(keys: KeyRing, facts: sa.Row) -> BinaryIO:
    return open_landed(keys, facts.landed_url, delivered(facts))


def _copy(conn: sa.Connection, table: sa.Table, staged: pa.Table) -> None:
    """COPY prebuilt CSV: null is an empty field, an empty string a quoted one."""
    buffer = io.BytesIO()
    columns = [column.name for column in table.columns]
    pyarrow.csv.write_csv(staged.select(columns), buffer, pyarrow.csv.WriteOptions(include_header=False))
    statement = sql.SQL("COPY {}.{} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(STAGING_SCHEMA), sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    raw = conn.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(buffer.getbuffer())
