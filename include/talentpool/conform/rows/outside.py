"""Refuse rows that their sender may not send: people of another county, or managed by another county.

Decided at staging, against what the pool says by then; a delivery whose pool moved is staged again before it is
published. Such a row is refused: nothing of it is kept, and nothing on record is read into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from talentpool.conform.rows.setting import Setting
from talentpool.model import source_record, source_record_history

CODE = "county_not_yours"
BATCH = 5_000


def outside(setting: Setting, counties: Sequence[str], records: np.ndarray, county: pa.Array) -> np.ndarray:
    """Which rows lie outside `counties`, by their own county or by their record's."""
    own = pa.array(counties, pa.string())
    elsewhere = pc.and_(county.is_valid(), pc.invert(pc.is_in(county, value_set=own)))
    ids = [UUID(bytes=record.tobytes()) for record in records]
    theirs: set[UUID] = set()
    for start in range(0, len(ids), BATCH):
        theirs.update(setting.conn.scalars(_of_others(setting, counties, ids[start : start + BATCH])))
    managed = np.fromiter((record in theirs for record in ids), dtype=bool, count=len(ids))
    return np.asarray(elsewhere.to_numpy(zero_copy_only=False)) | managed


def _of_others(setting: Setting, counties: Sequence[str], ids: list[UUID]) -> sa.CompoundSelect:
    """Of some records those that are live in another county; or were there, where nothing is live or the past is at
    stake."""
    live, history, partner = source_record, source_record_history, setting.partner
    alive = sa.exists().where(live.c.partner == partner, live.c.record_id == history.c.record_id)
    reached = history.c.valid_to > setting.as_of if setting.base.past else sa.false()
    return sa.union(
        sa.select(live.c.record_id).where(
            live.c.partner == partner, live.c.record_id.in_(ids), _not_in(live.c.county, counties)
        ),
        sa.select(history.c.record_id).where(
            history.c.partner == partner, history.c.record_id.in_(ids), _not_in(history.c.county, counties),
            sa.or_(~alive, reached),
        ),
    )  # fmt: skip


def _not_in(county: sa.ColumnElement, counties: Sequence[str]) -> sa.ColumnElement[bool]:
    """A record without a county is nobody's."""
    return sa.or_(county.is_(None), county.not_in(counties))


def with_code(faults: pa.Array, rows: np.ndarray) -> pa.Array:
    """The rows' faults; of those outside only that they are: what else is wrong with them is not their sender's."""
    return pc.if_else(pa.array(rows), CODE, faults)
