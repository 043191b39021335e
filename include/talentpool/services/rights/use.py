"""Stop the use of a person's records when the person asks, and let it begin again: nothing is erased here.

A record that is stopped for everything is `suspended`, so that no page, pool or list has it; one that is stopped for a
purpose is out of that purpose's campaigns alone (campaigns/selection/facts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.campaigns.forgetting import Forgotten, rewrite_files, stop_in_lists
from talentpool.load.consent import is_open
from talentpool.model import person_request, source_record, use_stop
from talentpool.office import Office
from talentpool.services.rights import journal
from talentpool.services.rights.subject import Subject


def stop(conn: sa.Connection, number: int, subject: Subject, purpose: str | None) -> Forgotten:
    """Take the records of a person out of use, for everything or for `purpose`; returns the lists that named them."""
    rows = [{"request_id": number, "record_id": record, "purpose": purpose or ""} for record in subject.records]
    conn.execute(insert(use_stop).on_conflict_do_nothing(), rows)
    if purpose is None:
        suspend(conn, subject.records)
    return stop_in_lists(conn, subject.person, subject.records, purpose) if subject.person else Forgotten()


def suspend(conn: sa.Connection, records: Sequence[UUID]) -> None:
    """No page, pool or list has these records from here on."""
    live = source_record
    there = live.c.status.in_(["active", "suspected"])
    conn.execute(live.update().values(status="suspended").where(live.c.record_id.in_(records), there))


def lift(conn: sa.Connection, number: int) -> list[UUID]:
    """Use begins again for the records that this request stopped, unless something else holds them; returns them."""
    stop, live = use_stop, source_record
    held = stop.c.lifted_at.is_(None)
    lifted = list(
        conn.scalars(
            stop.update()
            .values(lifted_at=sa.func.clock_timestamp())
            .where(stop.c.request_id == number, held)
            .returning(stop.c.record_id)
        )
    )
    conn.execute(
        live.update()
        .values(status=sa.case((live.c.missing_count > 0, "suspected"), else_="active"))
        .where(live.c.record_id.in_(lifted), live.c.status == "suspended", ~is_open(live.c.record_id, live.c.partner))
    )
    return lifted


def see_to_files(office: Office, number: int) -> None:
    """Our own sheets of the locked lists that named the person are made anew, as it is now; those of drafts go."""
    with office.engine.connect() as conn:
        entry = journal.entry(conn, number)
    if not entry.proof.get("sheets_due"):
        return
    rewrite_files(
        office,
        entry.proof.get("lists_flagged", []),
        entry.proof.get("stale", []),
        by=f"request:{number}",
    )
    with office.engine.begin() as conn:
        journal.note(conn, number, journal.entry(conn, number, lock=True).proof | {"sheets_due": False})


def sheets_due(conn: sa.Connection) -> list[int]:
    """Requests of which a killed run left sheets as they were."""
    due = person_request.c.proof["sheets_due"].astext == "true"
    return list(conn.scalars(sa.select(person_request.c.request_id).where(due).order_by(person_request.c.request_id)))
