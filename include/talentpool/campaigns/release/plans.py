"""Say what a recipient of a list gets: a county's officer its people, a station's head the people of that station alone.

A recipient is a row of the table `recipient`, or a station whose row has a key: `station:<partner>:<county>:<name>`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.area import contains
from talentpool.campaigns.lists import Stored
from talentpool.errors import UsageError
from talentpool.guard.sealing import check_public_key, key_print
from talentpool.model import provision, recipient, station, target_row
from talentpool.settings import Settings

STATION = "station"
STATION_KEY = "age"
"""The kind of a station's key: one line, as its table holds it."""
_BY_STATION = target_row.c.facts["by_station"].as_boolean()


@dataclass(frozen=True)
class Plan:
    """What one recipient of a list would get. `station`: partner and name, of a head, who gets that station's people alone."""

    code: str
    name: str
    kind: str
    public_key: str | None
    password_by: str | None
    counties: tuple[str, ...]
    people: int
    key: str
    station: tuple[str, str] | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """Who the recipient was, for the record: the reference table may change."""
        place = {} if self.station is None else {"partner": self.station[0], "station": self.station[1]}
        return {"name": self.name, "kind": self.kind, "key": self.key, **place}


@dataclass(frozen=True)
class OnRecord:
    """Recipients that the office has on record for a list, by code, and for how many places of it there is none."""

    codes: tuple[str, ...]
    counties_without: int
    stations_without_key: int


def plan(conn: sa.Connection, settings: Settings, stored: Stored, codes: Sequence[str], today: date) -> list[Plan]:
    """What each recipient gets: the counties of the list that lie in the recipient's own division, or its own station.

    UsageError for a recipient who is unknown, expired, without a key, or of a place that has nobody on the list.
    """
    people = _people(conn, stored)
    return [
        _of_station(conn, settings, stored, code, today)
        if code.startswith(f"{STATION}:")
        else _of_division(conn, stored, people, code, today)
        for code in dict.fromkeys(codes)
    ]


def on_record(conn: sa.Connection, stored: Stored, today: date) -> OnRecord:
    """Recipients whose division is one county of the list, and stations of it that have a key. Whoever is to receive several
    counties is named by hand."""
    people = _people(conn, stored)
    mine = sa.select(recipient.c.code, recipient.c.division).where(
        recipient.c.division.in_(people), recipient.c.valid_until >= today
    )
    of_counties = conn.execute(mine.order_by(recipient.c.division, recipient.c.code)).all()
    row = target_row.c
    places = (
        sa.select(row.partner, row.county, row.station, station.c.recipient_key.is_not(None))
        .outerjoin(
            station,
            sa.and_(station.c.partner == row.partner, station.c.county == row.county, station.c.name == row.station),
        )
        .where(row.list_id == stored.list_id, row.selected, _BY_STATION)
        .distinct()
        .order_by(row.county, row.partner, row.station)
    )
    stations = conn.execute(places).all()
    heads = [f"{STATION}:{partner}:{county}:{name}" for partner, county, name, has_key in stations if has_key]
    return OnRecord(
        (*(one.code for one in of_counties), *heads),
        len(people.keys() - {one.division for one in of_counties}),
        len(stations) - len(heads),
    )


def holds() -> sa.ColumnElement[bool]:
    """Whether the sheets of an export (`provision`) have a row of its list (`target_row`)."""
    facts = provision.c.recipient_facts
    theirs = sa.and_(
        target_row.c.partner == facts["partner"].astext, target_row.c.station == facts["station"].astext, _BY_STATION
    )
    return sa.and_(target_row.c.county == sa.any_(provision.c.counties), sa.or_(~facts.has_key("station"), theirs))


def _people(conn: sa.Connection, stored: Stored) -> dict[str, int]:
    counted = conn.execute(
        sa.select(target_row.c.county, sa.func.count())
        .where(target_row.c.list_id == stored.list_id, target_row.c.selected)
        .group_by(target_row.c.county)
    )
    return {county: count for county, count in counted if county}


def _of_division(conn: sa.Connection, stored: Stored, people: dict[str, int], code: str, today: date) -> Plan:
    row = conn.execute(sa.select(recipient).where(recipient.c.code == code)).one_or_none()
    if row is None:
        raise UsageError(f"there is no recipient {code}; see `talentpool reference list recipient`")
    if row.valid_until < today:
        raise UsageError(f"recipient {code} was valid until {row.valid_until}; check the key and set a new date")
    mine = tuple(county for county in sorted(people) if contains(row.division, county))
    if not mine:
        raise UsageError(
            f"recipient {code} receives people of {row.division}, and list {stored.list_id} has none there; "
            f"its counties: {', '.join(sorted(people)) or 'none'}"
        )
    count, key = sum(people[county] for county in mine), key_print(row.kind, row.public_key, today)
    return Plan(code, row.name, row.kind, row.public_key, row.password_by, mine, count, key)


def _of_station(conn: sa.Connection, settings: Settings, stored: Stored, code: str, today: date) -> Plan:
    partner, county, name = _named(code)
    of, row = station.c, target_row.c
    key = conn.scalar(
        sa.select(of.recipient_key).where(of.partner == partner, of.county == county, of.name == name)
    )  # fmt: skip
    if not key:
        raise UsageError(f"{code} has no key; set its recipient_key (`talentpool reference set station`)")
    try:
        check_public_key(STATION_KEY, key)
    except UsageError as error:
        raise UsageError(f"{code}: its recipient_key is not an age public key; set another one") from error
    here = (row.list_id == stored.list_id, row.selected, _BY_STATION)
    there = (row.partner == partner, row.county == county, row.station == name)
    people = conn.scalar(sa.select(sa.func.count()).where(*here, *there)) or 0
    if not people:
        raise UsageError(f"list {stored.list_id} has nobody whom {code} hands out to")
    said = f"{partner_names(settings, {partner}).get(partner, partner)} {name}"
    print_of_key = key_print(STATION_KEY, key, today)
    return Plan(code, said, STATION_KEY, key, None, (county,), people, print_of_key, (partner, name))


def _named(code: str) -> Iterator[str]:
    _, *place = code.split(":", 3)
    if len(place) < 3:
        raise UsageError(f"{code}: a station is named station:<partner>:<county>:<name>")
    return iter(place)
