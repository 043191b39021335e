"""conform: landed bytes to clean, sealed, staged rows."""

from talentpool.conform.stage import Staged, conform

__all__ = ["Staged", "conform"]
