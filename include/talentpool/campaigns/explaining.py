"""Answer one person's question about a list: why, or why not, since when, and what would change it. In Chinese, no values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.lists import Stored, find, newest
from talentpool.campaigns.planning.dates import with_dates
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.exceptions import holding_for
from talentpool.campaigns.selection.facts import known, select_facts
from talentpool.campaigns.sharing import stock_until
from talentpool.declare import Campaign
from talentpool.declare.rules import (
    BESIDE_RULES,
    ELIGIBLE,
    RULES,
    STOCK_SHORT,
    Why,
    every_why,
    judge_all,
    parse_rules,
)
from talentpool.declare.rules.ages import YOUNGEST
from talentpool.errors import UsageError
from talentpool.model import person_redirect, pool_snapshot, target_list, target_row, use_stop
from talentpool.office import Office
from talentpool.office_day import OFFICE_TIME

NOT_IN_POOL = "not_in_pool"
ABSENT = Why("该数据日期的人才库中没有此人", "名册收录此人之后重新拟定")
MOST_DATES = 24
"""Pools looked at, back from the list's date."""
BY_REQUEST = ("use_stopped", "opted_out")
OF_TODAY = ("identity_open",)
"""Of reasons that hold today, whatever the date of the pool: no pool tells since when."""


@dataclass(frozen=True)
class Placed:
    """A person's row of a list. `place`: in the seat group, where stock is short."""

    reason: str
    county: str | None
    partner: str
    place: int | None


def explain_target(
    office: Office, campaign: Campaign, person: UUID, records: tuple[UUID, ...], list_id: int | None = None
) -> dict[str, Any]:
    """What the newest list of the campaign (or `list_id`) says of a person, whose records are `records`.

    UsageError when the campaign has no list yet, or the list is another campaign's.
    """
    with office.engine.connect() as conn:
        ids = ids_of(conn, person)
        stored = find(conn, list_id) if list_id is not None else newest(conn, campaign.code, ids)
        if stored is None:
            raise UsageError(
                f"there is no list of {campaign.code} yet: `talentpool target {campaign.code} --as-of DATE`"
            )
        if stored.campaign != campaign.code:
            raise UsageError(f"list {stored.list_id} is one of {stored.campaign}")
        row = _row(conn, stored.list_id, ids)
        why = ABSENT if row is None else every_why().get(row.reason, Why(row.reason, ""))
        drawn = _as_drawn(with_dates(conn, campaign), stored)
        holding = _holding(conn, drawn, _snapshot_of(conn, stored), ids)
        since = _since(conn, drawn, ids, records, row.reason) if row is not None else None
        exception = holding_for(conn, drawn, ids)
        names = county_names(conn, office.settings.area)
    change = _change(stored, row, why, holding)
    return {
        "campaign": stored.campaign, "list_id": stored.list_id, "state": stored.state, "cycle": stored.cycle,
        "as_of": stored.as_of, "person_id": person, "selected": row is not None and row.reason == ELIGIBLE,
        "reason": row.reason if row is not None else NOT_IN_POOL, "step": why.step, "why": why.text, "since": since,
        "fix": why.fix, "reasons": holding, "place": _told_place(stored, row, names),
        "answer": _answer(stored, row, why, since) + _told_exception(exception) + change, "exception": exception,
        "change": change, "rule": stored.passport.get("rule", ""),
        "funnel": funnel(stored.selected, stored.excluded),
    }  # fmt: skip


def ids_of(conn: sa.Connection, person: UUID) -> list[UUID]:
    """Of today, and of before a merge: a list knows people by the id of its day."""
    old = sa.select(person_redirect.c.old_id).where(person_redirect.c.new_id == person)
    return [person, *conn.scalars(old)]


def _row(conn: sa.Connection, list_id: int, ids: list[UUID]) -> Placed | None:
    """Of several rows, of before a merge, the one that is on the list."""
    of = target_row.c
    rows = conn.execute(
        sa.select(of.reason, of.county, of.partner, of.facts["place"].as_integer().label("place"))
        .where(of.list_id == list_id, of.person_id.in_(ids))
        .order_by(of.selected.desc(), of.person_id)
    )
    row = rows.first()
    return None if row is None else Placed(*row)


def _as_drawn(campaign: Campaign, stored: Stored) -> Round:
    """The round of the list, by the rules that it was drawn with, as far as they are rules still. An earlier release let an
    age begin below the youngest of any list."""
    rules = {name: value for name, value in stored.passport["rules"].items() if name in RULES}
    if "age" in rules:
        rules["age"] = {**rules["age"], "min": max(rules["age"]["min"], YOUNGEST)}
    campaign = campaign.model_copy(update={"eligibility": parse_rules(rules), "purpose": stored.passport["purpose"]})
    return replace(Round.on(campaign, stored.as_of), cycle=stored.cycle)


def _snapshot_of(conn: sa.Connection, stored: Stored) -> int:
    return conn.execute(
        sa.select(target_list.c.snapshot_id).where(target_list.c.list_id == stored.list_id)
    ).scalar_one()


def _holding(conn: sa.Connection, drawn: Round, snapshot_id: int, ids: list[UUID]) -> list[str] | None:
    """Every reason of the rules that holds for the person in that pool by what is known today. None = not in the pool."""
    facts = select_facts(drawn, snapshot_id).subquery("facts")
    held = sa.select(judge_all(known(drawn, facts), drawn.campaign.eligibility)).where(facts.c.person_id.in_(ids))
    return conn.scalars(held.order_by(facts.c.person_id)).first()


def _since(conn: sa.Connection, drawn: Round, ids: list[UUID], records: tuple[UUID, ...], reason: str) -> date | None:
    """The first of the pools, back from the list's date without a gap, in which the same held. None = no pool tells."""
    if reason in BY_REQUEST:
        first = sa.select(sa.func.min(use_stop.c.stopped_at)).where(
            use_stop.c.record_id.in_(records), use_stop.c.lifted_at.is_(None)
        )
        asked = conn.scalar(first)
        return None if asked is None else asked.astimezone(OFFICE_TIME).date()
    if reason in (STOCK_SHORT, *BESIDE_RULES):
        return drawn.as_of
    since = None
    for as_of, snapshot_id in [] if reason in OF_TODAY else _pools(conn, drawn.as_of):
        held = _holding(conn, replace(drawn, as_of=as_of), snapshot_id, ids)
        if held is None or (held or [ELIGIBLE])[0] != reason:
            break
        since = as_of
    return since


def _pools(conn: sa.Connection, until: date) -> list[tuple[date, int]]:
    """As-of date and newest version of the pools up to a day, the newest date first; void ones left out."""
    of = pool_snapshot.c
    query = sa.select(of.as_of, sa.func.max(of.snapshot_id)).where(of.as_of <= until, ~of.void)
    rows = conn.execute(query.group_by(of.as_of).order_by(of.as_of.desc()).limit(MOST_DATES))
    return [(as_of, snapshot_id) for as_of, snapshot_id in rows]


def _told_place(stored: Stored, row: Placed | None, names: dict[str, str]) -> dict[str, Any] | None:
    """Where the person stands in the seat group. None where nothing is short, or the rules keep the person out."""
    if row is None or row.place is None:
        return None
    group = next(
        each for each in stored.passport["groups"] if (each["county"], each["partner"]) == (row.county, row.partner)
    )
    return {**group, "county_name": names.get(row.county or "", row.county), "place": row.place}


def _answer(stored: Stored, row: Placed | None, why: Why, since: date | None) -> str:
    verdict = "在名单上" if row is not None and row.reason == ELIGIBLE else "不在名单上"
    told = f"{stored.passport['name']}（数据日期 {stored.as_of}，名单 {stored.list_id}）：{verdict}。原因：{why.text}。"
    return told if since is None else f"{told}自 {since} 起如此。"


def _told_exception(exception: dict[str, Any] | None) -> str:
    if exception is None:
        return ""
    done = "列入" if exception["effect"] == "in" else "不列入"
    return f"经两人确认，人工{done}：{exception['told']}（有效期至 {exception['until']}）。"


def _change(stored: Stored, row: Placed | None, why: Why, holding: list[str] | None) -> str:
    if row is None:
        return f"怎样改变：{why.fix}。"
    before_places = row.reason == STOCK_SHORT and row.place is None  # a list of an earlier release
    if row.reason in (ELIGIBLE, *BESIDE_RULES) or before_places:
        return f"怎样改变：{why.fix}。" if why.fix else ""
    if row.reason == STOCK_SHORT:
        return f"怎样改变：{why.fix}；{_how_much_more(stored, row)}。"
    words = every_why()
    if not holding:
        return "这一原因现已消除，名单尚未锁定的，重新拟定即可。"
    fixes = dict.fromkeys(words[code].fix for code in holding)
    return f"怎样改变：{'；并且'.join(fixes)}。"


def _how_much_more(stored: Stored, row: Placed) -> str:
    """How many kits more until it is the person's turn: seats do not fall when the stock grows."""
    by_county = bool((stored.passport["stock_declared"] or {}).get("counties"))
    groups = [each for each in stored.passport["groups"] if not by_county or each["county"] == row.county]
    first = {(each["county"], each["partner"]): each.get("back", 0) for each in groups}  # of a follow-up: before others
    eligible = {(each["county"], each["partner"]): each["eligible"] - each.get("back", 0) for each in groups}
    assert row.county is not None and row.place is not None, "who is short stands in a seat group"
    cell = (row.county, row.partner)
    if row.place <= first[cell]:
        more = row.place - next(each["seats"] for each in groups if (each["county"], each["partner"]) == cell)
    else:
        wanted = stock_until(eligible, cell, row.place - first[cell])
        more = wanted + sum(first.values()) - sum(each["seats"] for each in groups)
    return f"{'本区县' if by_county else '全市'}再多分配 {more} 份即轮到"
