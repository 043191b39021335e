"""Build the pool: the people of a date, golden records with provenance, the views of city and counties."""

from talentpool.pool.building import Snapshot, snapshot, stale_dates
from talentpool.pool.views import CityCounts, CountyCounts, city_counts, county_counts

__all__ = ["CityCounts", "CountyCounts", "Snapshot", "city_counts", "county_counts", "snapshot", "stale_dates"]
