"""Read what the office knew at a moment: a list that is rebuilt sees what it saw when it was drawn (verifying.py).

Every function takes the moment, or None for now; with None it reads the tables as they are.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.model import (
    list_exception,
    notice,
    person_event,
    person_redirect,
    pool_snapshot,
    reference_change,
    target_list,
    use_stop,
    void_word,
)


def served(then: datetime | None) -> sa.ColumnElement[bool]:
    """Whether a target_list counted as one whose people are served: locked, and not void."""
    of, word = target_list.c, void_word.c
    if then is None:
        return of.state.in_(FROZEN)
    pool = sa.select(pool_snapshot.c.as_of).where(pool_snapshot.c.snapshot_id == of.snapshot_id)
    dates = pool.correlate(target_list).scalar_subquery()
    about = ("list:" + sa.cast(of.list_id, sa.Text), "pool:" + sa.cast(dates, sa.Text))
    voided_since = sa.exists().where(word.about.in_(about), word.carried_out, word.made_at > then)
    return sa.and_(
        of.locked_at <= then, sa.or_(of.state.in_(FROZEN), sa.and_(of.state == ListState.VOID, voided_since))
    )


def stopped(then: datetime | None) -> sa.ColumnElement[bool]:
    """Whether a use_stop held."""
    of = use_stop.c
    if then is None:
        return of.lifted_at.is_(None)
    return sa.and_(of.stopped_at <= then, sa.or_(of.lifted_at.is_(None), of.lifted_at > then))


def excepted(then: datetime | None) -> sa.ColumnElement[bool]:
    """Whether a list_exception was confirmed and not ended."""
    of = list_exception.c
    if then is None:
        return sa.and_(of.confirmed_by.is_not(None), of.ended_by.is_(None))
    return sa.and_(of.confirmed_at <= then, sa.or_(of.ended_at.is_(None), of.ended_at > then))


def redirects(then: datetime | None, name: str) -> sa.FromClause:
    """old_id and new_id of people who had been put together with others; the last id of a chain."""
    if then is None:
        return person_redirect.alias(name)
    event, of = person_event.c, person_redirect.c
    merged = sa.select(event.other_id.label("old_id"), event.person_id.label("new_id"), sa.literal(1).label("steps"))
    merged = merged.where(event.kind == "merge", event.made_at <= then)
    chain = merged.cte(f"{name}_chain", recursive=True)
    on = sa.select(chain.c.old_id, event.person_id, chain.c.steps + 1).join(
        person_event, sa.and_(event.kind == "merge", event.other_id == chain.c.new_id, event.made_at <= then)
    )
    chain = chain.union(on.where(chain.c.steps < 50))
    no_event = sa.not_(sa.exists().where(event.kind == "merge", event.other_id == of.old_id))
    every = sa.union_all(sa.select(chain), sa.select(of.old_id, of.new_id, sa.literal(0)).where(no_event)).subquery()
    last = sa.select(every.c.old_id, every.c.new_id).ext(distinct_on(every.c.old_id))
    return last.order_by(every.c.old_id, every.c.steps.desc()).subquery(name)


def notices(then: datetime | None) -> sa.FromClause:
    """version, purpose, published_on of notices as the office's table had them."""
    if then is None:
        return notice
    of = reference_change.c
    after = sa.select(of.key, of.before).ext(distinct_on(of.key)).where(of.table_name == "notice", of.made_at > then)
    first = after.order_by(of.key, of.change_id).subquery("first_after")

    def was(name: str) -> sa.ColumnElement[str]:
        return first.c.before[name].astext

    untouched = sa.not_(
        sa.exists().where(
            first.c.key["version"].astext == notice.c.version, first.c.key["purpose"].astext == notice.c.purpose
        )
    )
    before = sa.select(was("version"), was("purpose"), sa.cast(was("published_on"), sa.Date))
    return sa.union_all(
        sa.select(notice.c.version, notice.c.purpose, notice.c.published_on).where(untouched),
        before.where(sa.func.coalesce(sa.func.jsonb_typeof(first.c.before), "null") == "object"),
    ).subquery("notices_then")
