"""Read a partner's declaration; with the transports at hand, which say what partner.yml may give them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import talentpool.acquire.transports  # noqa: F401 - they register their options
from talentpool.declare import Partner, load_named, partner_files


def load_partner(folders: Iterable[Path], code: str) -> Partner:
    """The partner `code`; DeclarationError lists the known ones."""
    partner: Partner = load_named(partner_files(folders), code, Partner, "partner")
    return partner
