"""Pin a bound by hand, move it, release it: each is one more row with author and note, and a line of the audit log.

A pinned bound stands above the declared and the learned one, also where these would be stricter: a person has said so. What
is pinned holds from the next delivery on; one that is held stays held until it is decided.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.bounds.metrics import METRICS, Key, Unit
from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty
from talentpool.model import bound_pin
from talentpool.texts.redact import redact

DUTY = "pin a bound"
LONGEST_NOTE = 200
LARGEST = {Unit.SHARE: 10.0, Unit.ROWS: 10_000_000.0}
"""Additions may be more than all who are known; nothing is more than ten times as many."""


@dataclass(frozen=True)
class Pin:
    """The last word on a bound. Without `low` and `high` it is released."""

    pin_id: int
    key: Key
    low: float | None
    high: float | None
    said_by: str
    note: str
    made_at: datetime

    @property
    def released(self) -> bool:
        return self.low is self.high is None


@dataclass(frozen=True)
class Place:
    """Which bound: of a partner's deliveries of a kind."""

    partner: str
    kind: str
    key: Key

    @property
    def subject(self) -> str:
        """As the audit log names it."""
        return ":".join(
            ["bound", self.partner, self.kind, *filter(None, (self.key.metric, self.key.field, self.key.county))]
        )


@dataclass(frozen=True)
class Word:
    """Who says it, and why. `role`: of a page's user; `seen`: the pin that they looked at, None = none; unset on the command
    line, which overrules whatever is there."""

    by: str
    note: str
    role: str | None = None
    seen: int | None = -1


def pin(conn: sa.Connection, place: Place, word: Word, *, low: float | None = None, high: float | None = None) -> int:
    """Pin a bound or move it; returns the number of the event. UsageError for what is no bound, in Chinese."""
    metric = METRICS.get(place.key.metric)
    if metric is None or not metric.learns:
        raise UsageError(f"没有可以固定限值的指标 {place.key.metric}；请用 talentpool bound list 查看")
    if place.key.field not in (metric.fields or ("",)):
        raise UsageError(f"指标 {metric.code} 的列应为：{'、'.join(metric.fields) or '（不分列）'}")
    if place.key.county and (not metric.by_county or not re.fullmatch(r"\d{6}", place.key.county)):
        raise UsageError(f"指标 {metric.code} 不分区县，或区县代码不是 6 位数字")
    if low is high is None:
        raise UsageError("请填写上限" + ("或下限" if metric.unit == Unit.ROWS else ""))
    if low is not None and metric.unit != Unit.ROWS:
        raise UsageError("占比只有上限，没有下限")
    if any(one is not None and not 0 <= one <= LARGEST[metric.unit] for one in (low, high)):
        most = "1000%" if metric.unit == Unit.SHARE else f"{LARGEST[metric.unit]:.0f} 行"
        raise UsageError(f"限值应在 0 到 {most} 之间")
    if low is not None and high is not None and low > high:
        raise UsageError("下限不能大于上限")
    return _say(conn, place, word, low, high)


def release(conn: sa.Connection, place: Place, word: Word) -> int:
    """Give a bound back to what is declared or learned. UsageError where none is pinned."""
    if (standing := _standing(conn, place)) is None or standing.released:
        raise UsageError("没有固定的限值，无需解除")
    return _say(conn, place, word, None, None)


def _say(conn: sa.Connection, place: Place, word: Word, low: float | None, high: float | None) -> int:
    if not word.by.strip() or not word.note.strip():
        raise UsageError("请写明由谁固定和说明（为什么）")
    if len(word.note) > LONGEST_NOTE:
        raise UsageError(f"说明最多 {LONGEST_NOTE} 字")
    check_duty(conn, word.by, DUTY)
    conn.execute(sa.text("lock table bound_pin in share row exclusive mode"))  # two officers speak one after the other
    before = _standing(conn, place)
    if word.seen not in (-1, before.pin_id if before else None):
        raise UsageError("这条限值刚刚被他人改动过，请核对后再保存")
    note = redact(word.note.strip())
    row = {
        "partner": place.partner, "kind": place.kind, "metric": place.key.metric, "field": place.key.field,
        "county": place.key.county, "low": low, "high": high, "said_by": word.by.strip(), "role": word.role, "note": note,
    }  # fmt: skip
    number = int(conn.execute(bound_pin.insert().values(row).returning(bound_pin.c.pin_id)).scalar_one())
    was: dict[str, Any] = {"was_low": before.low, "was_high": before.high} if before else {}
    audit(conn, "decision", place.subject, actor=word.by, reason=note,
          details={"choice": "pin" if (low, high) != (None, None) else "release", "low": low, "high": high, **was})  # fmt: skip
    return number


def pins_of(conn: sa.Connection, partner: str, kind: str) -> dict[Key, Pin]:
    """What is pinned for a partner's deliveries of a kind."""
    of = bound_pin.c
    keys = (of.metric, of.field, of.county)
    last = sa.select(bound_pin).ext(distinct_on(*keys)).where(of.partner == partner, of.kind == kind)
    found = (_pin(row) for row in conn.execute(last.order_by(*keys, of.pin_id.desc())))
    return {one.key: one for one in found if not one.released}


def events(conn: sa.Connection, partner: str, kind: str) -> list[Pin]:
    """Every word on a partner's bounds, the newest first."""
    of = bound_pin.c
    query = sa.select(bound_pin).where(of.partner == partner, of.kind == kind).order_by(of.pin_id.desc())
    return [_pin(row) for row in conn.execute(query)]


def _standing(conn: sa.Connection, place: Place) -> Pin | None:
    of, key = bound_pin.c, place.key
    query = (
        sa.select(bound_pin)
        .where(
            of.partner == place.partner, of.kind == place.kind, of.metric == key.metric, of.field == key.field,
            of.county == key.county,
        )
        .order_by(of.pin_id.desc())
        .limit(1)
    )  # fmt: skip
    row = conn.execute(query).one_or_none()
    return _pin(row) if row else None


def _pin(row: sa.Row) -> Pin:
    key = Key(row.metric, row.field, row.county)
    return Pin(row.pin_id, key, row.low, row.high, row.said_by, row.note, row.made_at)
