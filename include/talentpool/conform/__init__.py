"""conform: landed bytes to clean, sealed, staged rows."""

from talentpool.conform.share import Part, open_source, stage_share
from talentpool.conform.stage import Staged, begin, conform, finish, shares_worth

__all__ = ["Part", "Staged", "begin", "conform", "finish", "open_source", "shares_worth", "stage_share"]
