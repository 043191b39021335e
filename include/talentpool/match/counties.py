"""How many people work in each county, so that the same county says more of two records the smaller it is.

Counted over the rows of all published rosters (a delivery keeps its counts): known without looking at a record, and the
same whatever the order in which deliveries came.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sqlalchemy as sa

from talentpool.match.frequencies import SMALLEST

UNKNOWN_SHARE = 1 / 8
"""Of a county nothing is known of yet: two people of a city of twelve counties, taken at random, are in one so often."""
DELIVERED = """
    select c.county, sum(c.rows::bigint) as rows from delivery d, jsonb_each_text(d.profile -> 'counties') c (county, rows)
    where d.publish_seq <= :up_to and c.county <> '' group by c.county
    """


def county_shares(conn: sa.Connection, up_to_seq: int) -> dict[int, float]:
    """County code -> share of people there by all deliveries up to a publication, in steps of half a bit."""
    rows = conn.execute(sa.text(DELIVERED), {"up_to": up_to_seq})
    return steps({int(row.county): int(row.rows) for row in rows if row.county.isdigit()})


def steps(counts: Mapping[int, int]) -> dict[int, float]:
    """Shares in steps of half a bit, so that a month's growth changes nothing; of few rows little is believed."""
    known = sum(counts.values())
    unseen = max(SMALLEST - known, 0)
    bits = {
        county: round(-2 * np.log2((count + unseen * UNKNOWN_SHARE) / (known + unseen))) / 2
        for county, count in counts.items()
    }
    return {county: float(2**-value) for county, value in bits.items()}


def shares_of(county: np.ndarray, shares: Mapping[int, float]) -> np.ndarray:
    """The share of each county of a column of codes."""
    codes, at = np.unique(county, return_inverse=True)
    return np.array([shares.get(code, UNKNOWN_SHARE) for code in codes.tolist()])[at]
