"""Read the bounds of a partner's deliveries: what was last held against what, the history, what is pinned and who said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.area import shipped
from talentpool.bounds import METRICS, Gauge, Key, Metric, Pin, Unit, events, pins_of
from talentpool.bounds.gauge import history
from talentpool.bounds.robust import Spread, spread_of
from talentpool.declare import Partner
from talentpool.deliveries.publications import published
from talentpool.expect.words import COLUMNS
from talentpool.model import delivery, delivery_measure
from talentpool.settings import INCLUDE

ORIGINS = {"declared": "约定限值", "learned": "历史限值", "pinned": "固定限值"}


@dataclass(frozen=True)
class Standing:
    """One bound: the figure of the last delivery and the bounds that it was held against, the spread of the history, and the pin
    that rules the next one."""

    key: Key
    metric: Metric
    figure: float | None = None
    low: float | None = None
    high: float | None = None
    origin: str | None = None
    spread: Spread | None = None
    pin: Pin | None = None
    last_pin: int | None = None
    """The newest event on it, a release included: what a form was made beside."""

    @property
    def words(self) -> str:
        """What it is of: 减少人员占在册人员，潞州区."""
        return words_of(self.key)

    @property
    def bounds(self) -> str:
        """The bounds of the last delivery in words; '' without one."""
        if self.origin is None:
            return ""
        sides = (("不少于", self.low), ("不超过", self.high))
        return "，".join(f"{side} {said(self.metric, one)}" for side, one in sides if one is not None)

    def said(self, figure: float | None) -> str:
        return "—" if figure is None else said(self.metric, figure)


def said(metric: Metric, figure: float) -> str:
    """A figure of a metric as people read it."""
    if metric.unit == Unit.SHARE:
        return f"{100 * figure:.1f}".removesuffix(".0") + "%"
    return f"{figure:.0f} 行" if metric.unit == Unit.ROWS else f"{figure:.2f}"


def words_of(key: Key) -> str:
    """What a bound is of, in words."""
    names = {county.code: county.name for county in shipped(INCLUDE / "reference")}
    of = [METRICS[key.metric].words, COLUMNS.get(key.field, key.field), names.get(key.county, key.county)]
    return "，".join(filter(None, of))


def standings(conn: sa.Connection, partner: Partner, kind: str) -> list[Standing]:
    """Every bound that may be pinned and was measured or pinned, in the order of the metrics."""
    last = _last(conn, partner.code, kind)
    gauge, pins = history(conn, partner, kind, None), pins_of(conn, partner.code, kind)
    newest = {event.key: event.pin_id for event in reversed(events(conn, partner.code, kind))}
    keys = {*last, *pins, *gauge.before}
    rank = list(METRICS)
    return [
        replace(_standing(key, last.get(key), gauge, pins.get(key)), last_pin=newest.get(key))
        for key in sorted(keys, key=lambda one: (rank.index(one.metric), one.county, one.field))
        if METRICS[key.metric].learns
    ]


def log_of(conn: sa.Connection, partner: str, kind: str) -> list[tuple[str, str, Pin]]:
    """Every event, the newest first: which bound, what was set, and the event."""
    found = []
    for pin in events(conn, partner, kind):
        metric = METRICS[pin.key.metric]
        sides = (("不少于", pin.low), ("不超过", pin.high))
        what = "，".join(f"{side} {said(metric, one)}" for side, one in sides if one is not None) or "解除"
        found.append((words_of(pin.key), what, pin))
    return found


def _standing(key: Key, row: Any, gauge: Gauge, pin: Pin | None) -> Standing:
    figures = gauge.before.get(key)
    spread = spread_of(figures) if figures else None
    if row is None:
        return Standing(key, METRICS[key.metric], spread=spread, pin=pin)
    return Standing(key, METRICS[key.metric], row.value, row.low, row.high, row.origin, spread, pin)


def _last(conn: sa.Connection, partner: str, kind: str) -> dict[Key, Any]:
    """What was measured of the newest published delivery of a kind."""
    of = delivery.c
    newest = (
        sa.select(of.delivery_id)
        .where(published(partner), of.effect == "live", of.kind == kind, of.sent_counties.is_(None))
        .where(sa.exists().where(delivery_measure.c.delivery_id == of.delivery_id))
        .order_by(of.publish_seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = conn.execute(sa.select(delivery_measure).where(delivery_measure.c.delivery_id == newest))
    return {Key(row.metric, row.field, row.county): row for row in rows}


def newest_as_of(conn: sa.Connection, partner: str, kind: str) -> date | None:
    """The as-of date of that delivery."""
    of = delivery.c
    measured = sa.exists().where(delivery_measure.c.delivery_id == of.delivery_id)
    return conn.scalar(
        sa.select(of.as_of)
        .where(published(partner), of.effect == "live", of.kind == kind, of.sent_counties.is_(None), measured)
        .order_by(of.publish_seq.desc())
        .limit(1)
    )
