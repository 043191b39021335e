"""Write up a campaign's list once sheets have come back: 活动小结, one page, each number with the query that gives it.

Numbers only: no name, no row, no reason of a single person. What is said is read in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from markupsafe import Markup

from talentpool.acquire import partner_names
from talentpool.area import county_names
from talentpool.campaigns.following.complaints import CATEGORIES
from talentpool.campaigns.following.spot_check import Sample, sample_of
from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.ledger.balance import Balance, balance
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS, ListState
from talentpool.campaigns.lists import Stored, find
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, OUTCOME_WORDS, Outcome
from talentpool.campaigns.receipts.standing import Tally, tally
from talentpool.campaigns.sessions.line import COUNTED
from talentpool.declare.occasion import say_cycle
from talentpool.errors import UsageError
from talentpool.model import target_list
from talentpool.office import Office
from talentpool.report.charts import bars_chart
from talentpool.report.hand_out_days import HAND_OUT_DAYS, HandOut, hand_out_days
from talentpool.report.page import environment, style
from talentpool.report.tile_map import tile_map

ON_THE_LIST = "select reason, selected, count(*) from target_row where list_id = :list group by reason, selected"
OUT = (
    "select count(*) from target_row t where t.list_id = :list and t.selected and ("
    "exists (select from provision p where p.list_id = t.list_id and p.state = 'made' and t.county = any(p.counties)) "
    "or exists (select from list_file f where f.list_id = t.list_id and f.recipient = 'county:' || t.county))"
)
STANDS = (
    "with s as (select distinct on (row_id) row_id, outcome, delivered, on_day from receipt_row where list_id = :list "
    "order by row_id, case when correction then entry_id end desc nulls last, "
    "array_position(array['full','part','refused','left','none','unknown'], outcome), delivered desc, on_day nulls last) "
)
RECEIVED = "{} select count(*), coalesce(sum(delivered), 0) from s where outcome in ('full', 'part')".replace(
    "{}", STANDS
)
DAYS = (
    "{} select on_day, count(*) from s where outcome in ('full', 'part') and on_day is not null group by on_day order by on_day"
).replace("{}", STANDS)
MEANS = (
    "拟定名单时人才库中的全部人员，每人一个理由",
    "去掉没有授权、撤回授权等依法不得使用的人",
    "其中符合活动声明的全部条件、没有享受过本轮的人",
    "其中列入名单的人；物资或名额不够时按次序分配",
)
"""What the first four steps count, in their order."""
COMPLAINTS = (
    "select category, count(*), count(*) filter (where answered_by is null) from complaint where list_id = :list "
    "group by category order by 2 desc, 1"
)
_FROM = " from stock_account where campaign = :campaign and cycle = :cycle and "
_PLACE = "(account = 'city' or county is not null)"
GOODS = (
    ("购入", "市、县采购入账的份数", f"select -coalesce(sum(moved), 0){_FROM}account = 'bought'"),
    ("捐赠", "受赠入账的份数", f"select -coalesce(sum(moved), 0){_FROM}account = 'donated'"),
    ("发放", "回执登记的份数，含本轮补充名单和作废名单；加上现场从预留发出的", f"select coalesce(sum(handed), 0){_FROM}{_PLACE}"),
    ("退回", "退给供货方或捐赠方的份数", f"select coalesce(sum(moved), 0){_FROM}account = 'returned'"),
    ("损坏、遗失", "登记了原因的份数", f"select coalesce(sum(moved), 0){_FROM}account = 'damaged'"),
    ("结存", "购入、捐赠减去发放、退回和损坏、遗失；是负数时，发放的有一部分没有入账",
     f"select coalesce(sum(moved - handed), 0){_FROM}{_PLACE}"),
)  # fmt: skip
"""The ledger's numbers: name, what it counts, query."""
_COUNT = "select coalesce(sum(number), 0) from ({}) c where what = ".replace("{}", COUNTED)
SIGNED = (
    "select (select count(*) from (select distinct on (row_id) slot from session_signup where list_id = :list"
    " order by row_id, entry_id desc) s where slot > 0) + ({})"
)
VISITS = (
    ("报名", "报了名的人，含候补；办结后为当时的人数", ("session",), SIGNED.replace("{}", f"{_COUNT}'signed'")),
    ("到场", "各场次、各区县登记的到场人数；谁到场不登记", ("session", "event"), f"{_COUNT}'came'"),
    ("随行子女", "各区县登记的人数；不登记其他任何信息", ("event",), f"{_COUNT}'children'"),
)  # fmt: skip
"""Who came, in numbers: name, what it counts, of which forms, query."""
_LABEL = 90


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
        goods = _goods(conn, stored, stock)
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
    steps.append(Step("已下发", int(out), "所在区县的表已经交给登记的接收方，或已生成", OUT))
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


def _goods(conn: sa.Connection, stored: Stored, stock: Balance) -> list[Step]:
    """The round's ledger in numbers; nothing where nobody has entered anything."""
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
    return steps if any(account.moved for account in stock.places) or stock.outside else []


def render_brief(found: Brief, today: date) -> str:
    """The page: self-contained, no script."""
    return str(
        environment().get_template("brief.html").render(
            brief=found, stored=found.stored, heard_by=COMPLAINTS.replace(":list", str(found.stored.list_id)),
            passport=found.stored.passport, today=today, WORDS=OUTCOME_WORDS,
            closed=found.stored.state == ListState.CLOSED, say_cycle=say_cycle, chart=_chart(found.steps), shown=_shown,
            hand_out_by=HAND_OUT_DAYS,
            counties=_coverage(found.counties) if len(found.counties) > 1 else "", style=Markup(style()),  # noqa: S704
        )
    )  # fmt: skip


def _shown(stored: Stored, query: str) -> str:
    """A query as it can be run: with the values of this list."""
    values = {":list": str(stored.list_id), ":campaign": f"'{stored.campaign}'", ":cycle": f"'{stored.cycle}'"}
    for name, value in values.items():
        query = query.replace(name, value)
    return query


def _chart(steps: list[Step]) -> Markup:
    return bars_chart(
        [(step.name, step.people, f"{step.people:,}") for step in steps], label="从人才库到名单与领取", room=_LABEL
    )


def _coverage(counties: list[tuple[str, Tally]]) -> Markup:
    return tile_map([(name, one.received, one.people) for name, one in counties], label="各区县已领人数占名单人数")
