"""Say what a partner's published deliveries amount to: how new its records are, and where an older roster goes."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.model import delivery


def published(partner: str | sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Deliveries of a partner whose rows are in the live records or in history."""
    return sa.and_(delivery.c.partner == partner, delivery.c.state == State.PUBLISHED)


CORRECTION = "correction_"
"""How the file begins by which an officer's correction lands its one row."""


def is_roster() -> sa.ColumnElement[bool]:
    """Deliveries that are no officer's correction of a row: one row is no measure of a roster, and overtakes none."""
    return sa.not_(sa.and_(delivery.c.sent_by.is_not(None), delivery.c.source_name.startswith(CORRECTION)))


def corrects_a_row(facts: Any) -> bool:
    """Whether a delivery (its row) is an officer's correction."""
    return facts.sent_by is not None and facts.source_name.startswith(CORRECTION)


def newest_roster(partner: str | sa.ColumnElement[str]) -> sa.ScalarSelect[date | None]:
    """The as-of of a partner's live records; NULL before its first roster. `partner` may be another query's column.

    No roster in history is newer: it went there because a live one was.
    """
    newest = sa.select(sa.func.max(delivery.c.as_of)).where(published(partner), delivery.c.effect == "live")
    return newest.correlate_except(delivery).scalar_subquery()


def newest_rosters() -> sa.Subquery:
    """(partner, as_of): the same of all partners, to be joined."""
    live = sa.and_(delivery.c.state == State.PUBLISHED, delivery.c.effect == "live")
    each = sa.select(delivery.c.partner, sa.func.max(delivery.c.as_of).label("as_of")).where(live)
    return each.group_by(delivery.c.partner).subquery()


def newest_seq(partner: str | sa.ColumnElement[str]) -> sa.ScalarSelect[int]:
    """The number of a partner's newest publication, to history too; 0 before the first."""
    return (
        sa.select(sa.func.coalesce(sa.func.max(delivery.c.publish_seq), 0)).where(published(partner)).scalar_subquery()
    )


def goes_to_history(conn: sa.Connection, partner: str, as_of: date) -> bool:
    """Whether a roster of this date is older than the live records: it changes history alone."""
    newest = conn.scalar(sa.select(newest_roster(partner)))
    return newest is not None and as_of < newest
