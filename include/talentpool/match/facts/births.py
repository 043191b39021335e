"""Count the records of each birth date: a date that a form fills in is borne by many and proves nothing.

Only dates that somebody typed are counted: what a resident number says is nobody's default. Counted by roster and over
the whole pool, carried on from run to run by what changed (match_run.births), so that a month need not read them all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from talentpool.match.facts.features import NO_DATE, OTHER, Facts

EPOCH = date(1970, 1, 1)
DAY_BITS = 12.2
"""What one birth date in common says if nobody chose it: people are spread over so many days."""
DENSEST = 3000
"""No day bears more than one person of so many, if nobody chose it."""
JANUARY, FIRST = "01-01", "01"
ALWAYS = {JANUARY: 3, FIRST: 1}
"""Bits by which the first of January, and the first of a month, say less on any roster: a year or a month alone was known."""
POOL = ""
COLUMNS = np.dtype([("partner", "<i2"), ("birth", "<i4"), ("records", "<i4")])


@dataclass(frozen=True, repr=False)
class Births:
    """`rows` of COLUMNS, in order of partner (a place in `partners`) and birth (days since 1970)."""

    partners: tuple[str, ...]
    rows: np.ndarray

    def pack(self) -> bytes:
        return zlib.compress(json.dumps(self.partners).encode() + b"\n" + self.rows.tobytes(), 1)

    @staticmethod
    def unpack(packed: bytes) -> Births:
        names, _, rows = zlib.decompress(packed).partition(b"\n")
        return Births(tuple(json.loads(names)), np.frombuffer(rows, COLUMNS))

    def after(self, partners: Sequence[str], partner: np.ndarray, births: np.ndarray, sign: np.ndarray) -> Births:
        """With more (`sign` 1) or fewer (-1) records: `partner` a place in `partners`, `births` days, NO_DATE for none."""
        names = sorted({*self.partners, *partners})
        place = np.array([names.index(name) for name in self.partners], np.int64)
        new = np.array([names.index(name) for name in partners], np.int64)
        there = births != NO_DATE
        who = np.concatenate(
            [place[self.rows["partner"]] if len(place) else np.zeros(0, np.int64), new[partner[there]]]
        )
        day = np.concatenate([self.rows["birth"].astype(np.int64), births[there].astype(np.int64)])
        count = np.concatenate([self.rows["records"].astype(np.int64), sign[there].astype(np.int64)])
        codes, at = np.unique(who << 32 | (day - NO_DATE), return_inverse=True)
        sums = np.bincount(at, count, len(codes)).astype(np.int64)
        codes, sums = codes[sums > 0], sums[sums > 0]
        rows = np.empty(len(codes), COLUMNS)
        rows["partner"], rows["birth"], rows["records"] = codes >> 32, (codes & 0xFFFFFFFF) + NO_DATE, sums
        return Births(tuple(names), rows)


NOBODY = Births((), np.zeros(0, COLUMNS))


def typed(facts: Facts) -> np.ndarray:
    """Birth dates that somebody typed, NO_DATE for others."""
    return np.where((facts.document == 0) | (facts.document >= OTHER), facts.birth, NO_DATE)


def count_births(partners: Sequence[str], facts: Facts) -> Births:
    """Of all records; `partners`: the names behind the codes in `facts.partner`."""
    return NOBODY.after(partners, facts.partner.astype(np.int64) - 1, typed(facts), np.ones(len(facts), np.int64))


def crowds(births: Births) -> dict[str, int]:
    """Dates that far more people bear than chance gives, and by how many bits that makes one in common say less.

    Keys are a roster, or POOL, and a date, JANUARY or FIRST: "didi|1990-01-01". Whole bits, so that little moves.
    """
    rosters = [(name, births.rows[births.rows["partner"] == code]) for code, name in enumerate(births.partners)]
    by_date: dict[str, int] = {}
    for name, rows in [*rosters, (POOL, _all(births.rows))]:
        by_date |= {f"{name}|{what}": bits for what, bits in _crowded(rows).items()}
    return by_date


def _all(rows: np.ndarray) -> np.ndarray:
    day, row = np.unique(rows["birth"], return_inverse=True)
    pooled = np.zeros(len(day), COLUMNS)
    pooled["birth"], pooled["records"] = day, np.bincount(row, rows["records"], len(day))
    return pooled


def _crowded(rows: np.ndarray) -> dict[str, int]:
    day, count = rows["birth"], rows["records"].astype(np.float64)
    total = count.sum()
    many = count > _chance(total / DENSEST)
    by_day = {
        (EPOCH + timedelta(int(number))).isoformat(): _bits(borne / total, 2.0**-DAY_BITS)
        for number, borne in zip(day[many].tolist(), count[many].tolist(), strict=True)
    }
    january, first = _firsts(day[~many])
    rest = count[~many]
    for what, which, expected in ((JANUARY, january, 1 / 365), (FIRST, first, 11 / 365)):
        if rest[which].sum() > _chance(rest.sum() * expected):
            by_day[what] = _bits(rest[which].sum() / rest.sum(), expected)
    return {what: bits for what, bits in by_day.items() if bits > 0}


def _chance(expected: float) -> float:
    """More than this is no chance: six standard deviations, and never so few as a handful."""
    return float(expected + 6 * np.sqrt(expected) + 4)


def _bits(share: float, expected: float) -> int:
    return int(min(round(np.log2(share / expected)), int(DAY_BITS)))


def _firsts(day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which days are a first of January, which another first of a month."""
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    first = dates == months.astype("datetime64[D]")
    january = first & (months.astype(np.int64) % 12 == 0)
    return january, first & ~january


def with_common(facts: Facts, partners: Sequence[str], known: Mapping[str, int]) -> Facts:
    """Facts with `common`: by how many bits a record's typed date says less than another one."""
    births = typed(facts)
    common = np.zeros(len(facts), np.float32)
    rows = np.flatnonzero(births != NO_DATE)
    day, partner = births[rows].astype(np.int32), facts.partner[rows]
    worth = np.zeros(len(rows), np.float32)
    january, first = _firsts(day)
    worth[january], worth[first] = ALWAYS[JANUARY], ALWAYS[FIRST]
    days = np.array([_day(what) for what in known], np.int64)
    near = np.isin(day, days[days != NO_DATE])
    for what, bits in known.items():
        roster, _, which = what.partition("|")
        at = january if which == JANUARY else first if which == FIRST else near
        at = np.flatnonzero(at)
        if which not in ALWAYS:
            at = at[day[at] == _day(what)]
        if roster != POOL:
            at = at[partner[at] == (partners.index(roster) + 1 if roster in partners else 0)]
        worth[at] = np.maximum(worth[at], bits)
    common[rows] = worth
    return replace(facts, common=common)


def _day(what: str) -> int:
    which = what.partition("|")[2]
    return NO_DATE if which in ALWAYS else (date.fromisoformat(which) - EPOCH).days


def moved_days(was: Mapping[str, int], now: Mapping[str, int]) -> list[int] | None:
    """Days (since 1970) whose weight is another now; None when it is that of all firsts of a month."""
    other = [what for what in was.keys() | now.keys() if was.get(what) != now.get(what)]
    days = {_day(what) for what in other}
    return None if NO_DATE in days else sorted(days)
