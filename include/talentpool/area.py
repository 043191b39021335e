"""Read the deployment's area from its division code: a province, a prefecture or one county, with its counties.

With one county the two levels of the pool are one. In a province names of counties repeat (城区 is in two
prefectures), so there a county is named together with its prefecture.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from talentpool.model import division

Level = Literal["province", "prefecture", "county"]


def level(area: str) -> Level:
    if area.endswith("0000"):
        return "province"
    return "prefecture" if area.endswith("00") else "county"


def contains(area: str, county: str) -> bool:
    """Whether a county code lies in the area."""
    significant = {"province": 2, "prefecture": 4, "county": 6}[level(area)]
    return county[:significant] == area[:significant]


def prefecture(county: str) -> str:
    """The code of the prefecture a county code belongs to."""
    return f"{county[:4]}00"


@dataclass(frozen=True)
class County:
    """A county as shipped. `successor`: the code of today's county when this one is abolished and has one."""

    code: str
    name: str
    prefecture: str
    current: bool
    successor: str = ""


@cache
def shipped(reference: Path) -> tuple[County, ...]:
    """Every county of the shipped table of divisions, today's and abolished ones, by code."""
    with (reference / "shanxi_divisions.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            County(
                row["code"], row["name"], row["parent_name"], row["status"] == "current",
                row["successor_codes"] if row["successor_codes"].isdigit() else "",
            )
            for row in csv.DictReader(lines)
            if row["level"] == "county"
        )  # fmt: skip


def counties(reference: Path, area: str) -> dict[str, str]:
    """Today's counties of the area as shipped, by code: code -> name."""
    return {county.code: county.name for county in shipped(reference) if county.current and contains(area, county.code)}


def unambiguous(found: Iterable[County]) -> dict[str, str]:
    """Code -> a name that fits one of these counties only: its own, or with its prefecture's before it."""
    known = list(found)
    often = Counter(county.name for county in known)
    return {c.code: c.name if often[c.name] == 1 else f"{c.prefecture}{c.name}" for c in known}


def county_names(conn: sa.Connection, area: str) -> dict[str, str]:
    """Today's counties of the division table, by code, as officers of the area call them."""
    of = division.alias()
    rows = conn.execute(
        sa.select(division.c.code, division.c.name, of.c.name.label("prefecture"))
        .outerjoin(of, sa.and_(of.c.code == division.c.parent_code, of.c.status == "current"))
        .where(division.c.status == "current", division.c.level == "county")
        .order_by(division.c.code)
    )
    whole = level(area) == "province"
    return {row.code: f"{row.prefecture or ''}{row.name}" if whole else row.name for row in rows}


def current_counties(conn: sa.Connection, area: str) -> frozenset[str]:
    """Codes of the area's counties that the division table has as today's."""
    today = sa.select(division.c.code).where(division.c.status == "current", division.c.level == "county")
    return frozenset(code for code in conn.scalars(today) if contains(area, code))


def prefecture_names(conn: sa.Connection) -> dict[str, str]:
    """Today's prefectures, by code: code -> name."""
    current = sa.select(division.c.code, division.c.name).where(
        division.c.status == "current", division.c.level == "prefecture"
    )
    return {row.code: row.name for row in conn.execute(current.order_by(division.c.code))}


def division_name(conn: sa.Connection, code: str) -> str:
    """Today's name of any division; its code when there is none."""
    named = sa.select(division.c.name).where(division.c.code == code, division.c.status == "current").limit(1)
    return conn.scalar(named) or code
