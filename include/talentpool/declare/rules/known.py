"""Name what a rule may read of a person: facts of the pool as SQL expressions, never a name or a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

Fact = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Known:
    """Of every person of a snapshot, on the as-of date; campaigns/selection/facts.py fills it.

    `occasion`: the first day for which the list is drawn. `partner`, `station`: of the home record, where the person is
    served. `joined_on`: the earliest day on which a roster of today's has the person at work, null when unknown.
    `last_served`: purpose ('' = the campaign's own) -> as-of of the newest locked list of it, null for never.
    """

    as_of: date
    occasion: date
    birth_date: Fact
    occupation: Fact
    active: Fact
    weak_identity: Fact
    home_county: Fact
    partner: Fact
    station: Fact
    notice_covers: Fact
    suspended: Fact
    stopped: Fact
    opted_out: Fact
    open_pair: Fact
    joined_on: Fact
    last_served: Mapping[str, Fact]
