"""Say who comes back on a follow-up: whoever a list of the round did not reach, then whom its stock did not.

It goes by what stands of each row (receipts/standing.py), of every list of the round: who received by one of them, or refused,
comes back on none. A row that nobody spoke of comes back once the day for receipts is over, or its list is closed.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa

from talentpool.campaigns.handout.holding import holds
from talentpool.campaigns.life.states import ListState
from talentpool.campaigns.receipts.outcomes import HANDED_OUT, Outcome
from talentpool.campaigns.receipts.standing import standing
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.known_then import redirects
from talentpool.campaigns.selection.known_then import served as served_then
from talentpool.declare.rules import (
    ELIGIBLE,
    NOT_FOLLOWED,
    RECEIPT_AWAITED,
    REFUSED_BEFORE,
    SERVED_ALREADY,
    STOCK_SHORT,
)
from talentpool.declare.stock import CITY
from talentpool.model import handout_entry, handout_event, target_list, target_row

BACK, RESERVE = "back", "reserve"
"""Not reached by the list that is followed; kept off it because the stock was short."""
COMING_BACK = sa.Table(
    "coming_back",
    sa.MetaData(),
    sa.Column("person_id", sa.UUID),
    sa.Column("word", sa.Text),
    prefixes=["temporary"],
    postgresql_on_commit="drop",
)
"""person_id and BACK, RESERVE or why not, of everybody on lists of the round, until the transaction ends."""
GOT = tuple(outcome.value for outcome in HANDED_OUT)
NOT_GOT = (Outcome.NONE, Outcome.LEFT, Outcome.UNKNOWN, Outcome.REFUSED)
"""Outcomes after which what was meant for the row is still there."""


def keep_coming_back(conn: sa.Connection, drawn: Round) -> None:
    """Fill COMING_BACK, under the ids of then and of today. What was said of one is said of all who were put together since."""
    conn.exec_driver_sql(f"drop table if exists {COMING_BACK.name}")
    COMING_BACK.create(conn)
    listed = _listed(drawn).cte("listed")
    renamed = redirects(drawn.then, "renamed")
    today = sa.func.coalesce(renamed.c.new_id, listed.c.person_id).label("today")
    every = sa.select(today, *listed.c).outerjoin(renamed, renamed.c.old_id == listed.c.person_id).cte("every")
    of = every.c

    def some(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.func.coalesce(sa.func.bool_or(condition), False)

    word = sa.case(
        (some(of.outcome.in_(GOT)), SERVED_ALREADY),
        (some(sa.and_(of.holds, of.outcome == Outcome.REFUSED.value)), REFUSED_BEFORE),
        (some(sa.and_(of.holds, of.selected, ~of.followed)), SERVED_ALREADY),
        (some(sa.and_(of.holds, of.selected, of.outcome.is_(None), ~of.open_too)), RECEIPT_AWAITED),
        (some(sa.and_(of.holds, of.selected)), BACK),
        (some(sa.and_(of.holds, ~of.selected)), RESERVE),
    )
    words = sa.select(of.today, word.label("word")).where(of.today.is_not(None)).group_by(of.today).subquery("words")
    ids = sa.union(sa.select(of.today, of.person_id), sa.select(of.today, of.today)).subquery("ids")
    query = sa.select(ids.c.person_id, words.c.word).join(words, words.c.today == ids.c.today)
    conn.execute(COMING_BACK.insert().from_select(["person_id", "word"], query))
    conn.exec_driver_sql(f"analyze {COMING_BACK.name}")


def _listed(drawn: Round) -> sa.Select:
    """Rows of lists of the purpose and cycle: person_id, selected, followed, open_too, holds (the list is in force), outcome."""
    of, row = target_list.c, target_row.c
    stands = standing(then=drawn.then, name="came_back")
    chain = [one.list_id for one in drawn.follows]
    holds, followed = served_then(drawn.then), of.list_id.in_(chain)
    return (
        sa.select(
            row.person_id, row.selected, followed.label("followed"),
            of.list_id.in_([one.list_id for one in drawn.follows if one.open_too]).label("open_too"),
            holds.label("holds"), stands.c.outcome,
        )
        .join(target_list, of.list_id == row.list_id)
        .outerjoin(stands, sa.and_(stands.c.list_id == row.list_id, stands.c.row_id == row.row_id, row.selected))
        .where(
            of.cycle == drawn.cycle,
            of.passport["purpose"].astext == drawn.campaign.purpose,
            sa.or_(
                sa.and_(holds, sa.or_(of.campaign != drawn.campaign.code, of.supplement != drawn.supplement)),
                of.state == ListState.VOID.value,
            ),
            sa.or_(row.selected, sa.and_(followed, row.reason == STOCK_SHORT)),
        )
    )  # fmt: skip


def reason_of(told: sa.FromClause) -> sa.ColumnElement[str]:
    """The reason of `told` (person_id, reason) once it is heard who comes back; COMING_BACK is joined to it."""
    word = COMING_BACK.c.word
    return sa.case(
        (told.c.reason != ELIGIBLE, told.c.reason),
        (word.in_((BACK, RESERVE)), sa.literal(ELIGIBLE)),
        else_=sa.func.coalesce(word, sa.literal(NOT_FOLLOWED)),
    )


def first_back() -> sa.Select:
    """Person ids of those who were not reached: they come before all others."""
    return sa.select(COMING_BACK.c.person_id).where(COMING_BACK.c.word == BACK)


def _out_or_held(conn: sa.Connection, campaign: str, cycle: str, then: datetime | None) -> Counter[str]:
    """County -> parcels of the round that went to walk-ins, or are held for them by an event; `then`: at that time."""
    event, entry, of = handout_event.c, handout_entry.c, target_list.c
    now = sa.func.clock_timestamp() if then is None else sa.literal(then)
    out = (
        sa.select(sa.func.count())
        .where(entry.event_id == event.event_id, entry.row_id.is_(None), entry.made_at <= now)
        .correlate(handout_event)
        .scalar_subquery()
    )
    query = (
        sa.select(event.county, sa.func.sum(sa.case((holds(now), event.reserve), else_=out)))
        .join(target_list, of.list_id == event.list_id)
        .where(of.campaign == campaign, of.cycle == cycle, event.made_at <= now)
        .group_by(event.county)
    )
    return Counter({county: int(parcels or 0) for county, parcels in conn.execute(query)})


def taken(conn: sa.Connection, drawn: Round) -> Counter[str]:
    """County -> kits of the round's stock that are handed out or meant for somebody, walk-ins included; CITY alone would be their
    sum.

    Every row of another list of the round in force takes one, but rows of a list that is followed take none when they were
    not received: theirs goes round again.
    """
    campaign, of, row = drawn.campaign, target_list.c, target_row.c
    here = sa.and_(of.campaign == campaign.code, of.cycle == drawn.cycle, served_then(drawn.then))
    chain = [one.list_id for one in drawn.follows]
    followed = {
        *chain,
        *conn.scalars(sa.select(of.follows).where(here, of.follows.is_not(None), of.supplement != drawn.supplement)),
    }
    query = (
        sa.select(row.county, sa.func.count())
        .join(target_list, of.list_id == row.list_id)
        .where(here, of.supplement != drawn.supplement, row.selected)
        .group_by(row.county)
    )
    if followed:
        stands = standing(then=drawn.then, name="taken")
        over = [one.list_id for one in drawn.follows if one.open_too]
        free = sa.or_(stands.c.outcome.in_(NOT_GOT), sa.and_(stands.c.outcome.is_(None), row.list_id.in_(over)))
        gone_round = sa.and_(row.list_id.in_(sorted(followed)), sa.func.coalesce(free, False))
        query = query.outerjoin(stands, sa.and_(stands.c.list_id == row.list_id, stands.c.row_id == row.row_id))
        query = query.where(~gone_round)
    meant: Counter[str] = Counter({county or CITY: people for county, people in conn.execute(query)})
    return meant + _out_or_held(conn, campaign.code, drawn.cycle, drawn.then)
