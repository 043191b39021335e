"""Keep people off a campaign's lists, or put them on, by hand: by two people, for a reason from a list, until a day.

An exclusion takes off whom the rules would list. An inclusion stands in for conditions of the campaign (the age band, the
occupation), never for what makes a use lawful: who is under 16, opted out, or covered by no notice stays out, and so does
whoever was served already. A draft shows it when it is drawn next.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.known_then import excepted, redirects
from talentpool.declare import Campaign
from talentpool.declare.rules import BESIDE_RULES, BY_HAND, ELIGIBLE, FITTING, every_why
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import spelt
from talentpool.model import list_exception
from talentpool.office import Office

Effect = Literal["in", "out"]
REASONS: dict[str, dict[str, str]] = {
    "out": {
        "declined": "本人表示不参加本项活动",
        "gone": "已离开本地或已不在岗，名册尚未更新",
        "given_already": "已由其他单位发放同类物资",
        "doubtful": "情况正在核实",
    },
    "in": {
        "roster_wrong": "名册有误，已凭证件或合同核实",
        "proof_came": "已补交年龄、工种或在岗证明",
        "not_yet_listed": "新近入职，名册尚未更新",
    },
}  # fmt: skip
"""Effect -> reasons -> how they are told to the person who asks."""
OFFICERS = ("city_officer", "city_approver")
LONGEST = timedelta(days=366)


def propose(
    office: Office,
    campaign: Campaign,
    person: UUID,
    effect: Effect,
    *,
    reason: str,
    until: date,
    by: Approver,
    today: date,
) -> int:
    """Ask for an exception; it holds once somebody else has confirmed it. Returns its number.

    UsageError for a reason that is not of the list, or a day that is over or more than a year off; RefusedError for who is no
    officer of the city.
    """
    _entitled(by)
    if reason not in REASONS[effect]:
        raise UsageError(f"理由须为 {'、'.join(f'{code}（{text}）' for code, text in REASONS[effect].items())} 之一")
    if not today <= until <= today + LONGEST:
        raise UsageError(f"有效期须在 {today} 至 {today + LONGEST} 之间")
    of = list_exception.c
    with office.engine.begin() as conn:
        same = sa.select(of.exception_id).where(
            of.campaign == campaign.code, of.person_id == person, of.until_day >= today, of.ended_by.is_(None)
        )
        if (number := conn.scalar(same)) is not None:
            raise UsageError(f"此人在{campaign.name}已有例外 {number}；先结束它，再登记新的")
        row = {"campaign": campaign.code, "person_id": person, "effect": effect, "reason": reason, "until_day": until}
        number = conn.execute(
            list_exception.insert().returning(of.exception_id), row | {"asked_by": by.name}
        ).scalar_one()
        audit(
            conn,
            "decision",
            f"person:{person}",
            actor=by.name,
            reason=reason,
            details=_told(number, campaign.code, effect),
        )
    return int(number)


def confirm(office: Office, number: int, by: Approver) -> None:
    """A second person confirms: from now on it holds. UsageError when there is nothing to confirm."""
    _entitled(by)
    with office.engine.begin() as conn:
        row = _locked(conn, number)
        if row.confirmed_by is not None:
            raise UsageError(f"例外 {number} 已由 {row.confirmed_by} 确认")
        if spelt(row.asked_by) == spelt(by.name):
            raise RefusedError(
                "same_person", f"{by.name} 登记了例外 {number}，须由另一人确认（somebody else must confirm）"
            )
        given = {"confirmed_by": by.name, "confirmed_at": sa.func.now()}
        conn.execute(list_exception.update().where(list_exception.c.exception_id == number).values(given))
        audit(conn, "decision", f"person:{row.person_id}", actor=by.name, reason=row.reason,
              details=_told(number, row.campaign, "confirmed"))  # fmt: skip


def end(office: Office, number: int, by: Approver) -> None:
    """It holds no more, confirmed or not."""
    _entitled(by)
    with office.engine.begin() as conn:
        row = _locked(conn, number)
        conn.execute(
            list_exception.update()
            .where(list_exception.c.exception_id == number)
            .values(ended_by=by.name, ended_at=sa.func.now())
        )
        audit(conn, "decision", f"person:{row.person_id}", actor=by.name, reason=row.reason,
              details=_told(number, row.campaign, "ended"))  # fmt: skip


def exceptions(conn: sa.Connection, today: date, campaign: str | None = None) -> list[dict[str, Any]]:
    """Those that hold or wait to be confirmed, by number: ids, no names."""
    of = list_exception.c
    query = sa.select(list_exception).where(of.until_day >= today, of.ended_by.is_(None)).order_by(of.exception_id)
    if campaign is not None:
        query = query.where(of.campaign == campaign)
    return [dict(row) | {"told": REASONS[row["effect"]][row["reason"]]} for row in conn.execute(query).mappings()]


def by_hand(told: sa.Subquery, drawn: Round) -> sa.Select:
    """`told` (person_id, home_county, reason and more) with the reason that stands once exceptions of the day are heard."""
    held = _holding(drawn).subquery("by_hand")
    waived = [code for code, why in every_why().items() if why.step == FITTING and code not in BESIDE_RULES]
    kept_off = sa.and_(held.c.effect == "out", told.c.reason == ELIGIBLE)
    put_on = sa.and_(held.c.effect == "in", told.c.reason.in_(waived), told.c.home_county.is_not(None))
    reason = sa.case((kept_off, sa.literal(BY_HAND)), (put_on, sa.literal(ELIGIBLE)), else_=told.c.reason)
    columns = [reason.label("reason") if column.name == "reason" else column for column in told.c]
    return sa.select(*columns).outerjoin(held, held.c.person_id == told.c.person_id)


def holding_for(conn: sa.Connection, drawn: Round, ids: list[UUID]) -> dict[str, Any] | None:
    """The exception of the day that is one person's, for who asks: effect, told, until, since. None where there is none."""
    held = _holding(drawn).subquery("by_hand")
    row = conn.execute(sa.select(held).where(held.c.person_id.in_(ids)).limit(1)).one_or_none()
    if row is None:
        return None
    told = REASONS[row.effect][row.reason]
    return {"effect": row.effect, "told": told, "until": row.until_day, "since": row.confirmed_at}


def changed_since(conn: sa.Connection, drawn: Round, moment: datetime) -> bool:
    """Whether an exception that speaks of the campaign's lists of that day was confirmed or ended after a moment."""
    of = list_exception.c
    speaks = sa.and_(of.campaign == drawn.campaign.code, of.confirmed_by.is_not(None), of.until_day >= drawn.as_of)
    changed = sa.or_(sa.and_(of.confirmed_at > moment, of.ended_by.is_(None)), of.ended_at > moment)
    return bool(conn.scalar(sa.select(sa.exists().where(speaks, changed))))


def kept_off(drawn: Round, people: sa.Select) -> sa.Select:
    """The exclusions that hold now for these people: also one that was being confirmed while the list was drawn."""
    of = list_exception.c
    holds = sa.and_(of.campaign == drawn.campaign.code, excepted(None), of.until_day >= drawn.as_of)
    return sa.select(of.exception_id).where(holds, of.effect == "out", of.person_id.in_(people))


def _holding(drawn: Round) -> sa.Select:
    """Confirmed and not over on the as-of, by the id of then and of today; of several of merged people the exclusion."""
    of, renamed = list_exception.c, redirects(drawn.then, "renamed_by_hand")
    now = renamed.c
    named = [of.effect, of.reason, of.until_day, of.confirmed_at]
    holds = sa.and_(
        of.campaign == drawn.campaign.code,
        excepted(drawn.then),
        of.until_day >= drawn.as_of,
    )
    either = sa.union_all(
        sa.select(of.person_id, *named).where(holds),
        sa.select(now.new_id, *named).join_from(list_exception, renamed, of.person_id == now.old_id).where(holds),
    ).subquery("either")
    first = sa.select(
        either, sa.func.row_number().over(partition_by=either.c.person_id, order_by=either.c.effect.desc()).label("n")
    )
    ranked = first.subquery("ranked")
    return sa.select(*(column for column in ranked.c if column.name != "n")).where(ranked.c.n == 1)


def _locked(conn: sa.Connection, number: int) -> sa.Row:
    query = sa.select(list_exception).where(list_exception.c.exception_id == number).with_for_update()
    row = conn.execute(query).one_or_none()
    if row is None or row.ended_by is not None:
        raise UsageError(f"没有例外 {number}，或已经结束")
    return row


def _entitled(by: Approver) -> None:
    if not by.roles & set(OFFICERS):
        raise RefusedError("role", f"例外由市级专员登记、另一名市级人员确认；{by.name} 的职务不符")


def _told(number: int, campaign: str, what: str) -> dict[str, Any]:
    return {"exception": number, "campaign": campaign, "what": what}
