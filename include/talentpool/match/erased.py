"""Blocks of match keys without records that are being erased, so that the next month goes on from what is left."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.match.ids import pack
from talentpool.match.pairs import over_after
from talentpool.match.store import sharers, stored_keys
from talentpool.match.write import keep_records
from talentpool.model import match_run


def uncount(conn: sa.Connection, records: Sequence[UUID]) -> None:
    """Count the newest run's blocks over their cap as they will be without some records, whose keys are still there.

    Older runs keep what they found. Uses temporary tables, so in a transaction.
    """
    ids = pack(records)
    keep_records(conn, "match_wanted", ids)
    keys = stored_keys(conn)
    newest = sa.select(match_run.c.match_run_id, match_run.c.over_cap).order_by(match_run.c.match_run_id.desc())
    run = conn.execute(newest.limit(1)).one_or_none()
    if run is None or not len(keys):
        return
    shared, who = sharers(conn, keys)
    over = over_after(run.over_cap, shared[~np.isin(who, ids)], keys, keys[:0])
    if over != run.over_cap:
        conn.execute(match_run.update().where(match_run.c.match_run_id == run.match_run_id).values(over_cap=over))
