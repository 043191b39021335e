"""Define the figures of the data-quality page: what was delivered, what the pool counts, why they differ.

Counts only; nothing here can name a person. Cells may be small: the figures are for the city's own officers.
People counted are active ones (on a roster on the as-of date). City figures are distinct people; where the same person
shows up in several lines (two partners, two counties) the sum of the lines is larger, and the difference is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from talentpool.area import Level
from talentpool.deliveries.delivery_state import State
from talentpool.report.identity import Identity

MANY = 200
"""At most so many deliveries are shown, newest first."""


@dataclass(frozen=True)
class ReasonCount:
    """A reason code with its Chinese text, how to fix it ('' where there is nothing to do), and how often.

    `decides`: it speaks of a whole delivery and held or rejected it.
    """

    code: str
    text: str
    fix: str
    count: int
    decides: bool = False


@dataclass(frozen=True)
class DeliveryFigures:
    """One delivery. `rows = accepted + quarantined + refused`. `settled`: a later one of the partner was published."""

    delivery_id: int
    partner: str
    partner_name: str
    as_of: date
    kind: str
    state: str
    effect: str
    rows: int
    accepted: int
    quarantined: int
    refused: int
    reasons: tuple[ReasonCount, ...]
    notes: tuple[ReasonCount, ...]
    message: str
    settled: bool

    @property
    def needs_attention(self) -> bool:
        """Held, rejected or stuck half-way, and not overtaken by a good delivery."""
        return self.state != State.PUBLISHED and not self.settled

    @property
    def causes(self) -> tuple[ReasonCount, ...]:
        """What held or rejected it; without a rule that did, the reasons of its rows."""
        return tuple(reason for reason in self.reasons if reason.decides) or self.reasons

    @property
    def set_aside_share(self) -> float:
        """Quarantined and refused rows, of all rows."""
        return (self.quarantined + self.refused) / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class RosterFigures:
    """A partner's roster as it stands, and the deliveries that make it: a full roster and what came after, newest first.

    `aside`: rows set aside that no later delivery named again. `refused`: of these deliveries; nothing is kept of such rows,
    so whether they were put right is not known. `lacking`: reasons with the records that lack a value, which was faulty.
    """

    partner: str
    partner_name: str
    records: int
    aside: int
    refused: int
    lacking: tuple[ReasonCount, ...]
    reasons: tuple[ReasonCount, ...]
    deliveries: tuple[DeliveryFigures, ...]

    @property
    def faults(self) -> tuple[ReasonCount, ...]:
        return add_up((*self.reasons, *self.lacking))

    @property
    def values_lacking(self) -> int:
        return sum(reason.count for reason in self.lacking)


@dataclass(frozen=True)
class Count:
    """People of one line of a table: all, and those inside the youth band."""

    code: str
    label: str
    people: int
    youth: int


@dataclass(frozen=True)
class Breakdown:
    """Lines of one dimension. A person may stand in several lines: `overlap` = sum of the lines - distinct people."""

    lines: tuple[Count, ...]
    distinct: int

    @property
    def sum(self) -> int:
        return sum(line.people for line in self.lines)

    @property
    def overlap(self) -> int:
        return self.sum - self.distinct

    @property
    def youth_sum(self) -> int:
        return sum(line.youth for line in self.lines)


@dataclass(frozen=True)
class Bridge:
    """How a partner's newest roster becomes its people in the pool.

    rows - quarantined - refused = accepted; accepted + carried = records; records - merged = people. `carried` is
    what earlier rosters still say (a delta does not repeat everybody), less those who have left by the as-of.
    """

    partner_name: str
    as_of: date
    rows: int
    quarantined: int
    refused: int
    accepted: int
    records: int
    people: int

    @property
    def carried(self) -> int:
        return self.records - self.accepted

    @property
    def merged(self) -> int:
        return self.records - self.people


@dataclass(frozen=True)
class PoolFigures:
    """Pool(as_of): distinct active people, and who they are by each dimension.

    `by_prefecture`: homes added up, where the area is a province.
    `uncounted`: rosters of the date or before that were published after it was made, so that nobody of them is in it yet.
    `review_pending`: pairs that may be one person and wait for somebody to judge, until when they count twice; None on the
    page of a past date, of which nobody knows it.
    """

    as_of: date
    version: int
    people: int
    youth: int
    weak: int
    left: int
    review_pending: int | None
    youth_rule: str
    by_county: Breakdown
    by_home: Breakdown
    by_partner: Breakdown
    by_band: Breakdown
    by_occupation: Breakdown
    bridges: tuple[Bridge, ...]
    by_prefecture: Breakdown | None = None
    several: int = 0
    uncounted: int = 0


@dataclass(frozen=True)
class ListFigures:
    """One campaign list; `by_county`: county name -> selected people."""

    list_id: int
    campaign: str
    cycle: str
    as_of: date
    state: str
    eligible: int
    selected: int
    excluded: tuple[ReasonCount, ...]
    by_county: tuple[tuple[str, int], ...]
    content_hash: str


@dataclass(frozen=True)
class Quality:
    """Everything on the page. `silent`: names of declared partners that have delivered nothing yet; `rosters`: by partner
    name; `identity`: None before the first matching run, and on the page of a `past` date: who is who has a today only."""

    area_name: str
    as_of: date | None
    deliveries: tuple[DeliveryFigures, ...]
    silent: tuple[str, ...]
    pool: PoolFigures | None
    lists: tuple[ListFigures, ...]
    level: Level = "prefecture"
    identity: Identity | None = None
    rosters: tuple[RosterFigures, ...] = ()
    past: bool = False

    @property
    def office(self) -> str:
        """Whose officers read the page."""
        return {"province": "省级", "prefecture": "市级", "county": "区县级"}[self.level]

    @property
    def has_counties(self) -> bool:
        """Where the area is one county its two levels are one: lines by county would say the total twice."""
        pool = self.pool
        return self.level != "county" or (pool is not None and len(pool.by_home.lines) > 1)

    @property
    def attention(self) -> tuple[DeliveryFigures, ...]:
        return tuple(delivery for delivery in self.deliveries if delivery.needs_attention)

    @property
    def faults(self) -> tuple[ReasonCount, ...]:
        """What stands faulty in all rosters together, the most frequent first."""
        return add_up(reason for roster in self.rosters for reason in roster.faults)


def add_up(reasons: Iterable[ReasonCount]) -> tuple[ReasonCount, ...]:
    """One entry per code, the most frequent first."""
    total: dict[str, ReasonCount] = {}
    for reason in reasons:
        before = total[reason.code].count if reason.code in total else 0
        total[reason.code] = replace(reason, count=before + reason.count)
    return tuple(sorted(total.values(), key=lambda reason: (-reason.count, reason.code)))
