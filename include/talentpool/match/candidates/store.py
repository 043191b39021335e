"""Store match keys and find who shares them, so that a month costs what changed. Keyed hashes only (keys.py)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from psycopg import sql

from talentpool.match.candidates.keys import CAP, KINDS, NONE, Keys, kinds_of
from talentpool.match.candidates.pairs import counted
from talentpool.match.facts.features import NO_DATE
from talentpool.match.facts.ids import pack, unpack
from talentpool.match.facts.wire import ROWS, keep_records, read_columns, write_columns
from talentpool.model import edge

INT8 = 20
"""What PostgreSQL calls the type bigint on the wire."""
MOBILE, DOCUMENT = KINDS.index("mobile"), KINDS.index("document")
NUMBER_FEW = 3
"""Bearers of a document number from whom on it may stand on too many names (scoring/compare.NAMES_MAX)."""
INDEX = "ix_match_key_keys"
BY_INDEX = "select p.key, m.record_id from match_probe p join match_key m on m.keys @> array[p.key]"
EACH_KEY = """
    select p.key, m.record_id from (select record_id, unnest(keys) as key from match_key) m join match_probe p using (key)
    """
SCAN_SHARE = 0.1
"""More keys than this share of all records: reading everybody's keys once is quicker than so many looks into the index."""


def store_keys(conn: sa.Connection, ids: np.ndarray, keys: Keys, births: np.ndarray, *, full: bool) -> int:
    """Replace keys and typed `births` of the changed records; in a `full` run of all there are, which is quicker. How many
    more have some."""
    gone = 0
    if full:
        conn.exec_driver_sql("truncate match_key")
        conn.execute(sa.select(sa.func.match_index(INDEX, False)))
    else:
        former = sa.text("delete from match_key using match_changed c where match_key.record_id = c.record_id")
        gone = conn.execute(former).rowcount
    there = keys.table != NONE
    counts = there.sum(axis=1)
    for count in np.unique(counts).tolist():  # rows of as many keys are alike
        rows = np.flatnonzero(counts == count)
        for piece in np.array_split(rows, len(rows) // ROWS + 1):
            arrays = _arrays(keys.table[piece][there[piece]].reshape(len(piece), count))
            kinds = {"record_id": "S16", "keys": arrays.dtype.str, "birth": ">i4"}
            columns = {"record_id": ids[piece], "keys": arrays, "birth": births[piece]}
            write_columns(conn, "match_key", kinds, columns)
    if full:
        conn.exec_driver_sql("set local maintenance_work_mem = '128MB'")
        conn.execute(sa.select(sa.func.match_index(INDEX, True)))
        conn.exec_driver_sql("analyze match_key")
    return len(ids) - gone


def _arrays(keys: np.ndarray) -> np.ndarray:
    """Each row of keys as PostgreSQL sends an array of bigint: dimensions, no nulls, type, length, lower bound 1."""
    count = keys.shape[1]
    head = [("dimensions", ">i4"), ("nulls", ">i4"), ("type", ">i4")]
    if not count:
        empty = np.zeros(len(keys), head)
        empty["type"] = INT8
        return empty.view("V12")
    wire = np.dtype([*head, ("count", ">i4"), ("from", ">i4"), ("keys", [("size", ">i4"), ("key", ">i8")], (count,))])
    rows = np.zeros(len(keys), wire)
    rows["dimensions"], rows["type"], rows["count"], rows["from"] = 1, INT8, count, 1
    rows["keys"]["size"], rows["keys"]["key"] = 8, keys
    return rows.view(f"V{wire.itemsize}")


def stored_births(conn: sa.Connection, table: str) -> np.ndarray:
    """record, birth of the records in a temporary table, as the run before knew them."""
    query = sql.SQL("select m.record_id, m.birth from match_key m join {} using (record_id)").format(
        sql.Identifier(table)
    )
    return read_columns(conn, query, {"record": "S16", "birth": ">i4"})


def born_on(conn: sa.Connection, days: list[int] | None) -> np.ndarray:
    """Records whose typed birth date is one of `days`, or for None a first of a month."""
    first = "extract(day from date '1970-01-01' + birth) = 1 and birth <> {none}"
    where = sql.SQL("birth = any({days})" if days is not None else first)
    query = sql.SQL("select record_id from match_key where {}").format(
        where.format(days=sql.Literal(days)) if days is not None else where.format(none=sql.Literal(NO_DATE))
    )
    return np.unique(read_columns(conn, query, {"record": "S16"})["record"])


def stored_keys(conn: sa.Connection) -> np.ndarray:
    """All keys of the records in the temporary table match_wanted."""
    query = "select unnest(m.keys) from match_key m join match_wanted w on w.record_id = m.record_id"
    return read_columns(conn, sql.SQL(query), {"key": ">i8"})["key"].astype(np.int64)


def sharers(conn: sa.Connection, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Everybody who has one of `keys`: the keys, and beside each the record's id; both as long."""
    asked = np.unique(keys)
    conn.exec_driver_sql("create temporary table match_probe (key bigint) on commit drop")
    write_columns(conn, "match_probe", {"key": ">i8"}, {"key": asked})
    conn.exec_driver_sql("analyze match_probe")
    there = conn.scalar(sa.text("select reltuples from pg_class where oid = 'match_key'::regclass")) or 0
    query = EACH_KEY if len(asked) > there * SCAN_SHARE else BY_INDEX
    rows = read_columns(conn, sql.SQL(query), {"key": ">i8", "record": "S16"})
    conn.exec_driver_sql("drop table match_probe")
    return rows["key"].astype(np.int64), rows["record"].copy()


def within_cap(keys: np.ndarray) -> np.ndarray:
    """Which of the (key, record) rows belong to a block that may make candidates."""
    _, block, counts = np.unique(keys, return_inverse=True, return_counts=True)
    size = counts[block]
    return np.asarray((size >= 2) & (size <= CAP[kinds_of(keys)]))


def moved(keys: np.ndarray, was: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Which of the (key, record) rows belong to a block that means something else since the keys `was` became `now`.

    A mobile weighs by who bears it, so any change counts, and so does a document number of many; of other kinds, that the block
    crossed its cap.
    """
    key, block, counts = np.unique(keys, return_inverse=True, return_counts=True)
    before = counts - counted(key, now) + counted(key, was)
    cap, kind = CAP[kinds_of(key)], kinds_of(key)
    crossed = (counts <= cap) != (before <= cap)
    many = (kind == DOCUMENT) & (np.maximum(counts, before) > NUMBER_FEW)
    return np.asarray((crossed | (((kind == MOBILE) | many) & (counts <= cap)))[block])


def neighbours(conn: sa.Connection, records: Sequence[UUID]) -> list[UUID]:
    """Who shares a key with some records, or is held against them, without themselves; crowds left out that stay crowds
    when these records are gone."""
    keep_records(conn, "match_wanted", pack(records))
    key, who = sharers(conn, stored_keys(conn))
    others = ~np.isin(who, pack(records))
    key, who = key[others], who[others]
    _, at, counts = np.unique(key, return_inverse=True, return_counts=True)
    near = set(unpack(np.unique(who[counts[at] <= CAP[kinds_of(key)]])))
    sides = sa.select(edge.c.left_record).where(edge.c.right_record.in_(records)).union(
        sa.select(edge.c.right_record).where(edge.c.left_record.in_(records))
    )  # fmt: skip
    return sorted((near | set(conn.scalars(sides))) - set(records))
