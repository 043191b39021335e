"""Name the accounts between which stock moves, as the table holds them and as officers read them.

city, county:<code>, station:<partner>:<county>:<name>   places: what is there can be counted
bought, donated                                          where stock comes from
returned, damaged                                        where it ends
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CITY = "city"
SOURCES = ("bought", "donated")
ENDS = ("returned", "damaged")
KINDS: dict[str, str] = {
    "bought": "购入", "donated": "捐赠", "allocated": "拨付", "returned": "退回", "damaged": "损坏、遗失",
    "correction": "更正",
}  # fmt: skip
"""Kind of an entry -> how officers read it."""
ACCOUNT_WORDS: dict[str, str] = {
    CITY: "市级", "bought": "采购", "donated": "捐赠方", "returned": "退给供货方或捐赠方", "damaged": "损坏、遗失",
}  # fmt: skip
_COUNTY = re.compile(r"county:([0-9]{6})")
_STATION = re.compile(r"station:([^:]+):([0-9]{6}):(.+)")


def county_account(code: str) -> str:
    return f"county:{code}"


def station_account(partner: str, county: str, name: str) -> str:
    return f"station:{partner}:{county}:{name}"


def county_of(account: str) -> str | None:
    """The county that a place lies in; None for the city's and for what is no place."""
    found = _COUNTY.fullmatch(account)
    if found:
        return found[1]
    station = _STATION.fullmatch(account)
    return station[2] if station else None


def station_of(account: str) -> tuple[str, str, str] | None:
    """(partner, county, name) of a station's account."""
    found = _STATION.fullmatch(account)
    return (found[1], found[2], found[3]) if found else None


def is_place(account: str) -> bool:
    """Whether what is there can be counted."""
    return account == CITY or county_of(account) is not None


def say_account(account: str, counties: Mapping[str, str], partners: Mapping[str, str]) -> str:
    """An account as officers read it."""
    station = station_of(account)
    if station:
        partner, county, name = station
        return f"{counties.get(county, county)} · {partners.get(partner, partner)} · {name}"
    county = county_of(account) or ""
    return counties.get(county, county) if county else ACCOUNT_WORDS.get(account, account)


def kind_of(taken_from: str, brought_to: str) -> str | None:
    """Which kind of entry goes this way; None for a way that none goes (the table's checks say the same)."""
    start, end = county_of(taken_from), county_of(brought_to)
    from_station, to_station = station_of(taken_from) is not None, station_of(brought_to) is not None
    office = (brought_to == CITY or end is not None) and not to_station
    if taken_from in SOURCES:
        return taken_from if office else None
    if not is_place(taken_from):
        return None
    if brought_to == "damaged":
        return "damaged"
    if brought_to == "returned":
        return None if from_station else "returned"
    if taken_from == CITY:
        return "allocated" if office and end is not None else None
    if to_station:
        return "allocated" if not from_station and start == end else None
    if from_station:
        return "returned" if end == start else None
    return "returned" if brought_to == CITY else None
