"""load: publish an audited delivery into the live records or into history; the state at a date; its digest."""

from talentpool.load.at_date import records_at
from talentpool.load.digest import digest
from talentpool.load.publish import Published, drop_staging, publish
from talentpool.load.spells import Spell, spells

__all__ = ["Published", "Spell", "digest", "drop_staging", "publish", "records_at", "spells"]
