"""Campaigns as tests of something else want them: of which nobody has to approve anything."""

from __future__ import annotations

from pathlib import Path

from talentpool.declare import Campaign, load_campaign
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
