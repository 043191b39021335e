"""Find whole columns that shifted: the shares of ages, sexes and counties against those of the last roster of the kind.

The measure is the population stability index, sum of (now - then) * ln(now / then) over the groups; 0.25 is where the field
speaks of a major shift (Siddiqi, Credit Risk Scorecards, 2006). A few rows scatter that much by chance, so a chi-square test
of the two counts must find it rarer than one in a thousand as well. Rows without a value are left out: that more or fewer are
filled in is no shift, and has a rule of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from talentpool.bounds import Bound, Gauge, Key
from talentpool.texts.finding import Finding

PSI_MAX = 0.25
FEWEST_ROWS = 100
"""On either side: below that a shift is not told from chance."""
FLOOR = 0.01
"""Least share of a group: one that is new, or gone, counts by what it is now, and not by how small it could have been."""
RARE = 3.09
"""Standard deviations: one in a thousand on one side."""
SHAPES = {"ages": "birth_date", "sexes": "sex", "counties": "county"}
"""What of a profile is compared -> the column it is of."""


def shapes_moved(
    before: Mapping[str, Any], seen: Mapping[str, Any], told: set[str | None], gauge: Gauge | None = None
) -> list[Finding]:
    """Columns whose shares are not those of the profile `before`; `told`: columns of which a finding speaks already. Each index
    is kept in the `gauge`."""
    found = []
    for shape, field in SHAPES.items():
        old, new = (_told(side.get(shape, {})) for side in (before, seen))
        if not old or not new:
            continue
        index = round(stability(old, new), 3)
        if gauge:
            gauge.fixed(Key("shape", field), index, Bound(high=PSI_MAX))
        if field not in told and index > PSI_MAX and is_rare(old, new):
            found.append(Finding("shape_moved", index, PSI_MAX, field=field))
    return found


def stability(old: Mapping[str, int], new: Mapping[str, int]) -> float:
    """The population stability index of two counts by group, no share below FLOOR."""
    groups = old.keys() | new.keys()
    then, now = (_shares(counts, groups) for counts in (old, new))
    return sum((now[group] - then[group]) * math.log(now[group] / then[group]) for group in groups)


def is_rare(old: Mapping[str, int], new: Mapping[str, int]) -> bool:
    """Whether chance would hardly make the two counts by group so different: chi-square, homogeneity of two samples.

    Its tail is taken by the cube root of Wilson and Hilferty (1931), good to a thousandth for any number of groups.
    """
    groups, (then, now) = old.keys() | new.keys(), (sum(old.values()), sum(new.values()))
    freedom = len(groups) - 1
    if min(then, now) < FEWEST_ROWS or freedom < 1:
        return False
    square = 0.0
    for group in groups:
        both = old.get(group, 0) + new.get(group, 0)
        for seen, rows in ((old.get(group, 0), then), (new.get(group, 0), now)):
            wanted = both * rows / (then + now)
            square += (seen - wanted) ** 2 / wanted if wanted else 0.0
    spread = 2 / (9 * freedom)
    return ((square / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread) > RARE


def _shares(counts: Mapping[str, int], groups: Any) -> dict[str, float]:
    rows = sum(counts.values())
    return {group: max(counts.get(group, 0) / rows, FLOOR) for group in groups}


def _told(counts: Mapping[str, int]) -> dict[str, int]:
    return {group: count for group, count in counts.items() if group and count}
