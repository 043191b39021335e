"""Reading what is to be matched: records opened for the memory of this run, as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.errors import TamperedError
from talentpool.guard import KeyRing
from talentpool.guard.cipher import Personal
from talentpool.guard.personal import Opener, refuse
from talentpool.match.features import WHOLE, Facts, Features, read_facts
from talentpool.match.forms import NameTable

BATCH = 20_000
QUERY = Path(__file__).with_name("read_records.sql").read_text(encoding="utf-8")
WANTED = Path(__file__).with_name("read_wanted.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, repr=False)
class Records:
    """By position, in order of record id: who they are, and what is compared. `document` 0 = no valid number."""

    ids: list[UUID]
    partners: list[str]
    first_seen: list[date]
    document: np.ndarray
    features: Features

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self) -> dict[UUID, int]:
        return {record: at for at, record in enumerate(self.ids)}


def read_records(conn: sa.Connection, keys: KeyRing, *, wanted: bool) -> Records:
    """All records that can be matched, or those in the temporary table match_wanted."""
    names, opener = NameTable(), Opener(keys)
    partners: dict[str, int] = {}
    documents: dict[UUID, int] = {}
    ids: list[UUID] = []
    of: list[str] = []
    seen: list[date] = []
    document: list[int] = []
    parts: list[Facts] = []
    result = conn.execute(sa.text(WANTED if wanted else QUERY), execution_options={"yield_per": BATCH})
    for rows in result.partitions(BATCH):
        ids += [row.record_id for row in rows]
        of += [row.partner for row in rows]
        seen += [row.first_seen for row in rows]
        valid = (row.id_index if row.id_number_status in WHOLE else None for row in rows)
        document += [documents.setdefault(index, len(documents) + 1) if index else 0 for index in valid]
        opened = list(_open(conn, opener, rows))
        parts.append(
            read_facts(
                opened,
                [row.id_number_status for row in rows],
                np.array([row.birth_date for row in rows], "datetime64[D]"),
                [row.sex for row in rows],
                np.array([_county(row.county) for row in rows], np.int32),
                np.array([partners.setdefault(row.partner, len(partners) + 1) for row in rows], np.int16),
                names,
            )
        )
    numbers = [record.int for record in ids]
    order = sorted(range(len(ids)), key=numbers.__getitem__)
    at = np.array(order, np.int64)
    facts = Facts.join(parts).take(at) if parts else Facts.none()
    return Records(
        [ids[i] for i in order], [of[i] for i in order], [seen[i] for i in order],
        np.array(document, np.int64)[at], Features(facts, names.columns()),
    )  # fmt: skip


def _county(county: str | None) -> int:
    """The code itself: it goes into stored keys."""
    return int(county) if county and county.isdigit() else 0


def _open(conn: sa.Connection, opener: Opener, rows: Sequence[sa.Row]) -> Iterator[Personal]:
    """What does not open was tampered with: on record, and without evidence; the others go on."""
    for row in rows:
        if row.salt is None or row.sealed is None:
            yield Personal()
            continue
        try:
            yield opener.open(row)
        except TamperedError as error:
            refuse(conn, row.record_id, row.delivery_id, str(error))
            yield Personal()
