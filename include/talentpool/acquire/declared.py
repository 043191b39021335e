"""Read a partner's declaration; with the transports at hand, which say what partner.yml may give them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import talentpool.acquire.transports  # noqa: F401 - they register their options
from talentpool.declare import Partner, load_named, partner_files
from talentpool.errors import DeclarationError
from talentpool.settings import Settings

log = logging.getLogger(__name__)


def load_partner(folders: Iterable[Path], code: str) -> Partner:
    """The partner `code`; DeclarationError lists the known ones."""
    partner: Partner = load_named(partner_files(folders), code, Partner, "partner")
    return partner


def partner_names(settings: Settings, codes: Iterable[str] | None = None) -> dict[str, str]:
    """Code -> name as declared, of these partners or of all that are. One whose declaration is gone or broken goes by its code:
    what is told of its people is told all the same."""
    names = {}
    for code in partner_files(settings.partner_dirs) if codes is None else codes:
        try:
            names[code] = load_partner(settings.partner_dirs, code).name
        except DeclarationError as error:
            log.warning("partner %s goes by its code: %s", code, error)
            names[code] = code
    return names
