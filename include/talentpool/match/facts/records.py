"""Read the records to be matched: opened for the memory of this run, as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from psycopg import sql

from talentpool.conform.values.documents import HONG_KONG_TYPE, TAIWAN_TYPE
from talentpool.errors import TamperedError
from talentpool.guard import KeyRing
from talentpool.guard.cipher import PERSONAL_FIELDS, SALT, SEPARATOR, PayloadOpener, unpack_many
from talentpool.guard.personal import DELIVERY_KEYS, Opener, refuse
from talentpool.match.facts.features import Facts, Features, Mobiles, Plain, read_facts, with_former, with_names
from talentpool.match.facts.ids import find
from talentpool.match.facts.wire import END, HEADER, out, read_columns, row_type
from talentpool.model import delivery

BATCH = 50_000
QUERY = Path(__file__).with_name("read_records.sql").read_text(encoding="utf-8")
EVERY = {"wanted": "select", "among": "", "near": ""}
WANTED = {
    "wanted": """select o.partner, w.record_id from match_wanted w join record_person o using (record_id)
    union all
    select p.partner, w.record_id from match_wanted w cross join (select distinct partner from delivery) p
    where not exists (select from record_person o where o.record_id = w.record_id)""",
    "among": "wanted w join", "near": "on x.partner = w.partner and x.record_id = w.record_id",
}  # fmt: skip
"""What the query is filled with for all records, and for those in match_wanted."""
FORMER = Path(__file__).with_name("read_former.sql").read_text(encoding="utf-8")
FORMER_KINDS = {"record": "S16", "mobile": "S16", "begin": ">i4", "end": ">i4", "since": ">i4"}
KINDS = {
    "record": "S16", "partner": ">i2", "first_seen": ">i4", "status": ">i2", "birth": ">i4", "sex": ">i2", "county": ">i4",
    "station": ">i8", "hired": ">i4", "live": ">i2", "document": "S16", "mobile": "S16", "mobile2": "S16", "delivery": ">i8",
}  # fmt: skip
"""What a row of the queries begins with; salt and sealed record follow as one value, empty where one of them is gone."""
WIRE = row_type(KINDS)
HEAD, RECORD, DELIVERY = WIRE.itemsize, WIRE.fields["record"][1], WIRE.fields["delivery"][1]  # type: ignore[index]
TYPES = {"taiwan": sql.Literal(TAIWAN_TYPE), "hong_kong": sql.Literal(HONG_KONG_TYPE)}
"""By what the query tells kinds of documents apart, as documents.kind_of does."""
Batch = tuple[np.ndarray, list[bytes], np.ndarray]
NOTHING = (SEPARATOR * (len(PERSONAL_FIELDS) - 1)).encode()


@dataclass(frozen=True, repr=False)
class Records:
    """By position, in order of record id. `ids` 16 bytes each; `first_seen` days since 1970; `document` stands for the
    valid resident number, 0 for none: as publication indexed it, so that it is there where a record does not open;
    `live`: on a roster now; `partners`: the names behind the codes in `features.facts.partner`."""

    ids: np.ndarray
    partners: list[str]
    first_seen: np.ndarray
    document: np.ndarray
    live: np.ndarray
    features: Features

    def __len__(self) -> int:
        return len(self.ids)


def read_records(conn: sa.Connection, keys: KeyRing, *, wanted: bool) -> Records:
    """All records that can be matched, or those in the temporary table match_wanted."""
    partners = sorted(conn.scalars(sa.select(delivery.c.partner).distinct()))
    which = {name: sql.SQL(text) for name, text in (WANTED if wanted else EVERY).items()}
    query = sql.SQL(QUERY).format(partners=sql.Literal(partners), **which, **TYPES)
    reading = Reading(conn, keys)
    names, parts, kept = [], [], []
    record, seen, live, document, readable = [], [], [], [], []
    for head, payloads, keep in chain(reading.batches(query), reading.late()):
        columns = dict(zip(PERSONAL_FIELDS, unpack_many(payloads), strict=True))
        opened = np.array([payload is not NOTHING for payload in payloads], bool)  # else no evidence of what is sealed
        mobile, mobile2 = (np.where(opened, number_of(head[name]), 0) for name in ("mobile", "mobile2"))
        mobiles = Mobiles(mobile, mobile2, head["first_seen"])
        plain = Plain(*(head[name] for name in ("birth", "sex", "county", "partner", "station", "hired")))
        parts.append(read_facts(columns["document_no"], head["status"], mobiles, plain))
        names.append(columns["name"])
        record.append(head["record"].copy())
        seen.append(head["first_seen"].astype(np.int32))
        live.append(head["live"] > 0)
        document.append(number_of(head["document"]))
        readable.append(opened)
        kept.append(keep)
    keep = np.concatenate(kept)
    keep[reading.opened_later] = False
    ids = np.concatenate(record)
    order = np.argsort(ids, kind="stable")
    order = order[keep[order]]
    facts = Facts.join(parts)
    parts.clear()
    features = with_names(facts, pa.chunked_array(names, pa.string())).take(order)
    ids = ids[order]
    features = replace(
        features, facts=_with_former(conn, ids, features.facts, np.concatenate(readable)[order], wanted=wanted)
    )
    return Records(
        ids,
        partners,
        np.concatenate(seen)[order],
        np.concatenate(document)[order],
        np.concatenate(live)[order],
        features,
    )


def _with_former(conn: sa.Connection, ids: np.ndarray, facts: Facts, readable: np.ndarray, *, wanted: bool) -> Facts:
    """By blind index: nothing sealed is opened for it. What is not `readable` has no evidence, so no former mobile."""
    among = f"({WANTED['wanted']}) w join source_record_history h using (partner, record_id)"
    if not wanted:
        among = "source_record_history h"
    rows = read_columns(conn, sql.SQL(FORMER).format(among=sql.SQL(among)), FORMER_KINDS)
    place = find(ids, rows["record"])
    there = place >= 0
    there[there] &= readable[place[there]]
    rows, place = rows[there], place[there]
    return with_former(facts, place, number_of(rows["mobile"]), rows["begin"], rows["end"], rows["since"])


def number_of(index: np.ndarray) -> np.ndarray:
    """int64 that stands for a blind index; 0 for none."""
    return np.frombuffer(np.ascontiguousarray(index).tobytes(), ">i8")[::2].astype(np.int64)


def read_ids(conn: sa.Connection, table: str) -> np.ndarray:
    """The record ids in a temporary table, sorted."""
    query = sql.SQL("select record_id from {}").format(sql.Identifier(table))
    return np.sort(read_columns(conn, query, {"record": "S16"})["record"])


class Reading:
    """Rows of a query in batches: what is not sealed as it stands on the wire, the opened payloads, which rows count.

    A delivery's data key may be replaced between two statements, and a COPY cannot ask for it again: a row that does
    not open comes without evidence, is tried again `late()`, and is on record as tampered with when it still does not.
    """

    def __init__(self, conn: sa.Connection, keys: KeyRing) -> None:
        self._conn, self._keys = conn, keys
        self._openers = self._read_openers()
        self._failed: list[tuple[int, bytes]] = []
        self.opened_later: list[int] = []

    def _read_openers(self) -> dict[bytes, list[PayloadOpener]]:
        """By delivery id as it stands on the wire; the newest data key first."""
        opener = Opener(self._keys)
        query = sa.select(delivery.c.delivery_id, *DELIVERY_KEYS).where(delivery.c.wrapped_key.is_not(None))
        return {
            row.delivery_id.to_bytes(8, "big"): [PayloadOpener(key) for key in opener.data_keys(row)]
            for row in self._conn.execute(query)
        }

    def batches(self, query: sql.Composable) -> Iterator[Batch]:
        """Everything the query gives; at least one batch, which may be empty."""
        raw: Any = self._conn.connection.driver_connection
        heads: list[bytes] = []
        payloads: list[bytes] = []
        done, begin = 0, len(HEADER)
        with raw.cursor() as cursor, cursor.copy(out(query)) as copy:
            for block in copy:
                row = bytes(block[begin:])
                begin = 0
                if row == END or not row:
                    continue
                heads.append(row[:HEAD])
                try:
                    payloads.append(self._payload(row))
                except TamperedError:
                    self._failed.append((done + len(payloads), row))
                    payloads.append(NOTHING)
                if len(heads) == BATCH:
                    yield _batch(heads, payloads)
                    done, heads, payloads = done + BATCH, [], []
        yield _batch(heads, payloads)

    def late(self) -> Iterator[Batch]:
        """What opens under keys read anew."""
        if not self._failed:
            return
        self._openers = self._read_openers()
        heads, payloads = [], []
        for at, row in self._failed:
            try:
                payloads.append(self._payload(row))
                heads.append(row[:HEAD])
                self.opened_later.append(at)
            except TamperedError as error:
                known = np.frombuffer(row[:HEAD], WIRE)[0]
                refuse(self._conn, UUID(bytes=row[RECORD : RECORD + 16]), int(known["delivery"]), str(error))
        yield _batch(heads, payloads)

    def _payload(self, row: bytes) -> bytes:
        salted = row[HEAD + 4 :]
        if not salted:
            return NOTHING
        openers = self._openers.get(row[DELIVERY : DELIVERY + 8], ())
        for opener in openers[:-1]:
            with suppress(TamperedError):  # perhaps not its turn yet
                return opener.open(salted[:SALT], row[RECORD : RECORD + 16], salted[SALT:])
        if not openers:
            raise TamperedError("a sealed record belongs to a delivery without a data key")
        return openers[-1].open(salted[:SALT], row[RECORD : RECORD + 16], salted[SALT:])


def _batch(heads: list[bytes], payloads: list[bytes]) -> Batch:
    return np.frombuffer(b"".join(heads), WIRE), payloads, np.ones(len(heads), bool)
