"""Say how long an event holds what it brought for walk-ins: while it lasts; with a host apart, until its word is in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from talentpool.model import handout_event, handout_pass, list_decision

LATEST = timedelta(days=14)
"""After an event's end a mark that was sealed while it lasted is counted so long; so long nobody else gets its reserve."""
DONE = ("close", "void")
"""Decisions after which a list takes no mark, so that nothing is awaited any more."""


def holds(now: Any) -> sa.ColumnElement[bool]:
    """In SQL: whether a row of handout_event holds its reserve at `now`."""
    event, of = handout_event.c, handout_pass.c
    over = sa.func.least(event.ends_at, sa.func.coalesce(event.ended_at, event.ends_at))
    word = list_decision.c
    apart = sa.exists().where(of.event_id == event.event_id, of.apart, of.made_at <= now).correlate(handout_event)
    done = sa.exists().where(word.list_id == event.list_id, word.decision.in_(DONE), word.made_at <= now)
    awaited = sa.and_(apart, ~done.correlate(handout_event))
    return over > sa.case((awaited, now - LATEST), else_=now)
