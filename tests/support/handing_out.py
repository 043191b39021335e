"""Who signs in at an event and what a phone sends, as the tests of hand-outs need it."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa

from talentpool.campaigns import Approver
from talentpool.campaigns.handout.marking import Mark
from talentpool.campaigns.handout.passes import Holder, holder_of, redeem
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.model import use_stop
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))
FIRST = "192.0.2.1"


def places(town: Office, list_id: int, county: str = RIVER) -> list[tuple[str, str]]:
    query = (
        "select distinct partner, station from target_row where list_id = :l and county = :c and selected order by 1, 2"
    )
    with town.engine.connect() as conn:
        return [(row.partner, row.station) for row in conn.execute(sa.text(query), {"l": list_id, "c": county})]


def signed_in(town: Office, list_id: int, code: str, address: str = FIRST) -> Holder:
    tried = redeem(town, list_id, code, address)
    assert tried.session, tried
    with town.engine.connect() as conn:
        found = holder_of(conn, town.keys, list_id, tried.session)
    assert found is not None
    return found


def full(row: str, signing: UUID | None = None, signer: str = "self", **more: object) -> Mark:
    return Mark(uuid4(), row, Outcome.FULL, signing=signing or uuid4(), signer=signer, **more)  # type: ignore[arg-type]


def withdraw(town: Office, list_id: int, row: str, purpose: str = "warm_winter") -> None:
    """The row's person asked that they are not used for `purpose`, as the office writes it down; '' = for anything."""
    query = sa.text("select record_id from target_row where list_id = :l and row_id = :r")
    with town.engine.begin() as conn:
        record = conn.scalar(query, {"l": list_id, "r": row})
        stop_use(conn, record, purpose)


def stop_use(conn: sa.Connection, record: UUID, purpose: str = "") -> None:
    """A record is not to be used from now on, past the triggers."""
    conn.execute(sa.text("set local session_replication_role = replica"))
    now = sa.func.clock_timestamp()
    conn.execute(use_stop.insert().values(record_id=record, purpose=purpose, request_id=1, stopped_at=now))


def entries(town: Office) -> int:
    with town.engine.connect() as conn:
        return int(conn.scalar(sa.text("select count(*) from handout_entry")) or 0)


def receipts(town: Office, list_id: int) -> list[tuple[str, str, int]]:
    """(via, received_by, taken) of each receipt, oldest first, whoever may see it."""
    query = "select via, received_by, taken from receipt where list_id = :l order by receipt_id"
    with town.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(sa.text(query), {"l": list_id})]
