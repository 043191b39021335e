"""Tell what is where of a round's stock: entries of the ledger, less what the receipts say was handed out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.ledger.accounts import CITY, county_account, county_of, is_place, station_of
from talentpool.model import stock_move

ACCOUNTS = sa.text(
    "select account, moved, handed from stock_account where campaign = :campaign and cycle = :cycle order by account"
)


@dataclass(frozen=True)
class Place:
    """What is in a place. `moved`: brought less taken away; `handed`: handed out there; `left`: is there by now; `short`: as
    many were handed out that no entry brought; `beyond`: of a county, what its stations handed out beyond their own."""

    account: str
    moved: int
    handed: int
    left: int
    short: int
    beyond: int = 0


@dataclass(frozen=True)
class Balance:
    """All accounts of a round that somebody sees. `outside`: account -> what went there, less what came from there."""

    places: list[Place] = field(default_factory=list)
    outside: dict[str, int] = field(default_factory=dict)

    def _sum(self, name: str) -> int:
        return sum(getattr(place, name) for place in self.places)

    @property
    def handed(self) -> int:
        return self._sum("handed")

    @property
    def left(self) -> int:
        return self._sum("left")

    @property
    def short(self) -> int:
        return self._sum("short")

    @property
    def bought(self) -> int:
        return -self.outside.get("bought", 0)

    @property
    def donated(self) -> int:
        return -self.outside.get("donated", 0)

    @property
    def returned(self) -> int:
        return self.outside.get("returned", 0)

    @property
    def damaged(self) -> int:
        return self.outside.get("damaged", 0)

    @property
    def total(self) -> int:
        """The sum over all accounts: zero, whatever happened, for who sees all of them."""
        return sum(self.outside.values()) + self.handed + self.left - self.short

    def as_json(self) -> dict[str, Any]:
        names = ("bought", "donated", "handed", "returned", "damaged", "left", "short", "total")
        return {name: getattr(self, name) for name in names} | {
            "places": {place.account: {"handed": place.handed, "left": place.left, "short": place.short}
                       for place in self.places}
        }  # fmt: skip


def balance(conn: sa.Connection, campaign: str, cycle: str, counties: frozenset[str] | None = None) -> Balance:
    """The round's accounts; of the places of `counties` alone, where they are given (no sums over what others have)."""
    found = conn.execute(ACCOUNTS, {"campaign": campaign, "cycle": cycle}).all()
    return reckon(
        (row.account, row.moved, row.handed)
        for row in found
        if counties is None or county_of(row.account) in counties or not is_place(row.account)
    )


def reckon(accounts: Iterable[tuple[str, int, int]]) -> Balance:
    """What is where, of (account, moved, handed out). What a station handed out beyond its own came from its county."""
    moved: dict[str, int] = {}
    handed: dict[str, int] = {}
    for account, number, out in accounts:
        moved[account], handed[account] = moved.get(account, 0) + number, handed.get(account, 0) + out
    beyond: dict[str, int] = {}
    for account in list(moved):
        if station_of(account):
            county = county_account(county_of(account) or "")
            beyond[county] = beyond.get(county, 0) + max(0, handed[account] - moved[account])
            moved.setdefault(county, 0)
            handed.setdefault(county, 0)
    places = [
        _place(account, moved[account], handed[account], beyond.get(account, 0))
        for account in sorted(filter(is_place, moved), key=lambda one: (one != CITY, county_of(one) or "", one))
    ]
    return Balance(places, {account: number for account, number in moved.items() if not is_place(account)})


def _place(account: str, moved: int, handed: int, beyond: int) -> Place:
    is_station = station_of(account) is not None
    rest = moved - handed - beyond
    return Place(account, moved, handed, max(0, rest), 0 if is_station else max(0, -rest), beyond)


def entries(conn: sa.Connection, campaign: str, cycle: str) -> list[dict[str, Any]]:
    """The ledger's entries that the session may see, newest first, each with `turned_back`: how many were corrected away."""
    of, back = stock_move.c, stock_move.alias("back")
    turned = (
        sa.select(sa.func.coalesce(sa.func.sum(back.c.number), 0)).where(back.c.corrects == of.move_id)
    ).scalar_subquery()
    columns = (of.move_id, of.kind, of.from_account, of.to_account, of.number, of.donor, of.note, of.corrects, of.made_by,
               of.made_at, turned.label("turned_back"))  # fmt: skip
    query = sa.select(*columns).where(of.campaign == campaign, of.cycle == cycle)
    return [dict(row) for row in conn.execute(query.order_by(of.move_id.desc())).mappings()]
