"""Stage one delivery from landing, in as many shares as the file is worth."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from talentpool.conform.rows.shared_number import set_shared_numbers_aside
from talentpool.conform.share import StagedShare, conform_share, is_book
from talentpool.conform.worker import helping
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.staging import drop_staged, stage_of
from talentpool.errors import RejectedError, StaleStageError
from talentpool.model import delivery, parts_table, staging_table
from talentpool.office import Office

WORTH_A_PROCESS = 8 * 1024**2
"""Bytes of a file from which a second process, which takes a second to start, saves more than it costs."""
MAX_SHARES = 2
OF_LANDING = ("name_reissued", "file_name_redacted")
"""Notes of a delivery from before its file was read; they stay when it is staged again."""


@dataclass(frozen=True)
class Staged:
    """What was staged: counts and form, no rows."""

    delivery_id: int
    rows: int
    changed: int
    encoding: str
    form: str


def conform(office: Office, partner: Partner, delivery_id: int) -> Staged:
    """Stage a landed delivery into staging.delivery_<id>; an older staging of it is dropped.

    RejectedError when the file cannot be read as what it must be; then nothing stays staged.
    """
    of = shares_worth(office, delivery_id)
    begin(office.engine, delivery_id, of)
    try:
        with helping(office, partner, delivery_id, of) as helpers:
            shares = [conform_share(office, partner, delivery_id, 0, of)]
            shares += [helper.share() for helper in helpers]
        return finish(office.engine, delivery_id, shares)
    except RejectedError:
        with office.engine.begin() as conn:
            drop_staged(conn, delivery_id)
        raise


def shares_worth(office: Office, delivery_id: int, most: int | None = None) -> int:
    """In how many shares to stage, `most` at most; unset: as many as this machine can do at once.

    A workbook is read whole by everyone who reads it: one share.
    """
    with office.engine.connect() as conn:
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
    if facts.bytes < WORTH_A_PROCESS or is_book(office.keys, facts):
        return 1
    return min(most or min(MAX_SHARES, len(os.sched_getaffinity(0))), 1 + facts.bytes // WORTH_A_PROCESS)


def begin(engine: sa.Engine, delivery_id: int, of: int) -> None:
    """Empty staging tables: the delivery's and, when there are several shares, one for each below it.

    What was staged before is gone, so an unfinished delivery is `landed` again.
    """
    whole = staging_table(delivery_id)
    with engine.begin() as conn:
        drop_staged(conn, delivery_id)
        began = sa.update(delivery).where(delivery.c.delivery_id == delivery_id)
        conn.execute(began.where(delivery.c.state.in_((State.STAGED, State.AUDITED))).values(state=State.LANDED))
        conn.execute(CreateTable(whole))
        conn.execute(CreateTable(parts_table(delivery_id)))
        name = conn.dialect.identifier_preparer.format_table
        for share in range(of) if of > 1 else ():
            below = name(staging_table(delivery_id, share))
            conn.exec_driver_sql(f"create unlogged table {below} () inherits ({name(whole)})")


def finish(engine: sa.Engine, delivery_id: int, shares: Sequence[StagedShare]) -> Staged:
    """Record what the shares found. StaleStageError when they make no whole, when the pool moved between them, or when another
    run staged meanwhile and did not end: stage again."""
    first = shares[0]
    if {share.share for share in shares} != set(range(first.of)) or len({share.rows for share in shares}) != 1:
        raise StaleStageError(f"delivery {delivery_id}: its shares make no whole; stage it again")
    if len({(share.base_seq, str(share.reference_version)) for share in shares}) != 1:
        raise StaleStageError(f"delivery {delivery_id}: the pool moved while it was staged; stage it again")
    changed = sum(share.changed for share in shares)
    with engine.begin() as conn:
        stage_of(conn, delivery_id, first.rows)
        set_shared_numbers_aside(conn, delivery_id)
        notes = conn.scalar(sa.select(delivery.c.notes).where(delivery.c.delivery_id == delivery_id)) or {}
        notes = {key: count for key, count in notes.items() if key in OF_LANDING}
        conn.execute(
            delivery.update()
            .where(delivery.c.delivery_id == delivery_id)
            .values(
                state=State.STAGED,
                encoding=first.encoding,
                form=first.form,
                base_seq=first.base_seq,
                reference_version=first.reference_version,
                changed=changed,
                notes=notes | first.notes,
                findings=first.findings,
                dropped_columns=first.dropped,
                profile={"rows": first.rows},
            )
        )
    return Staged(delivery_id, first.rows, changed, first.encoding, first.form)
