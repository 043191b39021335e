"""Count whom a campaign would reach if a notice named its purpose: its conditions without the one about the notice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.facts import known, select_facts
from talentpool.declare import Campaign
from talentpool.declare.rules import ELIGIBLE, judge
from talentpool.model import pool_snapshot

NOTICE = "notice"
"""The rule that asks whether a person agreed to a notice with the purpose."""


@dataclass(frozen=True)
class Reach:
    """People of the newest pool, and its date."""

    people: int
    as_of: date


def reach(conn: sa.Connection, campaign: Campaign, counties: Collection[str] | None = None) -> Reach | None:
    """Of these counties (None = all); None where there is no pool yet. Nobody is named, and nothing is stored."""
    of = pool_snapshot.c
    newest = sa.select(of.snapshot_id, of.as_of).where(of.void.is_(False)).order_by(of.as_of.desc(), of.version.desc())
    pool = conn.execute(newest.limit(1)).one_or_none()
    if pool is None:
        return None
    drawn = Round.on(campaign, pool.as_of)
    facts = select_facts(drawn, pool.snapshot_id).subquery("facts")
    rules = {name: asked for name, asked in campaign.eligibility.items() if name != NOTICE}
    query = sa.select(sa.func.count()).select_from(facts).where(judge(known(drawn, facts), rules) == ELIGIBLE)
    if counties is not None:
        query = query.where(facts.c.home_county.in_(list(counties)))
    return Reach(int(conn.scalar(query) or 0), pool.as_of)
