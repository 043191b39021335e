"""Say what one kind of retention is: what is due, and one small batch of it that goes in a transaction of its own.

A batch deletes, writes what went into `retention_report` and proves it in the audit log, all in one transaction: a run that is
killed at any point leaves whole batches, and the next run goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.guard import audit
from talentpool.model import retention_report
from talentpool.office import Office
from talentpool.services.retention.terms import Terms

ACTOR = "retention"
"""Who stands in the log: nobody decides anew, a term that was declared is over."""


@dataclass(frozen=True)
class Room:
    """What a kind works with. `today`: of the office; a term is over on the day after its last one. `sure`: somebody knows
    how many would go."""

    office: Office
    terms: Terms
    today: date
    sure: bool = False


@dataclass(frozen=True)
class Due:
    """How much is due and goes; how much is due and stays by legal hold, or waits for something else."""

    free: int
    held: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Kind:
    """`due` changes nothing; `batch` lets the next few go and returns how many, 0 when nothing is left."""

    code: str
    due: Callable[[Room], Due]
    batch: Callable[[Room], int]


def put_down(conn: sa.Connection, room: Room, kind: str, gone: int, counts: dict[str, int] | None = None) -> None:
    """Keep on record that `gone` went, in the transaction in which it goes: in the report, and as proof in the audit log. Last
    thing in a transaction."""
    row = {"day": room.today, "kind": kind, "gone": gone, "counts": counts or {}}
    conn.execute(retention_report.insert().values(row))
    audit(
        conn, "erasure", f"retention:{kind}", actor=ACTOR, reason="保存期满", scope=room.office.settings.area,
        details={"kind": kind, "gone": gone, "day": room.today.isoformat()},
    )  # fmt: skip
