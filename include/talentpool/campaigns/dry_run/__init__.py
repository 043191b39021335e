"""Try a campaign's settings on the pool of a date: who would gain or lose, who is reached, what it costs. Nothing is kept."""

from talentpool.campaigns.dry_run.settings import FIELDS, changed
from talentpool.campaigns.dry_run.trying import Tried, dry_run

__all__ = ["FIELDS", "Tried", "changed", "dry_run"]
