"""Tell of which round a follow-up is, which lists it follows, and what came of them since it was drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa

from talentpool.campaigns.life.states import FROZEN, STATE_WORDS, ListState
from talentpool.campaigns.lists import Stored, find, find_frozen
from talentpool.campaigns.planning.calendar import planned_of
from talentpool.campaigns.planning.dates import with_dates
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY
from talentpool.campaigns.round import Followed, Round
from talentpool.campaigns.selection.coming_back import BACK, COMING_BACK, RESERVE, keep_coming_back
from talentpool.declare import Campaign
from talentpool.declare.occasion import Turn, turns
from talentpool.errors import ConflictError, UsageError
from talentpool.model import pool_snapshot, target_list, target_row
from talentpool.reference import working_days


def follow_round(conn: sa.Connection, campaign: Campaign, list_id: int, today: date) -> Round:
    """The round of a follow-up of the list, from the facts of the newest pool there is.

    UsageError where the list takes no receipts (it is not out, or is a session), ConflictError where one follows it already.
    """
    stored = find(conn, list_id)
    if stored.state not in FROZEN:
        raise UsageError(f"名单 {list_id} {STATE_WORDS[stored.state]}：锁定并下发、收到回执以后才能补发")
    if stored.passport.get("form", "kit") in COUNTED_ONLY:
        raise UsageError(f"名单 {list_id} 是场次活动，不登记谁到场，没有补发")
    of = target_list.c
    next_one = conn.scalar(sa.select(of.list_id).where(of.follows == list_id, of.state.in_(FROZEN)))
    if next_one is not None:
        raise ConflictError(f"名单 {list_id} 已有补发名单 {next_one}；请在那份名单上继续")
    kept = with_dates(conn, campaign)
    frozen = find_frozen(conn, stored.campaign, stored.cycle)
    drawn = _of_stored(kept, stored)
    return replace(
        drawn, as_of=_newest_pool(conn, stored, today), supplement=max(one.supplement for one in frozen) + 1,
        follows=_chain(conn, kept, stored, today), rows_of=None,
    )  # fmt: skip


def round_of(conn: sa.Connection, campaign: Campaign, stored: Stored) -> Round:
    """The round of a draft, on the days that the office keeps."""
    kept = with_dates(conn, campaign)
    if stored.follows is None:
        return replace(Round.on(kept, stored.as_of), supplement=stored.supplement)
    return _of_stored(kept, stored)


def _of_stored(campaign: Campaign, stored: Stored) -> Round:
    told = stored.passport.get("occasion")
    occasion = date.fromisoformat(told) if told else _turn(campaign, stored).first
    follows = tuple(Followed(one["list"], one["open_too"]) for one in stored.passport.get("follows", []))
    return Round(campaign, stored.cycle, stored.as_of, occasion, stored.supplement, follows=follows)


def _turn(campaign: Campaign, stored: Stored) -> Turn:
    """The list's turn on its day of now; where no day has its name any more, the day that the list names."""
    years = range(stored.as_of.year - 1, stored.as_of.year + 3)
    day = date.fromisoformat(stored.passport.get("occasion", stored.as_of.isoformat()))
    return next((one for one in turns(campaign, years) if one.cycle == stored.cycle), Turn(stored.cycle, day, day))


def _chain(conn: sa.Connection, campaign: Campaign, stored: Stored, today: date) -> tuple[Followed, ...]:
    found: list[Followed] = []
    at: Stored | None = stored
    while at is not None:
        over = at.state == ListState.CLOSED or today > receipts_due(conn, campaign, at)
        found.append(Followed(at.list_id, over))
        at = find(conn, at.follows) if at.follows is not None else None
    return tuple(found)


def receipts_due(conn: sa.Connection, campaign: Campaign, stored: Stored) -> date:
    """The day by which sheets of the list are back: the campaign's, on a working day. A follow-up has, from the day on which it
    was locked, as long as its campaign has from the hand-out on."""
    days = planned_of(campaign, _turn(campaign, stored), working_days(conn)).days
    if stored.follows is None:
        return days["receipts"]
    locked = conn.scalar(sa.select(target_list.c.locked_at).where(target_list.c.list_id == stored.list_id))
    begun = locked.date() if locked is not None else stored.as_of
    return working_days(conn).on_or_after(begun + max(days["receipts"] - days["hand_out"], timedelta(days=1)))


def _newest_pool(conn: sa.Connection, stored: Stored, today: date) -> date:
    of = pool_snapshot.c
    newest = sa.select(sa.func.max(of.as_of)).where(~of.void, of.as_of <= today, of.as_of >= stored.as_of)
    found: date | None = conn.scalar(newest)
    if found is None:
        raise UsageError("名单所依据的人才库已经作废，也没有更新的人才库；请先生成人才库")
    return found


def since_received(conn: sa.Connection, drawn: Round, stored: Stored) -> str:
    """Who on the draft of a follow-up does not come back any more, in words; empty where everybody does."""
    keep_coming_back(conn, drawn)
    of, word = target_row.c, COMING_BACK.c
    gone = (
        sa.select(sa.func.count())
        .select_from(target_row)
        .outerjoin(COMING_BACK, word.person_id == of.person_id)
        .where(of.list_id == stored.list_id, of.selected)
        .where(sa.func.coalesce(word.word.not_in((BACK, RESERVE)), True))
    )
    people = conn.scalar(gone)
    return f"拟定之后，其中 {people} 人的回执有变动（已领取、拒领，或列入了其他名单）" if people else ""
