"""Read what an officer needs to decide on a held delivery: each finding with its history, and whom each answer moves.

Counts and shares alone. What a county's officer sees comes through their own connection, which knows no other county.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from talentpool.bounds import FIXED, METRICS, Key, Pin, key_of, pins_of
from talentpool.decide import CHOICES, Choice
from talentpool.deliveries.publications import published
from talentpool.expect import figure_in_words, in_words
from talentpool.model import delivery, delivery_measure, delivery_people
from talentpool.texts.finding import Finding

MOST_POINTS = 12


@dataclass(frozen=True)
class Trail:
    """The history of what a finding speaks of: (as-of date, figure) of the deliveries before, the oldest first, and the `now` of
    this one against its `bound`; `lower`: whether it is the lower one that is broken."""

    finding: Finding
    points: tuple[tuple[date, float], ...]
    now: tuple[date, float]

    @property
    def bound(self) -> float:
        return self.finding.bound

    @property
    def lower(self) -> bool:
        return self.finding.observed < self.finding.bound

    def words(self, figure: float) -> str:
        """A figure as people read it."""
        return figure_in_words(self.finding, figure)

    @property
    def sentence(self) -> str:
        """What the chart shows, to be read out."""
        before = "、".join(self.words(figure) for _, figure in self.points)
        side = "下限" if self.lower else "上限"
        said = f"前 {len(self.points)} 次依次为 {before}" if before else "此前没有可比的交付"
        return f"{said}；本次 {self.words(self.now[1])}，{side} {self.words(self.bound)}"


@dataclass(frozen=True)
class Told:
    """A finding in words; `trail`: its history, where the gate measures it; `pin`: the bound that an officer pinned, which it
    breaks; `learns`: whether its bound may be pinned; `young`: deliveries that are wanting until one is learned."""

    finding: Finding
    text: str
    trail: Trail | None = None
    key: Key | None = None
    pin: Pin | None = None
    learns: bool = False
    young: int = 0
    before: int = 0


@dataclass(frozen=True)
class People:
    """Whom a delivery would move: see model/bounds.py."""

    added: int = 0
    changed: int = 0
    staying: int = 0
    leaving: int = 0
    missing: int = 0
    suspended: int = 0


@dataclass(frozen=True)
class Effect:
    """What an answer does to the people at work. `wanting`: of those who leave, those whom the roster does not name: who is not
    named for the first time leaves for good when the next full roster does not name them either."""

    added: int
    leave: int
    change: int
    stay: int
    wanting: int = 0
    suspended: int = 0


@dataclass(frozen=True)
class Outlook:
    """What there is to decide on. `effects`: by answer, None for a delivery that was judged before this was kept, or that goes
    to history; `others`: findings that are not of the reader's counties."""

    told: tuple[Told, ...]
    effects: Mapping[Choice, Effect] | None
    others: int = 0
    counties: Mapping[str, Mapping[Choice, Effect]] = field(default_factory=dict)


def outlook_of(
    conn: sa.Connection, delivery_id: int, *, learned_from: int, counties: Collection[str] | None = None,
    seeing: sa.Connection | None = None,
) -> Outlook:  # fmt: skip
    """What to decide on. `learned_from`: from how many deliveries a bound is learned; `counties`: whose findings the reader may
    see, None = all; `seeing`: the reader's own connection, where it is not the pipeline's."""
    facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
    findings = [Finding(**one) for one in facts.findings]
    mine = [one for one in findings if counties is None or one.county in counties]
    pins = pins_of(conn, facts.partner, facts.kind)
    figures = _figures(seeing or conn, _before(conn, facts), [key for one in mine if (key := key_of(one))])
    told = tuple(_told(one, facts, figures, pins, learned_from) for one in mine)
    of = delivery_people.c
    rows = (seeing or conn).execute(sa.select(delivery_people).where(of.delivery_id == delivery_id).order_by(of.county))
    people = {row.county: People(*row[2:]) for row in rows if counties is None or row.county in counties}
    by_county = {county: answers(one) for county, one in people.items()}
    effects = answers(_sum(list(people.values()))) if people else None
    return Outlook(told, effects, len(findings) - len(mine), by_county)


def answers(people: People) -> dict[Choice, Effect]:
    """What each answer does."""
    there = people.changed + people.staying + people.leaving + people.missing + people.suspended
    effects = {
        "all": Effect(people.added, people.leaving + people.missing, people.changed, people.staying, people.missing,
                      people.suspended),
        "no-removals": Effect(people.added, people.leaving, people.changed, people.staying + people.missing, 0,
                              people.suspended),
        "reject": Effect(0, 0, 0, there),
    }  # fmt: skip
    return {choice: effects[choice] for choice in CHOICES}


def _sum(people: Sequence[People]) -> People:
    return People(*(sum(getattr(one, name) for one in people) for name in People.__dataclass_fields__))


def _before(conn: sa.Connection, facts: sa.Row) -> dict[int, date]:
    """The deliveries that it was held against, the oldest first: as the gauge takes them, and as they were then."""
    of = delivery.c
    query = (
        sa.select(of.delivery_id, of.as_of)
        .where(
            published(facts.partner), of.effect == "live", of.kind == facts.kind, of.delivery_id != facts.delivery_id,
            of.sent_counties.is_not_distinct_from(facts.sent_counties), of.decided.is_distinct_from("no-removals"),
            of.publish_seq <= sa.func.coalesce(sa.literal(facts.base_seq, sa.BigInteger), 0),
        )
        .order_by(of.publish_seq.desc())
        .limit(MOST_POINTS)
    )  # fmt: skip
    return {row.delivery_id: row.as_of for row in reversed(conn.execute(query).all())}


def _figures(conn: sa.Connection, before: dict[int, date], keys: list[Key]) -> dict[Key, list[tuple[date, float]]]:
    of = delivery_measure.c
    query = sa.select(of.delivery_id, of.metric, of.field, of.county, of.value).where(
        of.delivery_id.in_(list(before)), of.metric.in_({key.metric for key in keys})
    )
    rows = {(row.delivery_id, Key(row.metric, row.field, row.county)): row.value for row in conn.execute(query)}
    return {
        key: [(on, rows[number, key]) for number, on in before.items() if (number, key) in rows] for key in set(keys)
    }


def _told(
    finding: Finding, facts: sa.Row, figures: Mapping[Key, list[tuple[date, float]]], pins: Mapping[Key, Pin],
    learned_from: int,
) -> Told:  # fmt: skip
    text, key = in_words(finding.as_json()), key_of(finding)
    if key is None:
        return Told(finding, text)
    points = figures.get(key, [])
    trail = Trail(finding, tuple(points), (facts.as_of, finding.observed))
    learns = METRICS[key.metric].learns and finding.code not in FIXED and facts.sent_counties is None
    young = max(learned_from - len(points), 0) if learns and finding.origin is None else 0
    pin = pins.get(key) if finding.origin == "pinned" else None
    return Told(finding, text, trail, key, pin, learns, young, len(points))
