"""Hold what the evidence said of pairs against what people judged: of pairs said to be 0.9 likely, how many are one person?

Only of pairs that waited for their score, and by the score that they have now: what a guard held back for another reason (a
borrowed account, a family, two document numbers) waits whatever its score, and a split judges many pairs by one look.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import sqlalchemy as sa

LEAST = 50
"""Judgements from which the chart is drawn: of fewer it says more about chance than about the scores."""
LEAST_A_BAND = 5
"""Judgements from which a band is shown by itself."""
SURE = 1.96
"""Standard deviations of an interval that holds the truth 95 times in 100."""
COUNT = sa.text(
    """
    select cast(least(floor(chance * 10), 9) as int) as band, avg(chance) as said, count(*) as judged,
           count(*) filter (where verdict = 'same') as same
    from (select human.verdict, 1 / (1 + power(2.0, -least(greatest(said.score, -40), 40))) as chance
          from edge human
          join edge said on said.left_record = human.left_record and said.right_record = human.right_record
               and said.rule = 'scored' and said.verdict = 'review'
          where human.rule = 'human' and human.verdict in ('same', 'different') and human.split_id is null
    ) pair
    group by 1 order by 1
    """
)
COUNT_ALL = sa.text("select count(*) from edge where rule = 'human' and verdict in ('same', 'different')")


@dataclass(frozen=True)
class Band:
    """Pairs of which the evidence said a chance from `least` on, a tenth wide; `said`: the mean of it; `same`: of `judged` those
    that are one person."""

    least: float
    said: float
    judged: int
    same: int

    @property
    def share(self) -> float:
        return self.same / self.judged

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's: between which shares the truth lies 95 times in 100; never beyond 0 and 1, and honest for few."""
        n, z = self.judged, SURE
        middle = (self.share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(self.share * (1 - self.share) / n + z * z / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)

    @property
    def verdict(self) -> str:
        """right, or too_high or too_low where even the interval does not reach what was said."""
        low, high = self.interval
        return "too_low" if self.said < low else "too_high" if self.said > high else "right"


@dataclass(frozen=True)
class Calibration:
    """`bands` of those with any judgement, in order; `left_out`: judgements that say nothing of a score."""

    bands: tuple[Band, ...]
    left_out: int

    @property
    def judged(self) -> int:
        return sum(band.judged for band in self.bands)

    @property
    def enough(self) -> bool:
        return self.judged >= LEAST

    @property
    def shown(self) -> tuple[Band, ...]:
        return tuple(band for band in self.bands if band.judged >= LEAST_A_BAND)

    @property
    def too_few(self) -> int:
        """Judgements in bands that are not shown."""
        return self.judged - sum(band.judged for band in self.shown)


def calibration(conn: sa.Connection) -> Calibration:
    """As of now: counts only."""
    bands = tuple(Band(row.band / 10, row.said, row.judged, row.same) for row in conn.execute(COUNT))
    every = conn.scalar(COUNT_ALL) or 0
    return Calibration(bands, every - sum(band.judged for band in bands))
