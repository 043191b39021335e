"""Put eligible people in the declared order, each inside the seat group of county and partner. SQL over the snapshot.

Last comes a lottery under a seed that is on record with the list: sha256 over the seed and the person's id, which says
nothing of a person. The seed is a keyed hash of campaign and cycle: nobody can choose one, and drawing again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from talentpool.guard import Blinder, KeyRing


@dataclass(frozen=True)
class Order:
    """Declared criteria in their order, and the seed of the lottery, 32 hex digits. `first`: people before all others."""

    criteria: tuple[str, ...]
    seed: str
    first: sa.Select | None = None


def lottery_seed(keys: KeyRing, campaign: str, cycle: str) -> str:
    """The seed of a cycle: falls anew in every cycle, the same for every draw of it. 32 hex digits."""
    return Blinder(keys.key("list_row")).one(f"lottery|{campaign}|{cycle}".encode()).hex()


def place_in_order(facts: sa.FromClause, order: Order, cell: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """1 for whoever is first in the seat group `cell`. `facts`: person_id, and what the criteria read."""
    by: list[Any] = [] if order.first is None else [facts.c.person_id.not_in(order.first)]
    by += [_CRITERIA[criterion](facts) for criterion in order.criteria]
    seed = sa.literal(bytes.fromhex(order.seed), BYTEA)
    lottery = sa.func.sha256(seed.op("||")(sa.func.uuid_send(facts.c.person_id)))
    return sa.func.row_number().over(partition_by=cell, order_by=[*by, lottery, facts.c.person_id])


def _never_served(facts: sa.FromClause) -> sa.ColumnElement[Any]:
    return facts.c.last_served.is_not(None)


def _longest_ago(facts: sa.FromClause) -> sa.ColumnElement[Any]:
    return facts.c.last_served.asc().nulls_first()


def _longest_in_trade(facts: sa.FromClause) -> sa.ColumnElement[Any]:
    return facts.c.at_work_since.asc().nulls_last()


_CRITERIA = {"never_served": _never_served, "longest_ago": _longest_ago, "longest_in_trade": _longest_in_trade}
