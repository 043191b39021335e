"""Read what the pool already says of a partner: the state with which a delivery's rows are compared.

A delivery newer than everything published is compared with the live records, an older one with the versions that were
valid on its date. Only hashes are fetched; an old record itself only where a blank or a mask must keep its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.deliveries.publications import goes_to_history, newest_seq
from talentpool.deliveries.record_versions import valid_on
from talentpool.model import source_record, source_record_history

COLUMNS = (
    "record_id", "name_status", "id_number_status", "mobile_status", "mobile2_status", "birth_date", "birth_from", "sex",
    "station", "occupation", "hired_on", "left_on", "document_type", "county", "consented_on",
    "notice_version",
)  # fmt: skip
_ROW = np.dtype(
    [("fields", ">i2"), ("l1", ">i4"), ("record", ">u8"), ("r2", ">u8"), ("l2", ">i4"), ("hash", ">u8"), ("h2", ">u8")]
)
_BINARY_HEAD, _BINARY_TAIL = 19, 2


@dataclass(frozen=True)
class Base:
    """`seq`: newest publish_seq of the partner; the first 8 bytes of record ids and row hashes, each sorted."""

    seq: int
    past: bool
    records: np.ndarray
    hashes: np.ndarray

    def unchanged(self, hashes: np.ndarray) -> np.ndarray:
        """Which row hashes are known. The hash covers the record id, so a known one is that record's."""
        return _known(self.hashes, hashes)

    def exists(self, records: np.ndarray) -> np.ndarray:
        """Which record ids are known."""
        return _known(self.records, records)


def _known(table: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    if not len(table):
        return np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    return np.asarray(table[at] == wanted)


def read_base(conn: sa.Connection, partner: str, as_of: date) -> Base:
    """The base of a delivery, read in one snapshot together with its sequence number."""
    seq = conn.scalar(sa.select(newest_seq(partner))) or 0  # first: what is published after it is seen to be newer
    past = goes_to_history(conn, partner, as_of)
    rows = _hashes(conn, _versions(partner, as_of if past else None, ("record_id", "row_hash")))
    return Base(seq, past, np.sort(rows["record"]), np.sort(rows["hash"]))


def old_rows(conn: sa.Connection, partner: str, records: Sequence[UUID], at: date | None) -> dict[UUID, Any]:
    """The plain columns of known records, by record id."""
    found: dict[UUID, Any] = {}
    for start in range(0, len(records), 5_000):
        query = _versions(partner, at, COLUMNS, list(records[start : start + 5_000]))
        found.update({row.record_id: row for row in conn.execute(query)})
    return found


def _versions(partner: str, at: date | None, columns: Sequence[str], records: list[UUID] | None = None) -> sa.Select:
    live, past = source_record, source_record_history

    def pick(table: sa.Table, *more: str) -> sa.Select:
        query = sa.select(*(table.c[name] for name in (*columns, *more))).where(table.c.partner == partner)
        return query.where(table.c.record_id.in_(records)) if records is not None else query

    if at is None:
        return pick(live)
    version = valid_on(at, pick(live, "valid_from"), pick(past, "valid_from"))
    return sa.select(*(version.c[name] for name in columns))


def _hashes(conn: sa.Connection, query: sa.Select) -> np.ndarray:
    """Two uuid columns as one fixed-width binary COPY: a million rows in a second, 40 bytes each."""
    raw = conn.connection.driver_connection
    assert raw is not None
    compiled = query.compile(dialect=conn.dialect)
    statement = str(compiled)
    with raw.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT binary)", compiled.params) as copy:
        data = b"".join(bytes(chunk) for chunk in copy)
    body = data[_BINARY_HEAD : len(data) - _BINARY_TAIL]
    return np.frombuffer(body, dtype=_ROW)
