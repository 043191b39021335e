"""Measure a delivery and say which bound each figure is held against: pinned, learned, or declared.

One gauge a delivery: it has read what was measured before, collects what is measured now, and `keep` writes it in the
transaction of the verdict. History is of deliveries that were published live, of the same kind and sender, and taken whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from talentpool.bounds.metrics import FEWEST_PEOPLE, METRICS, Key
from talentpool.bounds.pins import Pin, pins_of
from talentpool.bounds.robust import Spread, around_count, cap, spread_of, upper_level, upper_share
from talentpool.declare import Partner
from talentpool.deliveries.publications import is_roster, published
from talentpool.model import delivery, delivery_measure
from talentpool.texts.finding import Finding

DIGITS = 4
"""Of shares in a finding."""


@dataclass(frozen=True)
class Bound:
    """What a figure may be; None = anything on that side. `origin`: declared, learned or pinned; `spread`: of its history, where
    there is one; `capped`: the office's cap made a learned bound stricter than its history."""

    high: float | None = None
    low: float | None = None
    origin: str = "declared"
    spread: Spread | None = None
    capped: bool = False

    def broken(self, figure: float) -> bool:
        """Whether a figure is beyond a bound, upper or lower."""
        return self._beyond(figure) is not None

    def _beyond(self, figure: float) -> float | None:
        if self.high is not None and figure > self.high:
            return self.high
        return self.low if self.low is not None and figure < self.low else None

    def against(
        self, code: str, figure: float, *, county: str | None = None, field: str | None = None, digits: int = DIGITS
    ) -> Finding:
        """The finding that a figure makes, with the reason of the bound where it is not the declared one."""
        broken = self._beyond(figure)
        if broken is None:  # the rule has another reason than the share: few people, but all of them
            broken = self.high if self.high is not None else figure
        found = Finding(code, round(figure, digits), round(broken, digits), county=county, field=field)
        if self.origin == "declared":
            return found
        found = replace(found, origin=self.origin)
        if self.origin == "learned" and (told := self.spread):
            found = replace(found, deliveries=told.deliveries, median=round(told.median, digits),
                            mad=round(told.mad, digits), capped=True if self.capped else None)  # fmt: skip
        return found


@dataclass
class Gauge:
    """`before`: figures of the last deliveries, the newest first; `first`: of those with which measuring began."""

    partner: Partner
    before: dict[Key, list[float]] = field(default_factory=dict)
    first: dict[Key, list[float]] = field(default_factory=dict)
    pins: dict[Key, Pin] = field(default_factory=dict)
    measured: dict[Key, tuple[float, Bound | None]] = field(default_factory=dict)

    def note(self, key: Key, figure: float) -> None:
        """Keep a figure that has no bound of its own, or none yet."""
        self.measured[key] = (float(figure), None)

    def fixed(self, key: Key, figure: float, bound: Bound) -> None:
        """Keep a figure whose bound is the same for everybody."""
        self.measured[key] = (float(figure), bound)

    def share(self, key: Key, figure: float, declared: float, *, people: int | None = None) -> Bound:
        """The bound of a share. `people`: of whom it is a share; few people of a county are not measured."""
        spread, rule = self._spread(key), self.partner.bounds.learned
        bound = Bound(high=declared, spread=spread)
        if spread and spread.deliveries >= rule.deliveries:
            high = upper_share(spread, declared, rule)
            bound = Bound(high=high, origin="learned", spread=spread, capped=high == cap(declared, rule))
        return self._held(key, figure, bound, people)

    def level(self, key: Key, figure: float, declared: float | None, jump: float) -> Bound:
        """The bound of a share whose declared bound is a jump from its level before. `declared`: level and jump together, or
        what is declared for a first delivery; None = nothing is."""
        spread, rule = self._spread(key), self.partner.bounds.learned
        bound = Bound(high=declared, spread=spread)
        if spread and spread.deliveries >= rule.deliveries:
            anchor = spread_of(self.first.get(key) or self.before[key]).median
            high = upper_level(spread, anchor, jump, rule)
            bound = Bound(high=high, origin="learned", spread=spread, capped=high == anchor + cap(jump, rule))
        return self._held(key, figure, bound, None)

    def count(self, key: Key, figure: float, declared: tuple[float, float], jump: float) -> Bound:
        """The bounds of a count of rows, lower and upper. `declared`: against the delivery before."""
        spread, rule = self._spread(key), self.partner.bounds.learned
        bound = Bound(low=declared[0], high=declared[1], spread=spread)
        if spread and spread.deliveries >= rule.deliveries:
            low, high = around_count(spread, jump, rule)
            capped = high == spread.median + cap(jump, rule) * spread.median
            bound = Bound(low=low, high=high, origin="learned", spread=spread, capped=capped)
        return self._held(key, figure, bound, int(figure))

    def _spread(self, key: Key) -> Spread | None:
        figures = self.before.get(key)
        return spread_of(figures) if figures else None

    def _held(self, key: Key, figure: float, bound: Bound, people: int | None) -> Bound:
        if pin := self.pins.get(key):
            low, high = bound.low if pin.low is None else pin.low, bound.high if pin.high is None else pin.high
            bound = replace(bound, low=low, high=high, origin="pinned", capped=False)  # a side that is not pinned stays
        if not key.county or people is None or people >= FEWEST_PEOPLE:
            self.measured[key] = (float(figure), bound)
        return bound


def gauge_of(conn: sa.Connection, partner: Partner, facts: sa.Row, *, past: bool) -> Gauge:
    """What a delivery is measured with. One that goes to history is held against what is declared, and makes no history."""
    if past:
        return Gauge(partner)
    gauge = history(conn, partner, facts.kind, facts.sent_counties)
    gauge.pins = {} if facts.sent_counties else pins_of(conn, partner.code, facts.kind)
    return gauge


def history(conn: sa.Connection, partner: Partner, kind: str, sent_counties: list[str] | None) -> Gauge:
    """A gauge that knows what was measured before, and no pin."""
    rule = partner.bounds.learned
    live = _live(partner.code, kind, sent_counties)
    measured = sa.exists().where(delivery_measure.c.delivery_id == delivery.c.delivery_id)
    ids = sa.select(delivery.c.delivery_id).where(*live, measured)
    last = list(conn.scalars(ids.order_by(delivery.c.publish_seq.desc()).limit(rule.window)))
    first = list(conn.scalars(ids.order_by(delivery.c.publish_seq).limit(rule.deliveries)))
    return Gauge(partner, _figures(conn, last), _figures(conn, first, only="unusable"))


def _live(partner: str, kind: str, sent_counties: list[str] | None) -> tuple[sa.ColumnElement[bool], ...]:
    """Deliveries that make history for one of this kind and sender: published live, and taken whole."""
    return (
        published(partner),
        delivery.c.effect == "live",
        delivery.c.kind == kind,
        delivery.c.sent_counties.is_not_distinct_from(sent_counties),
        delivery.c.decided.is_distinct_from("no-removals"),
        is_roster(),
    )


def _figures(conn: sa.Connection, ids: list[int], only: str | None = None) -> dict[Key, list[float]]:
    """Figures by key, in the order of the deliveries."""
    if not ids:
        return {}
    of = delivery_measure.c
    query = sa.select(of.delivery_id, of.metric, of.field, of.county, of.value).where(of.delivery_id.in_(ids))
    query = query.where(of.metric == only) if only else query
    place = {number: at for at, number in enumerate(ids)}
    found: dict[Key, list[tuple[int, float]]] = defaultdict(list)
    for row in conn.execute(query):
        found[Key(row.metric, row.field, row.county)].append((place[row.delivery_id], row.value))
    return {key: [figure for _, figure in sorted(them)] for key, them in found.items()}


def keep(conn: sa.Connection, delivery_id: int, gauge: Gauge) -> None:
    """Write what was measured; a delivery that is judged again is measured again."""
    conn.execute(delivery_measure.delete().where(delivery_measure.c.delivery_id == delivery_id))
    rows = [
        {
            "delivery_id": delivery_id, "metric": key.metric, "field": key.field, "county": key.county, "value": figure,
            "low": bound.low if bound else None, "high": bound.high if bound else None,
            "origin": bound.origin if bound else None,
            "deliveries": bound.spread.deliveries if bound and bound.spread else 0,
            "median": bound.spread.median if bound and bound.spread else None,
            "mad": bound.spread.mad if bound and bound.spread else None,
        }
        for key, (figure, bound) in sorted(gauge.measured.items())
        if key.metric in METRICS
    ]  # fmt: skip
    if rows:
        conn.execute(delivery_measure.insert(), rows)
