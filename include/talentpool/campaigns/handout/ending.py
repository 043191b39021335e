"""End events and whoever is signed in for them; light, since a list that is closed ends its own."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import handout_event, handout_pass


def end_all(conn: sa.Connection, list_id: int, by: str) -> None:
    """End what lasts of a list that is closed: nothing of the reserve is held for it any more."""
    end_events(conn, handout_event.c.list_id == list_id, by)


def end_events(conn: sa.Connection, which: sa.ColumnElement[bool], by: str) -> None:
    """End those events, and every sign-in for them."""
    event, of = handout_event.c, handout_pass.c
    ended = {"ended_at": sa.func.clock_timestamp(), "ended_by": by}
    passes = of.event_id.in_(sa.select(event.event_id).where(which))
    conn.execute(handout_pass.update().where(passes, of.ended_at.is_(None)).values(ended))
    conn.execute(handout_event.update().where(which, event.ended_at.is_(None)).values(ended))
