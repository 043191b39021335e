"""Hold a delivery against the partner's last ones: how full its columns are, and in what share of rows each fault stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from talentpool.expect.words import COLUMNS
from talentpool.model import delivery
from talentpool.services.letters.told import FAULTS, SETTLED
from talentpool.texts.cells import told_codes
from talentpool.texts.reasons import NOTHING_TO_DO, reasons

BEFORE = 6
MASKED = {"id_number": "id_masked", "mobile": "mobile_masked"}
"""A masked value counts as filled in where it was agreed: nobody is to invent one."""
OF_OFFICERS = frozenset({"value_remembered", "value_lapsed", "taken_as_it_is"})
"""Notes on what officers did at the wish of somebody, say: nothing that the partner knows or can mend."""


@dataclass(frozen=True)
class Line:
    """A figure of this delivery and of those before, the newest first; shares of rows, None where there were no rows."""

    kind: str
    name: str
    now: float | None
    before: tuple[float | None, ...]

    @property
    def usual(self) -> float | None:
        """The mean of those before."""
        known = [one for one in self.before if one is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True)
class Trend:
    """`titles`: date of each delivery before, the newest first."""

    titles: tuple[str, ...]
    lines: tuple[Line, ...]


def trend(conn: sa.Connection, facts: Any) -> Trend:
    """Fill rates by column, then faults by reason: those of this delivery or of one before."""
    of = delivery.c
    earlier = (
        sa.select(delivery)
        .where(
            of.partner == facts.partner, of.delivery_id < facts.delivery_id, of.rows > 0, of.sent_counties.is_(None),
            of.state.in_(SETTLED),
        )
        .order_by(of.delivery_id.desc())
        .limit(BEFORE)
    )  # fmt: skip
    before = list(conn.execute(earlier))
    every = [facts, *before]
    titles = tuple(f"{row.as_of}{'（增量）' if row.kind == 'delta' else ''}" for row in before)
    fields = [name for name in COLUMNS if any(name in row.profile.get("unusable", {}) for row in every)]
    lines = [_line("填写率", COLUMNS[name], [_filled(row, name) for row in every]) for name in fields]
    known = reasons()
    theirs = [code for code in told_codes("noted") if code not in OF_OFFICERS]
    told = [*told_codes(*FAULTS), *(code for code in theirs if not known[code].fix_zh.startswith(NOTHING_TO_DO))]
    for code in told:
        shares = [_share(row, code) for row in every]
        if any(shares):
            lines.append(_line("问题占比", known[code].text_zh, shares))
    return Trend(titles, tuple(lines))


def _line(kind: str, name: str, values: Sequence[float | None]) -> Line:
    return Line(kind, name, values[0], tuple(values[1:]))


def _filled(row: Any, name: str) -> float | None:
    rows, unusable = row.profile.get("rows"), row.profile.get("unusable", {}).get(name)
    if not rows or unusable is None:
        return None
    hidden = row.profile.get("told", {}).get(MASKED.get(name, ""), 0)
    return float(min(rows - unusable + hidden, rows) / rows)


def _share(row: Any, code: str) -> float | None:
    """None of a delivery of before such figures were kept."""
    if not row.rows or "told" not in row.profile:
        return None
    return float(row.profile["told"].get(code, 0) / row.rows)
