"""Decide by the database who is on a list: judged by the rules, not served already, and within the seats of a short stock.

The people of the snapshot stay in the database: a temporary table holds what the rules say of them, its counts make the
seats, and one statement gives everybody one reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.campaigns.life.states import ListState
from talentpool.campaigns.receipts.outcomes import HANDED_OUT
from talentpool.campaigns.receipts.standing import standing
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.coming_back import COMING_BACK, first_back, keep_coming_back, reason_of, taken
from talentpool.campaigns.selection.exceptions import by_hand
from talentpool.campaigns.selection.facts import judged, with_at_work
from talentpool.campaigns.selection.known_then import redirects
from talentpool.campaigns.selection.known_then import served as served_then
from talentpool.campaigns.sharing import Cell, Order, place_in_order, seats_of
from talentpool.declare.rules import ELIGIBLE, SERVED_ALREADY, STOCK_SHORT
from talentpool.declare.stock import CITY
from talentpool.model import target_list, target_row

TABLE = "judged_person"
STATISTICS = 10
"""Of what is looked at to plan over the table: a handful of counties, partners and reasons."""


@dataclass(frozen=True)
class Group:
    """A seat group of a short stock: the eligible people of a county and a partner, and how many of them are on the list."""

    county: str
    partner: str
    eligible: int
    seats: int


@dataclass(frozen=True)
class FollowGroup(Group):
    """The same of a follow-up. `back`: as many of the eligible come back, who are before the others."""

    back: int = 0


def keep_judged(conn: sa.Connection, drawn: Round, snapshot_id: int) -> None:
    """Temporary table judged_person: everybody of the snapshot with the reason of the rules, until the transaction ends."""
    told = _once(by_hand(_once(judged(drawn, snapshot_id), "judged"), drawn), "told")
    others = [column for column in told.c if column.name != "reason"]
    if drawn.follows:
        keep_coming_back(conn, drawn)
        heard = sa.select(*others, reason_of(told).label("reason"))
        heard = heard.outerjoin(COMING_BACK, COMING_BACK.c.person_id == told.c.person_id)
    else:
        elsewhere = _served_elsewhere(drawn)
        served = sa.and_(told.c.reason == ELIGIBLE, told.c.person_id.in_(sa.select(elsewhere.c.person_id)))
        reason = sa.case((served, sa.literal(SERVED_ALREADY)), else_=told.c.reason)
        heard = sa.select(*others, reason.label("reason"))
    answered = with_at_work(_once(heard, "answered"), drawn, snapshot_id)
    body = answered.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    conn.exec_driver_sql(f"drop table if exists {TABLE}")
    conn.exec_driver_sql(f"create temporary table {TABLE} on commit drop as {body}")
    conn.exec_driver_sql(f"set local default_statistics_target = {STATISTICS}")
    conn.exec_driver_sql(f"analyze {TABLE}")


def _once(query: sa.Select, name: str) -> sa.Subquery:
    """A subquery that is worked out once a row: melted into what reads it, its reason would be asked for at each mention."""
    return query.offset(0).subquery(name)


def _served_elsewhere(drawn: Round) -> sa.Subquery:
    """Person ids on another locked list of the same purpose and cycle, then and as they are called today: another
    campaign's, or another one of this round: a list that was voided is drawn anew beside its supplements."""
    campaign, of = drawn.campaign, target_list
    served = (
        sa.select(target_row.c.person_id)
        .join(of, of.c.list_id == target_row.c.list_id)
        .where(
            sa.or_(of.c.campaign != campaign.code, of.c.supplement != drawn.supplement),
            of.c.cycle == drawn.cycle,
            served_then(drawn.then),
            of.c.passport["purpose"].astext == campaign.purpose,
            target_row.c.selected,
        )
    )
    then = sa.union(served, _received_of_void(drawn)).subquery("served_then")
    renamed = redirects(drawn.then, "renamed")
    now = sa.select(renamed.c.new_id.label("person_id")).join(then, then.c.person_id == renamed.c.old_id)
    return sa.union(sa.select(then.c.person_id), now).subquery("served_elsewhere")


def _received_of_void(drawn: Round) -> sa.Select:
    """Who received by a list of the round that was declared void: the kit is in their hands all the same."""
    of, stands = target_list, standing(then=drawn.then, name="received_of_void")
    got = sa.and_(stands.c.list_id == target_row.c.list_id, stands.c.row_id == target_row.c.row_id)
    return (
        sa.select(target_row.c.person_id)
        .join(of, of.c.list_id == target_row.c.list_id)
        .join(stands, got)
        .where(
            of.c.cycle == drawn.cycle,
            of.c.state == ListState.VOID.value,
            of.c.passport["purpose"].astext == drawn.campaign.purpose,
            stands.c.outcome.in_([outcome.value for outcome in HANDED_OUT]),
        )
    )


def share_stock(
    conn: sa.Connection, drawn: Round, gone: Mapping[Cell, int] | None = None, backs: Mapping[Cell, int] | None = None
) -> list[Group]:
    """How the stock is shared among the eligible people of judged_person; empty where there is enough for everybody.

    `gone`: eligible people who were erased since, by their seat group; `backs`: how many of a follow-up's came back, erased
    ones with them.
    """
    shares = _left_over(conn, drawn)
    if shares is None:
        return []
    people = people_judged()
    counted = (
        sa.select(people.c.home_county, people.c.home_partner, sa.func.count())
        .where(people.c.reason == ELIGIBLE)
        .group_by(people.c.home_county, people.c.home_partner)
    )
    eligible = Counter({(county, partner): count for county, partner, count in conn.execute(counted)})
    eligible.update(gone or {})
    if drawn.follows:
        back = _coming_back(conn, counted.where(people.c.person_id.in_(first_back())), eligible, backs or {})
        return _back_first(eligible, back, shares)
    seats = seats_of(eligible, shares)
    if seats == dict(eligible):
        return []
    return [Group(*cell, eligible[cell], seats[cell]) for cell in sorted(eligible)]


def _coming_back(
    conn: sa.Connection, query: sa.Select, eligible: Mapping[Cell, int], backs: Mapping[Cell, int]
) -> dict[Cell, int]:
    """Of the eligible of each cell those who come back; of those who were erased since as many as `backs` says."""
    back: dict[Cell, int] = {(county, partner): count for county, partner, count in conn.execute(query)}
    return {cell: max(back.get(cell, 0), min(backs.get(cell, 0), people)) for cell, people in eligible.items()}


def _back_first(eligible: Mapping[Cell, int], back: Mapping[Cell, int], shares: Mapping[str, int]) -> list[Group]:
    """Seats for those who come back; what is left of the shares for the others, in their order."""
    first = seats_of({cell: people for cell, people in back.items() if people}, shares)
    given = Counter({CITY: sum(first.values())}) if CITY in shares else Counter[str]()
    for (county, _), seats in first.items() if CITY not in shares else ():
        given[county] += seats
    rest = {place: number - given[place] for place, number in shares.items()}
    others = {cell: people - back[cell] for cell, people in eligible.items() if people > back[cell]}
    then = seats_of(others, rest)
    groups = [
        FollowGroup(*cell, eligible[cell], first.get(cell, 0) + then.get(cell, 0), back[cell])
        for cell in sorted(eligible)
    ]
    return [] if all(group.seats == group.eligible for group in groups) else list(groups)


def _left_over(conn: sa.Connection, drawn: Round) -> dict[str, int] | None:
    """What the round's other lists left, of a supplement with what was kept back for it: as Campaign.shares."""
    share, whole = drawn.campaign.shares, drawn.campaign.shares_with_reserve
    if share is None:
        return None
    assert whole is not None, "what is short has shares"
    gone = taken(conn, drawn)
    if CITY in whole:
        gone = Counter({CITY: gone.total()})
    if drawn.supplement:
        return {place: max(number - gone[place], 0) for place, number in whole.items()}
    # beside a round's list there are supplements, when it was void: they had first what was kept back for them
    return {place: number - max(gone[place] - (whole[place] - number), 0) for place, number in share.items()}


def decided(groups: list[Group], order: Order) -> sa.Select:
    """Everybody of judged_person: its columns with the reason that stands, and `place`.

    `place`: when it is the person's turn in the seat group, from 1; null of who is not eligible, and where nothing is short.
    """
    people = people_judged()
    if not groups:
        return sa.select(people, sa.null().cast(sa.BigInteger).label("place"))
    cells = sa.values(
        sa.column("cell", sa.Integer), sa.column("county", sa.Text), sa.column("partner", sa.Text),
        sa.column("seats", sa.Integer), name="cells",
    ).data([(cell, group.county, group.partner, group.seats) for cell, group in enumerate(groups)])  # fmt: skip
    placed = (
        sa.select(people.c.person_id, cells.c.seats, place_in_order(people, order, cells.c.cell).label("place"))
        .join(cells, sa.and_(cells.c.county == people.c.home_county, cells.c.partner == people.c.home_partner))
        .where(people.c.reason == ELIGIBLE)
        .subquery("placed")
    )
    short = placed.c.place > placed.c.seats
    return sa.select(
        *(column for column in people.c if column.name != "reason"),
        sa.case((short, sa.literal(STOCK_SHORT)), else_=people.c.reason).label("reason"),
        placed.c.place,
    ).outerjoin(placed, placed.c.person_id == people.c.person_id)


COLUMNS = (
    "person_id", "home_county", "home_partner", "home_station", "home_record", "active", "weak_identity", "birth_date",
    "age", "age_band", "occupation", "own_sex", "notice_covers", "reason", "last_served", "at_work_since", "by_station",
)  # fmt: skip


def people_judged() -> sa.TableClause:
    """judged_person with its COLUMNS."""
    return sa.table(TABLE, *(sa.column(name) for name in COLUMNS))
