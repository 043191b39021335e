"""The figures of 活动小结: what became of a campaign's list once sheets have come back.

Numbers only: no name, no row, no reason of a single person. What is said is read in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.area import county_names
from talentpool.campaigns.following.complaints import CATEGORIES
from talentpool.campaigns.following.spot_check import Sample, sample_of
from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.ledger.balance import Balance, balance
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS
from talentpool.campaigns.lists import Stored, find
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, OUTCOME_WORDS, Outcome
from talentpool.campaigns.receipts.standing import Tally, tally
from talentpool.errors import UsageError
from talentpool.model import target_list
from talentpool.office import Office
from talentpool.report.brief.queries import COMPLAINTS, DAYS, GOODS, ON_THE_LIST, OUT, RECEIVED, VISITS
from talentpool.report.hand_out_days import HandOut, hand_out_days

MEANS = (
    "拟定名单时人才库中的全部人员，每人一个理由",
    "去掉没有授权、撤回授权等依法不得使用的人",
    "其中符合活动声明的全部条件、没有享受过本轮的人",
    "其中列入名单的人；物资或名额不够时按次序分配",
)
"""What the first four steps count, in their order."""


@dataclass(frozen=True)
class Step:
    """A number of the funnel, or of the ledger. `means`: what it counts; `query`: by which it is read."""

    name: str
    people: int
    means: str
    query: str


@dataclass(frozen=True)
class Brief:
    """What the page says of a list."""

    stored: Stored
    steps: list[Step]
    left_out: list[tuple[str, int]]
    outcomes: dict[Outcome, int]
    whole: Tally
    counties: list[tuple[str, Tally]]
    units: list[tuple[str, str, Tally]]
    days: list[tuple[date, int]]
    complaints: list[tuple[str, int, int]]
    sample: Sample | None
    stock: Balance
    goods: list[Step]
    hand_out: list[tuple[str, HandOut]]
    visits: list[Step]

    @property
    def session(self) -> bool:
        """Whether only numbers are known of who came: nothing stands in receipts."""
        return self.stored.passport.get("form", "kit") in COUNTED_ONLY

    @property
    def state(self) -> str:
        """The list's state in Chinese."""
        return STATE_WORDS[self.stored.state]


def list_of(conn: sa.Connection, campaign: str, as_of: date | None) -> int:
    """The campaign's newest list that is out, up to a date. UsageError where there is none."""
    of = target_list.c
    query = sa.select(of.list_id).where(of.campaign == campaign, of.state.in_(FROZEN), of.supplement == 0)
    if as_of is not None:
        query = query.where(of.as_of <= as_of)
    found = conn.scalar(query.order_by(of.as_of.desc(), of.list_id.desc()).limit(1))
    if found is None:
        raise UsageError(f"活动 {campaign} 还没有锁定的名单，写不出小结")
    return int(found)


def brief(office: Office, list_id: int) -> Brief:
    """The figures of a locked list. UsageError of one that is not locked."""
    with office.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        stored = find(conn, list_id)
        if stored.state not in FROZEN:
            raise UsageError(f"名单 {list_id} {STATE_WORDS[stored.state]}：锁定并下发以后才有小结")
        names, partners = county_names(conn, office.settings.area), partner_names(office.settings)
        whole = tally(conn, list_id).get((), Tally(0, {}, 0))
        counties = [(names.get(key[0], key[0]) or "未注明", one) for key, one in tally(conn, list_id, "county").items()]
        units = [
            (partners.get(partner, partner), station or "未注明站点", one)
            for (partner, station), one in tally(conn, list_id, "partner", "station").items()
        ]
        days = [(day, people) for day, people in conn.execute(sa.text(DAYS), {"list": list_id})]
        steps, left_out = _steps(conn, stored, whole)
        heard = [
            (CATEGORIES.get(code, code), people, still_open)
            for code, people, still_open in conn.execute(sa.text(COMPLAINTS), {"list": list_id})
        ]
        sample = sample_of(conn, list_id)
        stock = balance(conn, stored.campaign, stored.cycle)
        goods = _goods(conn, stored, stock, whole.delivered)
        hand_out = [(names.get(one.county, one.county), one) for one in hand_out_days(conn, list_id)]
        visits = _visits(conn, stored)
    outcomes = {outcome: whole.outcomes.get(outcome, 0) for outcome in OUTCOME_WORDS}
    return Brief(
        stored, steps, left_out, outcomes, whole, counties, units, days, heard, sample, stock, goods, hand_out, visits
    )


def _steps(conn: sa.Connection, stored: Stored, whole: Tally) -> tuple[list[Step], list[tuple[str, int]]]:
    from talentpool.declare.rules import list_reasons

    numbers = {"list": stored.list_id}
    counted = conn.execute(sa.text(ON_THE_LIST), numbers).all()
    excluded = {reason: people for reason, selected, people in counted if not selected}
    on_it = sum(people for _, selected, people in counted if selected)
    words = list_reasons()
    steps = [
        Step(one["name"], one["people"], means, ON_THE_LIST)
        for one, means in zip(funnel(on_it, excluded), MEANS, strict=True)
    ]
    out = conn.scalar(sa.text(OUT), numbers) or 0
    received, delivered = conn.execute(sa.text(RECEIVED), numbers).one()
    if (received, delivered) != (whole.received, whole.delivered):
        raise RuntimeError(f"list {stored.list_id}: two counts of what was received differ")
    steps.append(
        Step("已下发", int(out), "所在区县或站点的表已交给登记的接收方或已生成，或已为其开通现场发放，或已有回执", OUT)
    )
    if stored.passport.get("form", "kit") not in COUNTED_ONLY:
        steps.append(Step("已领", int(received), f"回执登记为已领或部分领取的人，共 {delivered} 份", RECEIVED))
    left = [(words.get(reason, reason), people) for reason, people in sorted(excluded.items(), key=lambda one: -one[1])]
    return steps, left


def _visits(conn: sa.Connection, stored: Stored) -> list[Step]:
    """How many signed up and came; nothing of a form to which nobody comes, or of an event that nobody counted."""
    form, named = stored.passport.get("form", "kit"), {"list": stored.list_id}
    steps = [
        Step(name, int(conn.scalar(sa.text(query), named) or 0), means, query)
        for name, means, forms, query in VISITS
        if form in forms
    ]
    return steps if form == "session" or any(step.people for step in steps) else []


def _goods(conn: sa.Connection, stored: Stored, stock: Balance, delivered: int) -> list[Step]:
    """The round's ledger in numbers; nothing where nobody has entered anything, and no more was handed out (to who came by, by a
    list that follows) than the `delivered` of this list."""
    named = {"campaign": stored.campaign, "cycle": stored.cycle}
    steps = [Step(name, int(conn.scalar(sa.text(query), named) or 0), means, query) for name, means, query in GOODS]
    if [step.people for step in steps[:5]] != [
        stock.bought,
        stock.donated,
        stock.handed,
        stock.returned,
        stock.damaged,
    ]:
        raise RuntimeError(f"list {stored.list_id}: two counts of its stock differ")
    entered = any(account.moved for account in stock.places) or bool(stock.outside)
    return steps if entered or stock.handed != delivered else []
