"""Erase people whose term is over: every record of theirs has ended, each longer ago than its partner's term.

Ended is a record whose employee left, whose consent ended (suspended), or whose partner is declared no more. Who has one record
that goes on, came back, or has an open request, stays whole. It goes by the machinery of every erasure (services/rights): salts,
records, places in frozen pools, lists, and what a restored backup is made to forget again. What stays are figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from talentpool.deliveries.holds import PEOPLE, ROWS, Holds, in_force, settle
from talentpool.errors import UsageError
from talentpool.locks import GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK, hold
from talentpool.match import match, match_within, neighbours
from talentpool.model import consent_end, person, person_request
from talentpool.services.retention.kind import ACTOR, Due, Kind, Room, put_down
from talentpool.services.rights import finish_pending, forget_all
from talentpool.services.rights.journal import RETENTION, note, take_step
from talentpool.services.rights.subject import Subject
from talentpool.services.rights.suppressing import suppress

KNOWN = 60
"""Days for which the roster that names somebody's last day of work has stood: a day of another year is put right by then."""
MANY, SHARE = 100, 0.05
"""More people in one run than both, of all people, wait for a person's word: a term that was mistyped, or declarations that are
not there, would delete what nothing brings back."""
MOST = 200
"""People of one batch: other work of the pool waits for so long."""
ENDED = sa.text(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")).bindparams(
    sa.bindparam("chosen", type_=ARRAY(PG_UUID)),
    sa.bindparam("left", type_=JSONB),
    sa.bindparam("partners", type_=ARRAY(sa.Text)),
    sa.bindparam("deliveries", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("records", type_=ARRAY(PG_UUID)),
)


def due(room: Room) -> Due:
    """How many people are due; nothing is matched or changed."""
    with room.office.engine.connect() as conn:
        rows = _ended(conn, room)
    held = sum(row.held for row in rows)
    waiting = sum(row.asked and not row.held for row in rows)
    return Due(len(rows) - held - waiting, held, waiting)


def batch(room: Room) -> int:
    """Erase the next few, and finish what a killed run left open."""
    office = room.office
    finish_pending(office)
    match(office.engine, office.keys)
    with office.engine.connect() as conn:  # everybody is looked at while nobody has to wait
        free = _free(conn, room)
        if not room.sure and len(free) > max(
            MANY, SHARE * (conn.scalar(sa.select(sa.func.count()).select_from(person)) or 0)
        ):
            raise UsageError(
                f"有 {len(free)} 人保存期满，超过一次可自动删除的人数，没有删除任何人；请核对各单位的 left_days 和声明文件夹，"
                "确认无误后由运维人员执行 talentpool retention --kind people --sure"
            )
        chosen = [row.person_id for row in free[:MOST]]
    if not chosen:
        return 0
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK, MATCH_LOCK, POOL_LOCK)
        settle(conn)
        rows = _free(conn, room, chosen)  # who came back or asked meanwhile stays
        people = [row.person_id for row in rows]
        _keep_out(conn, room, rows)
        _erase(conn, room, people, [record for row in rows for record in row.records])
    finish_pending(office)
    return len(people)


def _free(conn: sa.Connection, room: Room, chosen: list[UUID] | None = None) -> list[sa.Row]:
    return [row for row in _ended(conn, room, chosen) if not row.held and not row.asked]


def _ended(conn: sa.Connection, room: Room, chosen: list[UUID] | None = None) -> Sequence[sa.Row]:
    """People whose term is over, the longest ago first: person_id, records, held, asked."""
    terms, holds = room.terms, in_force(conn, room.today)
    known = {code: one.left_days for code, one in terms.partners.items()}
    return conn.execute(ENDED, {
        "chosen": chosen, "left": known, "suspended": terms.days("people_suspended"), "orphaned": terms.days("people_orphaned"),
        "known": KNOWN, "today": room.today, "all_held": PEOPLE in holds.kinds,
        "rows_held": ROWS in holds.kinds, **_of(holds),
    }).all()  # fmt: skip


def _of(holds: Holds) -> dict[str, list]:
    return {
        "partners": sorted(holds.partners),
        "deliveries": sorted(holds.deliveries),
        "records": sorted(holds.records),
    }


def _keep_out(conn: sa.Connection, room: Room, rows: Sequence[sa.Row]) -> None:
    """Whoever withdrew through their employer is not brought back by an older roster once that is forgotten."""
    of = consent_end.c
    open_ones = sa.select(sa.func.max(of.as_of)).where(of.cause == "withdrawn", of.lifted_on.is_(None))
    for row in rows:
        withdrawn_on = conn.scalar(open_ones.where(of.record_id.in_(row.records)))
        if withdrawn_on is not None:
            suppress(conn, room.office.keys, Subject(row.person_id, tuple(row.records)), withdrawn_on)


def _erase(conn: sa.Connection, room: Room, people: list[UUID], records: list[UUID]) -> None:
    """Everything in the pool, and the request by which lists are seen to and restored backups forget again."""
    keys = room.office.keys
    near = neighbours(conn, records)
    gone = forget_all(conn, people, records)
    match_within(conn, keys, around=near, by="retention")
    number = _request(conn, room.today, records)
    take_step(conn, number, "confirmed", by=ACTOR)
    note(conn, number, {"erased": gone, "people": [str(one) for one in people]})
    put_down(conn, room, PEOPLE, len(people), gone)


def _request(conn: sa.Connection, today: date, records: list[UUID]) -> int:
    row = {
        "kind": RETENTION, "subject": f"retention:{today}", "records": records, "received_on": today,
        "due_on": today + timedelta(days=1), "decided_by": ACTOR, "reason": "保存期满",
    }  # fmt: skip
    return int(conn.execute(person_request.insert().values(row).returning(person_request.c.request_id)).scalar_one())


KIND = Kind(PEOPLE, due, batch)
