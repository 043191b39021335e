"""Lock work between our own processes: rows of one table, which no officer's login may touch.

An advisory lock of the server can be taken by whoever may log in; the lock on a row only by who may change the row.

Who takes several takes them in the order in which they stand here, from the top; else two may wait for each other. Of one
kind they are taken sorted (several lists). A transaction that writes to the audit log takes none of them afterwards, but
those it has: the end of the log is a lock too, the last one, and so is the row of work_lock that reveal_turn() takes, one an
officer, just before it. What a shorter transaction takes alone, on a connection of its own, still counts for whoever waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.model import work_lock

ROTATION_LOCK = "rotation"
"""Keys are rotated by one process at a time; it takes GLOBAL_LOCK for every batch of records it seals anew."""
CHANGES_LOCK = "role changes"
"""What Airflow's roles became is compared with the log, and written there, once."""


def trial_lock(actor: str) -> str:
    """One trial of an officer at a time; only tried, never waited for."""
    return f"trial|{actor}"


def trial_slot_lock(slot: int) -> str:
    """As many trials at once as there are slots; only tried, never waited for."""
    return f"trial slot {slot}"


def ingest_lock(partner: str) -> str:
    """A partner's delivery is staged, audited and published by one run; its shares share it. Held over transactions."""
    return f"ingest:{partner}"


def acquire_lock(partner: str) -> str:
    """A partner's deliveries get their numbers one after the other: the same bytes twice are one delivery."""
    return f"acquire:{partner}"


REFERENCE_LOCK = "reference"
"""Any edit of any reference table: they speak of each other, and edits are rare."""
GLOBAL_LOCK = "publish"
"""Source records change: by a publication (publish_seq is in the order of commits), an erasure, a word on consent."""


def publish_lock(partner: str) -> str:
    """One publication of a partner at a time."""
    return f"publish:{partner}"


MATCH_LOCK = "match"
"""Edges, persons and their records: a matching run, and whoever judges pairs or splits persons."""
WEIGHTS_LOCK = "weights"
"""Versions of the weights get their numbers one after the other, and one of them is in force."""
POOL_LOCK = "pool"
"""Snapshots: made, declared void, or looked at by an erasure."""


CALENDAR_LOCK = "calendar"
"""Days of campaigns: moved, added and withdrawn one after the other."""


def list_lock(purpose: str, cycle: str) -> str:
    """The lists of a purpose and cycle: drawn, approved, locked, exported, voided or cut by one at a time."""
    return f"list:{purpose}|{cycle}"


def stock_lock(campaign: str, cycle: str) -> str:
    """Entries of a round's stock come one after the other; the trigger that counts what is left takes it, too."""
    return f"stock:{campaign}|{cycle}"


LETTERS_LOCK = "letters"
"""Letters to partners are made and sent by one process at a time; only tried, never waited for."""
ALERTS_LOCK = "alerts"
"""Alerts are sent by one process at a time; only tried, never waited for."""


def hold(conn: sa.Connection, *names: str) -> None:
    """Take these locks, in this order, until the transaction ends; waits for whoever has one."""
    for name in names:
        _there(conn, name)
        conn.execute(_row(name).with_for_update())


def try_hold(conn: sa.Connection, name: str) -> bool:
    """The same without waiting; False when somebody has it."""
    _there(conn, name, apart=True)
    return conn.execute(_row(name).with_for_update(skip_locked=True)).one_or_none() is not None


@contextmanager
def held(engine: sa.Engine, name: str, *, shared: bool = False) -> Iterator[None]:
    """A lock for as long as the block takes, on a connection of its own; it ends with its process.

    `shared`: beside others who share it. Whoever waits for it alone is not passed by those who come later: all go
    through one gate.
    """
    gate = f"{name}|gate"
    with engine.connect() as conn, engine.connect() as passing:
        for each in (name, gate):
            _there(conn, each, apart=True)
        with passing.begin():
            passing.execute(_row(gate).with_for_update())
            conn.execute(_row(name).with_for_update(read=shared))
        passing.close()
        try:
            yield
        finally:
            conn.rollback()


def _row(name: str) -> sa.Select[tuple[str]]:
    return sa.select(work_lock.c.name).where(work_lock.c.name == name)


def _there(conn: sa.Connection, name: str, *, apart: bool = False) -> None:
    """The row is there. `apart`: committed at once, so that somebody who only looks can see it."""
    if conn.scalar(_row(name)) is not None:
        return
    made = insert(work_lock).values(name=name).on_conflict_do_nothing()
    if not apart:
        conn.execute(made)
        return
    with conn.engine.begin() as other:
        other.execute(made)
