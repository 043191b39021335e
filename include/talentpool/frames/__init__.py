"""Give an analyst DataFrames of the pool, of deliveries and of their quality: scoped, on record, nobody named in them."""

from talentpool.frames.asked import REFUSALS, Viewer, deliveries, own_login, pool, quality, reference

__all__ = ["REFUSALS", "Viewer", "deliveries", "own_login", "pool", "quality", "reference"]
