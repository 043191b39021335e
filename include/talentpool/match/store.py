"""Stored match keys, and who shares them: what makes a month cost what changed. Keyed hashes only (keys.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.match.keys import CAP, KIND_BITS, KINDS, Keys
from talentpool.model import edge

MOBILE = KINDS.index("mobile")
INDEX = "ix_match_key_keys"


def store_keys(conn: sa.Connection, ids: Sequence[UUID], keys: Keys, *, every: bool) -> None:
    """Replace the keys of some records; of all there are with `every`, which is quicker."""
    if every:
        conn.exec_driver_sql("truncate match_key")
        conn.exec_driver_sql(f"drop index if exists {INDEX}")
    else:
        gone = sa.text("delete from match_key using match_changed c where match_key.record_id = c.record_id")
        conn.execute(gone)
    raw: Any = conn.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy("copy match_key (record_id, keys) from stdin") as copy:
        for lines in _lines(ids, keys):
            copy.write(lines)
    if every:
        conn.exec_driver_sql("set local maintenance_work_mem = '128MB'")
        conn.exec_driver_sql(f"create index {INDEX} on match_key using gin (keys) with (fastupdate = off)")
        conn.exec_driver_sql("analyze match_key")


def _lines(ids: Sequence[UUID], keys: Keys) -> Iterator[str]:
    """COPY lines of every record, those without a key too."""
    order = np.argsort(keys.record, kind="stable")
    text = list(map(str, keys.key[order].tolist()))
    ends = np.searchsorted(keys.record[order], np.arange(len(ids)), side="right").tolist()
    lines, begin = [], 0
    for record, end in zip(ids, ends, strict=True):
        lines.append(f"{record}\t{{{','.join(text[begin:end])}}}\n")
        begin = end
        if len(lines) == 20_000:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def stored_keys(conn: sa.Connection) -> dict[UUID, list[int]]:
    """Keys of the records in the temporary table match_wanted."""
    query = sa.text("select m.record_id, m.keys from match_key m join match_wanted w on w.record_id = m.record_id")
    return {row.record_id: row.keys for row in conn.execute(query)}


def sharers(conn: sa.Connection, keys: Iterable[int]) -> tuple[np.ndarray, list[UUID]]:
    """Everybody who has one of `keys`: the keys, and beside each the record; both as long."""
    conn.exec_driver_sql("create temporary table match_probe (key bigint) on commit drop")
    raw: Any = conn.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy("copy match_probe from stdin") as copy:
        copy.write("".join(f"{key}\n" for key in sorted(set(keys))))
    conn.exec_driver_sql("analyze match_probe")
    rows = conn.execute(
        sa.text("select p.key, m.record_id from match_probe p join match_key m on m.keys @> array[p.key]")
    ).all()
    conn.exec_driver_sql("drop table match_probe")
    return np.array([row.key for row in rows], np.int64), [row.record_id for row in rows]


def kinds_of(keys: np.ndarray) -> np.ndarray:
    """Kind of each stored key."""
    return (keys & KIND_BITS).astype(np.int8)


def within_cap(keys: np.ndarray) -> np.ndarray:
    """Which of the (key, record) rows belong to a block that may make candidates."""
    _, at, counts = np.unique(keys, return_inverse=True, return_counts=True)
    size = counts[at]
    return np.asarray((size >= 2) & (size <= CAP[kinds_of(keys)]))


def moved(keys: np.ndarray, was: Counter, now: Counter) -> np.ndarray:
    """Which of the (key, record) rows belong to a block that means something else since `was` became `now`.

    A mobile weighs by who bears it, so any change counts; of other kinds, that the block crossed its cap.
    """
    each, at, counts = np.unique(keys, return_inverse=True, return_counts=True)
    before = counts - np.array([now[key] - was[key] for key in each.tolist()], np.int64)
    cap, kind = CAP[kinds_of(each)], kinds_of(each)
    crossed = (counts <= cap) != (before <= cap)
    return np.asarray((crossed | ((kind == MOBILE) & (counts <= cap)))[at])


def neighbours(conn: sa.Connection, records: Sequence[UUID]) -> list[UUID]:
    """Who shares a key with some records, or is held against them, without themselves; crowds left out."""
    keys = conn.scalars(sa.text("select unnest(keys) from match_key where record_id = any(:records)"),
                        {"records": list(records)}).all()  # fmt: skip
    key, who = sharers(conn, keys)
    _, at, counts = np.unique(key, return_inverse=True, return_counts=True)
    small = (counts[at] <= CAP[kinds_of(key)] + 1).tolist()
    near = {one for one, fits in zip(who, small, strict=True) if fits}
    sides = sa.select(edge.c.left_record).where(edge.c.right_record.in_(records)).union(
        sa.select(edge.c.right_record).where(edge.c.left_record.in_(records))
    )  # fmt: skip
    return sorted((near | set(conn.scalars(sides))) - set(records))
