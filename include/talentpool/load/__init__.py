"""Publish an audited delivery into the live records or history; give the state at a date and its digest."""

from talentpool.load.at_date import records_at
from talentpool.load.brought import brought_seq
from talentpool.load.digest import DIGEST_VERSION, digest, digest_of
from talentpool.load.publish import Published, drop_staging, publish
from talentpool.load.spells import Spell, spells

__all__ = [
    "DIGEST_VERSION",
    "Published",
    "Spell",
    "brought_seq",
    "digest",
    "digest_of",
    "drop_staging",
    "publish",
    "records_at",
    "spells",
]
