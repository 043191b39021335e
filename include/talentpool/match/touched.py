"""What is clustered again: the records looked at, and all they hang together with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from talentpool.match.features import WHOLE

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, repr=False)
class Touched:
    """What is clustered again, by position in order of record id."""

    ids: list[UUID]
    partners: list[str]
    first_seen: list[date]
    document: list[int]
    birth: list[int | None]


def read_touched(conn: sa.Connection) -> Touched:
    """What the records looked at again hang together with, by edges and by the persons they belonged to."""
    conn.exec_driver_sql(
        """
        create temporary table match_touched on commit drop as
        with recursive reached(record_id) as (
            select record_id from match_again
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
    rows = conn.execute(
        sa.text(
            """
            select record_id, partner, first_seen, id_index, id_number_status, birth_date from source_record
            where record_id in (select record_id from match_touched)
            union all
            select * from (
                select distinct on (record_id) record_id, partner, first_seen, id_index, id_number_status, birth_date
                from source_record_history h
                where h.record_id in (select record_id from match_touched) and not exists (
                    select from source_record l where l.partner = h.partner and l.record_id = h.record_id)
                order by record_id, valid_from desc) past
            order by record_id
            """
        )
    ).all()
    documents: dict[UUID, int] = {}
    return Touched(
        [row.record_id for row in rows],
        [row.partner for row in rows],
        [row.first_seen for row in rows],
        [
            documents.setdefault(row.id_index, len(documents) + 1)
            if row.id_index is not None and row.id_number_status in WHOLE
            else 0
            for row in rows
        ],
        [None if row.birth_date is None else (row.birth_date - EPOCH).days for row in rows],
    )
