"""Campaigns as tests of something else want them: of which nobody has to approve anything, or whose lists are approved."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from talentpool.campaigns import Approver, decide
from talentpool.declare import Campaign, load_campaign
from talentpool.model import list_step
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.settings import Settings


def unapproved(settings: Settings, code: str = "warm_winter", *, oldest: int = 35) -> Campaign:
    """The shipped campaign without its approvals. `oldest`: who is on it; the people of rosters.py are 40."""
    shipped = load_campaign(settings.campaign_dirs, code).model_copy(update={"approvals": (), "large": None})
    if oldest == 35:
        return shipped
    ages = shipped.eligibility["age"].model_copy(update={"max": oldest})
    return shipped.model_copy(update={"eligibility": {**shipped.eligibility, "age": ages}})


def unapproved_folder(settings: Settings, folder: Path, code: str = "warm_winter") -> Path:
    """A folder with the shipped campaign's file in which `approvals: none` stands, for the command line."""
    shipped = next(path / f"{code}.yml" for path in settings.campaign_dirs if (path / f"{code}.yml").is_file())
    lines = shipped.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        "approvals: none\n" if line.startswith("approvals:") else line
        for line in lines
        if not line.startswith("large:")
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{code}.yml").write_text("".join(kept), encoding="utf-8")
    return folder


def approve_open(office: Office) -> int:
    """Whatever approvals are missing, given by somebody of each role: counties first. How many they were."""
    today, of = today_in_office(office.settings), list_step.c
    with office.engine.connect() as conn:
        query = sa.select(of.list_id, of.role, of.county).where(of.approved_by.is_(None))
        found = conn.execute(query.order_by(of.list_id, of.number)).all()
    for step in found:
        role = f"{step.role}_{step.county}" if step.county else step.role
        name = role.replace("county_officer", "county")
        decide(office, step.list_id, Approver(name, frozenset({role})), today=today, county=step.county)
    return len(found)
