"""One delivery from landing to its staging table: read, cleaned, sealed and copied a block at a time."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.schema import CreateTable

from talentpool.acquire import open_landed
from talentpool.conform.base import read_base
from talentpool.conform.block import Setting, lines
from talentpool.conform.clean import Context, clean
from talentpool.conform.codes import Occupations, known_notices
from talentpool.conform.divisions import Divisions
from talentpool.conform.read import Source, read_csv
from talentpool.conform.suppress import suppressed
from talentpool.conform.workbook import is_workbook, read_workbook
from talentpool.declare import Partner
from talentpool.guard import KeyRing
from talentpool.model import STAGING_SCHEMA, delivery, staging_table
from talentpool.reference import versions
from talentpool.settings import Settings
from talentpool.staging import drop_staged

ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Staged:
    """What was staged: counts and form, no rows."""

    delivery_id: int
    rows: int
    changed: int
    encoding: str
    form: str
    extra_columns: tuple[str, ...]


def conform(engine: sa.Engine, keys: KeyRing, settings: Settings, partner: Partner, delivery_id: int) -> Staged:
    """Stage a landed delivery into staging.delivery_<id>, in one transaction; an older staging of it is dropped.

    RejectedError when the file cannot be read as what it must be; then nothing is staged.
    """
    table = staging_table(delivery_id)
    with engine.begin() as conn:
        conn.execute(sa.text("set transaction isolation level repeatable read"))
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
        source = _open(keys, partner, facts)
        base = read_base(conn, partner.code, facts.as_of)
        context = Context(
            as_of=facts.as_of,
            divisions=Divisions(conn, settings.area),
            occupations=Occupations(conn, partner.default_occupation),
            notices=known_notices(conn),
            inherited_notice=facts.notice_version if partner.basis.notice == "manifest" else None,
            needs_consent=partner.basis.kind == "consent",
        )
        setting = Setting(
            conn=conn,
            keys=keys,
            data_key=keys.unwrap(facts.wrapped_key),
            partner=partner.code,
            sha256=facts.sha256,
            as_of=facts.as_of,
            delta=facts.kind == "delta",
            base=base,
            suppressed=suppressed(conn),
        )
        drop_staged(conn, delivery_id)
        conn.execute(CreateTable(table))
        rows = changed = 0
        for block in source.blocks:
            for start in range(0, len(block), ROWS_AT_ONCE):
                part = block.slice(start, ROWS_AT_ONCE)
                staged = lines(clean(part, context), rows + 1, setting)
                _copy(conn, table, staged)
                rows += len(part)
                changed += pa.compute.sum(staged["changed"]).as_py() or 0
        notes = {key: count for key, count in facts.notes.items() if key == "name_reissued"}
        if source.extra:
            notes["extra_columns"] = len(source.extra)
        conn.execute(
            delivery.update()
            .where(delivery.c.delivery_id == delivery_id)
            .values(
                state="staged",
                encoding=source.encoding,
                form=source.form,
                base_seq=base.seq,
                reference_version=versions(conn),
                changed=changed,
                notes=notes,
                profile={"rows": rows},
            )
        )
    return Staged(delivery_id, rows, changed, source.encoding, source.form, source.extra)


def _open(keys: KeyRing, partner: Partner, facts: sa.Row) -> Source:
    with open_landed(keys, facts.landed_url) as file:
        head = file.read(8)
    if is_workbook(head, facts.source_name):
        return read_workbook(open_landed(keys, facts.landed_url), partner, facts.source_name)
    return read_csv(lambda: open_landed(keys, facts.landed_url), partner, facts.source_name)


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
