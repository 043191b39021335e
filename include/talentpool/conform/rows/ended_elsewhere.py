"""Find rows that withdraw consent under an unknown staff number while a record of the partner is the same person.

Where a number was written in another way (a zero lost, a prefix gone), the withdrawal must reach the person all the
same: nobody stays on a list for the notation of a number.
"""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from talentpool.conform.rows.cleaned import Cleaned
from talentpool.conform.rows.columns import first_eight
from talentpool.conform.rows.setting import Setting
from talentpool.conform.values.documents import USABLE
from talentpool.guard import Blinder, KeyRing
from talentpool.model import source_record
from talentpool.texts.staff_no import one_name

SEPARATOR = "\x1f"


def known_records(setting: Setting, records: np.ndarray, cleaned: Cleaned, *, skip: np.ndarray) -> np.ndarray:
    """The record ids, of such rows those of the person's record; of several records of one person the first.

    Args:
        skip: rows that their sender may not send.
    """
    withdrawn = np.asarray(cleaned.consent_status == "withdrawn")
    base = setting.base
    at = np.flatnonzero(withdrawn & ~skip & ~base.exists(first_eight(records)))
    if base.past or not len(at) or not len(base.records):
        return records
    found = _same_people(setting, at, cleaned)
    if not found:
        return records
    settled = records.copy()
    for i, record in found.items():
        settled[i] = np.frombuffer(record.bytes, settled.dtype)
    return settled


def _same_people(setting: Setting, at: np.ndarray, cleaned: Cleaned) -> dict[int, UUID]:
    """Record by row: of the same document, or of the same name and county and either mobile or number; among those
    of whom the sender may speak."""
    keys = setting.keys
    live, rows = source_record, pa.array(at)
    whole = pc.is_in(cleaned.documents.status.take(rows), value_set=pa.array(sorted(USABLE)))
    document = pc.if_else(whole, cleaned.documents.number.take(rows), None)
    usable = pc.equal(cleaned.mobile.status.take(rows), "ok")
    mobile = pc.if_else(usable, cleaned.mobile.number.take(rows), None)
    named = pc.binary_join_element_wise(
        pc.if_else(pc.equal(cleaned.names.form.take(rows), ""), None, cleaned.names.form.take(rows)),
        cleaned.county.take(rows),
        SEPARATOR,
    )
    columns = (
        (at.tolist(), sa.Integer),
        (_hashed(keys, "index_id_number", document), sa.UUID),
        (_hashed(keys, "index_mobile", mobile), sa.UUID),
        (_hashed(keys, "index_name_county", named), sa.UUID),
        (cleaned.plain.staff_no.take(rows).to_pylist(), sa.Text),
    )
    names = ("row", "id_index", "mobile_index", "name_county_index", "staff_no")
    row = (
        sa.func.unnest(*(sa.cast(values, sa.ARRAY(kind)) for values, kind in columns))
        .table_valued(*(sa.column(name, kind) for name, (_, kind) in zip(names, columns, strict=True)))
        .render_derived("said")
    )
    ours = sa.and_(live.c.partner == setting.partner, live.c.status != "left")
    if setting.counties is not None:
        ours = sa.and_(ours, live.c.county.in_(setting.counties))
    query = sa.union(
        *(
            sa.select(row.c.row, live.c.record_id).join_from(row, live, sa.and_(ours, same))
            for same in (live.c.id_index == row.c.id_index, one_name(row.c, live.c))
        )
    )
    found: dict[int, UUID] = {}
    for place, record in setting.conn.execute(query.order_by(sa.desc("record_id"))):
        found[place] = record
    return found


def _hashed(keys: KeyRing, key: str, values: pa.Array) -> list[str | None]:
    return Blinder(keys.key(key)).hex_column(values).to_pylist()
