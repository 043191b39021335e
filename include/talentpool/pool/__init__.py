"""Build the pool: the people of a date, golden records with provenance, the views of city and counties."""

from talentpool.pool.snapshot import Snapshot, build_snapshot, stale_dates
from talentpool.pool.views import CityCounts, CountyCounts, city_counts, county_counts

__all__ = [
    "CityCounts", "CountyCounts", "Snapshot", "build_snapshot", "city_counts", "county_counts", "stale_dates",
]  # fmt: skip
