"""Count what waits for somebody: held rosters, open requests, pairs, suspensions, exports to approve.

Counts alone: no name, no number. Whose people they are about is the caller's to say (`counties`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.deliveries.delivery_state import State
from talentpool.model import delivery, provision, void_word
from talentpool.services.rights import entries, suspensions

COLUMN = "column_unclear"


@dataclass(frozen=True)
class Waiting:
    """What waits for the city's officers."""

    held: int = 0
    columns: int = 0
    exports: int = 0
    voids: int = 0


def of_the_office(conn: sa.Connection) -> Waiting:
    """What waits for the city's officers. A delivery that is held for its columns alone is counted with these."""
    held = sa.select(delivery.c.findings).where(delivery.c.state == State.HELD)
    only_columns = [{one["code"] for one in findings} == {COLUMN} for findings in conn.scalars(held)]
    exports = sa.select(sa.func.count()).where(provision.c.state == "asked")
    return Waiting(
        held=only_columns.count(False),
        columns=only_columns.count(True),
        exports=conn.scalar(exports) or 0,
        voids=_voids(conn),
    )


@dataclass(frozen=True)
class OpenRequests:
    """`confirmable`: of the open ones, those that wait for a second person; `late`: those after their day."""

    open: int
    confirmable: int
    late: int


def open_requests(conn: sa.Connection, counties: Collection[str] | None, today: date) -> OpenRequests:
    """Requests of people of these counties (None = everybody). For the pipeline's login."""
    waiting = [request for request in entries(conn, counties) if request.done_at is None]
    confirmable = sum(request.needs_second and request.state == "verified" for request in waiting)
    return OpenRequests(len(waiting), confirmable, sum(request.is_late(today) for request in waiting))


def _voids(conn: sa.Connection) -> int:
    """Lists and pools of which one person has said that they are wrong."""
    last = sa.select(void_word.c.carried_out).ext(distinct_on(void_word.c.about))
    newest = last.order_by(void_word.c.about, void_word.c.word_id.desc()).subquery()
    return conn.scalar(sa.select(sa.func.count()).where(~newest.c.carried_out)) or 0


def suspended(conn: sa.Connection, counties: Collection[str] | None) -> int:
    """People whose use is suspended in these counties (None = everywhere). For the pipeline's login."""
    return suspensions(conn, counties, limit=1)[1]
