"""Check whether the reference tables are fit for use: between rows, and against what is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from talentpool.acquire import load_partner
from talentpool.declare import campaign_files, load_campaign, partner_files
from talentpool.declare.occasion import years_with_a_table
from talentpool.errors import UsageError
from talentpool.model import notice
from talentpool.office import Office
from talentpool.reference.rules import Finding, Tables, current_divisions, findings
from talentpool.reference.sheet import read_columns
from talentpool.reference.store import read_all
from talentpool.reference.tables import State
from talentpool.reference.usage import stale
from talentpool.settings import Settings

ALERT_FROM_MONTH = 11
"""The State Council's notice for the next year comes out in autumn; from November on its absence is an alert."""

CODE_TITLES = ("code", "代码", "行政区划代码", "区划代码")
NAME_TITLES = ("name", "名称", "单位名称", "行政区划名称", "区划名称")


def check(office: Office, today: date, official: Path | None = None) -> list[Finding]:
    """Findings, none when all is well. `official` is a CSV of codes and names as published for the province.

    DeclarationError when a partner or campaign file is broken, UsageError when `official` cannot be read.
    """
    with office.engine.begin() as conn:
        conn.execute(sa.text("set transaction isolation level repeatable read read only"))
        tables = read_all(conn)
        used = list(stale(conn, tables))
    return [
        *findings(tables, frozenset(partner_files(office.settings.partner_dirs))),
        *used,
        *_area(tables["division"], office.settings.area),
        *_holidays(tables["holiday"], today),
        *_declared(tables, office.settings),
        *(_official(tables["division"], official) if official else ()),
    ]


def not_yet_lawful(office: Office) -> dict[str, str]:
    """Campaign -> its purpose, where no notice names it: nobody can be on its list. Nothing to put right, but to be decided."""
    with office.engine.connect() as conn:
        purposes = set(conn.scalars(sa.select(notice.c.purpose)))
    folders = office.settings.campaign_dirs
    declared = {code: load_campaign(folders, code).purpose for code in campaign_files(folders)}
    return {code: purpose for code, purpose in declared.items() if purpose not in purposes}


def _area(divisions: State, area: str) -> Iterator[Finding]:
    if area not in current_divisions(divisions):
        yield Finding("division", "area_missing", (area,), "the area of this deployment is not a current division")


def _holidays(holidays: State, today: date) -> Iterator[Finding]:
    years = years_with_a_table(date.fromisoformat(key[0]) for key in holidays)
    wanted = [today.year, today.year + 1] if today.month >= ALERT_FROM_MONTH else [today.year]
    for year in wanted:
        if year not in years:
            yield Finding(
                "holiday",
                "year_missing",
                (str(year),),
                "the table lacks this year (its New Year's Day); import them from the State Council's notice "
                "(`talentpool reference import holiday F.csv`)",
            )


def _declared(tables: Tables, settings: Settings) -> Iterator[Finding]:
    """What partners say that the tables must know."""
    for code in partner_files(settings.partner_dirs):
        default = load_partner(settings.partner_dirs, code).default_occupation
        if (default,) not in tables["occupation"]:
            text = f"partner {code} has it as default_occupation and the table lacks it"
            yield Finding("occupation", "default_missing", (default,), text)


def _official(divisions: State, path: Path) -> Iterator[Finding]:
    """Current divisions held against an official export, inside the provinces that the table speaks of."""
    ours = {code: row["name"] for code, row in current_divisions(divisions).items()}
    provinces = {code[:2] for code in ours}
    theirs = {code: name for code, name in _published(path) if code[:2] in provinces}
    if not theirs:
        raise UsageError(f"{path.name} holds no division of the province; is it the right export?")
    for code in sorted(theirs.keys() | ours.keys()):
        if code not in ours:
            yield Finding("division", "official_new", (code, theirs[code]), "published, and not current here")
        elif code not in theirs:
            yield Finding("division", "official_gone", (code, ours[code]), "current here, and not published")
        elif ours[code] != theirs[code]:
            text = f"published under the name {theirs[code]}"
            yield Finding("division", "official_name", (code, ours[code]), text)


def _published(path: Path) -> Iterator[tuple[str, str]]:
    for where, code, name in read_columns(path, CODE_TITLES, NAME_TITLES):
        if not re.fullmatch(r"\d{6}(0{6})?", code):
            raise UsageError(f"{where}a division code has six digits")
        yield code[:6], name
