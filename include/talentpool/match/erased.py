"""Remove records that are being erased from blocks of match keys, so that the next month goes on from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.match.candidates.pairs import over_after
from talentpool.match.candidates.store import sharers, stored_births, stored_keys
from talentpool.match.facts.births import Births
from talentpool.match.facts.ids import pack, unpack
from talentpool.match.facts.wire import keep_records
from talentpool.model import match_run, record_person


def uncount(conn: sa.Connection, records: Sequence[UUID]) -> None:
    """Count the newest run's births, and its blocks over their cap, as they will be without some records, whose keys are
    still there.

    Older runs keep what they found. Uses temporary tables, so in a transaction.
    """
    ids = pack(records)
    keep_records(conn, "match_wanted", ids)
    keys = stored_keys(conn)
    run = conn.execute(sa.select(match_run).order_by(match_run.c.match_run_id.desc()).limit(1)).one_or_none()
    if run is None:
        return
    if run.births is not None:
        born = _births_without(conn, Births.unpack(run.births))
        conn.execute(match_run.update().where(match_run.c.match_run_id == run.match_run_id).values(births=born.pack()))
    if not len(keys):
        return
    shared, who = sharers(conn, keys)
    over = over_after(run.over_cap, shared[~np.isin(who, ids)], keys, keys[:0])
    if over != run.over_cap:
        conn.execute(match_run.update().where(match_run.c.match_run_id == run.match_run_id).values(over_cap=over))


def _births_without(conn: sa.Connection, births: Births) -> Births:
    rows = stored_births(conn, "match_wanted")
    query = sa.select(record_person.c.record_id, record_person.c.partner).where(
        record_person.c.record_id.in_(unpack(rows["record"]))
    )
    partner_of = {row.record_id: row.partner for row in conn.execute(query)}
    names = sorted(set(partner_of.values()))
    of = [partner_of.get(record) for record in unpack(rows["record"])]
    there = np.array([name is not None for name in of], bool)
    place = np.array([names.index(name) for name in of if name is not None], np.int64)
    return births.after(names, place, rows["birth"][there].astype(np.int64), np.full(len(place), -1))
