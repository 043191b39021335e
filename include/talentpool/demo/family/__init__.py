"""Make populations that differ: their traits are drawn for each seed, and people and rosters follow them."""

from talentpool.demo.family.traits import PartnerTraits, Traits, draw, ranges

__all__ = ["PartnerTraits", "Traits", "draw", "ranges"]
