"""Find what must be clustered again: the records looked at, and all that they are connected with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from psycopg import sql

from talentpool.match.facts.features import NO_DATE
from talentpool.match.facts.wire import read_columns
from talentpool.match.persons.cluster import Own

QUERY = Path(__file__).with_name("read_touched.sql").read_text(encoding="utf-8")
KINDS = {"record": "S16", "partner": ">i2", "first_seen": ">i4", "document": "S16", "birth": ">i4", "name": "S16",
         "live": ">i2"}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Touched:
    """What is clustered again, by position in order of record id. `partner` is a place in `partners`; `first_seen` days since
    1970; `live`: on a roster now."""

    ids: np.ndarray
    partners: list[str]
    partner: np.ndarray
    first_seen: np.ndarray
    own: Own
    live: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def read_touched(conn: sa.Connection) -> Touched:
    """What the records looked at again hang together with, or did before: by edges and by the persons they belonged to."""
    conn.exec_driver_sql(
        """
        create temporary table match_touched on commit drop as
        with recursive reached(record_id) as (
            (select record_id from match_again union select record_id from match_parted)
            union
            select near.record_id
            from reached
            cross join lateral (
                select right_record as record_id from edge
                where left_record = reached.record_id and verdict = 'same'
                union
                select left_record from edge
                where right_record = reached.record_id and verdict = 'same'
                union
                select other.record_id
                from record_person own
                join record_person other on other.person_id = own.person_id
                where own.record_id = reached.record_id
            ) near
        )
        select record_id from reached
        """
    )
    conn.exec_driver_sql("analyze match_touched")
    partners = sorted(conn.scalars(sa.text("select distinct partner from delivery")))
    rows = read_columns(
        conn, sql.SQL(QUERY).format(partners=sql.Literal(partners), unknown=sql.Literal(NO_DATE)), KINDS
    )
    rows = rows[np.argsort(rows["record"], kind="stable")]
    return Touched(
        np.ascontiguousarray(rows["record"]),
        partners,
        rows["partner"] - 1,
        rows["first_seen"].astype(np.int32),
        Own(_codes(rows["document"]), rows["birth"].astype(np.int32), _codes(rows["name"])),
        rows["live"] > 0,
    )


def _codes(column: np.ndarray) -> np.ndarray:
    """A whole number for each value, 0 for the empty one."""
    return np.unique(np.append(column, b""), return_inverse=True)[1][:-1]
