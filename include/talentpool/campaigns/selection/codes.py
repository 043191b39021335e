"""Refuse a declaration that names a partner, county, occupation or purpose which the office does not know.

A slip of the pen in a code would leave everybody out, or count nobody as served, without a word. The tables are the
office's and change, so that this is asked when a list is drawn, not when a file is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from talentpool.area import current_counties, level
from talentpool.declare import Campaign, campaign_files, load_campaign, partner_files
from talentpool.errors import DeclarationError
from talentpool.model import notice, occupation
from talentpool.office import Office
from talentpool.settings import Settings


def refuse_unknown_codes(conn: sa.Connection, office: Office, campaign: Campaign) -> None:
    """DeclarationError, which names the field and the valid codes."""
    valid: dict[str, set[str]] = {}
    for field, kind, code in _named(campaign):
        if kind not in valid:
            valid[kind] = _valid(conn, office.settings, kind)
        if code not in valid[kind]:
            raise DeclarationError(
                f"campaign {campaign.code}: field {field}: {kind} {code!r} 没有登记; valid: {', '.join(sorted(valid[kind]))}"
            )


def _named(campaign: Campaign) -> Iterator[tuple[str, str, str]]:
    """Field, kind and code of everything that the declaration names."""
    for rule, given in campaign.eligibility.items():
        yield from ((f"eligibility.{rule}", kind, code) for kind, code in _of_rule(rule, given))
    if campaign.stock is not None:
        yield from (("stock.counties", "county", code) for code in campaign.stock.counties)
        yield from (("stock.donated", "county", gift.county) for gift in campaign.stock.donated if gift.county)
    yield from (("places", "county", place.county) for place in campaign.places)


def _of_rule(rule: str, given: Any) -> Iterator[tuple[str, str]]:
    if rule in ("partners", "counties", "occupations"):
        kind = {"partners": "partner", "counties": "county", "occupations": "occupation"}[rule]
        yield from ((kind, code) for code in given)
    elif rule == "stations":
        for at in given:
            yield from (("partner", at.partner), ("county", at.county))
    elif purpose := getattr(given, "purpose", None):
        yield "purpose", purpose


def _valid(conn: sa.Connection, settings: Settings, kind: str) -> set[str]:
    if kind == "partner":
        return set(partner_files(settings.partner_dirs))
    if kind == "county":
        return {settings.area} if level(settings.area) == "county" else set(current_counties(conn, settings.area))
    if kind == "occupation":
        return set(conn.scalars(sa.select(occupation.c.code)))
    told = set(conn.scalars(sa.select(notice.c.purpose)))
    for code in campaign_files(settings.campaign_dirs):
        try:
            told.add(load_campaign(settings.campaign_dirs, code).purpose)
        except DeclarationError:  # its own DAG says so
            continue
    return told
