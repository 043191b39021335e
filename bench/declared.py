"""The shipped declarations, for rosters of any size: they say how many rows a partner can have in our city."""

from __future__ import annotations

from talentpool.acquire import load_partner
from talentpool.declare import Partner
from talentpool.settings import Settings

MOST = 10_000_000


def any_size(settings: Settings, code: str) -> Partner:
    """A partner whose rosters may have as many rows as a benchmark asks for; all else as declared."""
    partner = load_partner(settings.partner_dirs, code)
    bounds = partner.bounds.model_copy(update={"max_rows": MOST})
    return partner.model_copy(update={"bounds": bounds})
