"""Find declaration files: the folder or file is named by the code that it declares."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from talentpool.declare.base import read_declaration
from talentpool.declare.campaign import Campaign
from talentpool.declare.pool import PoolRules
from talentpool.errors import DeclarationError


def partner_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Partner code -> its partner.yml, by code; the folder's name is the code."""
    return {p.parent.name: p for folder in folders for p in sorted(folder.glob("*/partner.yml"))}


def campaign_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Campaign code -> its YAML; the file's stem is the code."""
    return {p.stem: p for folder in folders for p in sorted(folder.glob("*.yml"))}


def load_campaign(folders: Iterable[Path], code: str) -> Campaign:
    """The campaign `code`; DeclarationError lists the known ones."""
    return load_named(campaign_files(folders), code, Campaign, "campaign")


def readable_campaigns(folders: Iterable[Path]) -> tuple[list[Campaign], dict[str, str]]:
    """Every campaign by its code; and code -> what is wrong with a declaration that cannot be read."""
    found, broken = [], {}
    folders = list(folders)
    for code in campaign_files(folders):
        try:
            found.append(load_campaign(folders, code))
        except DeclarationError as error:
            broken[code] = str(error)
    return found, broken


def load_named(files: dict[str, Path], code: str, model: type[Any], what: str) -> Any:
    """The declaration `code` of some files; DeclarationError lists the known ones, or says what is wrong."""
    if code not in files:
        raise DeclarationError(f"no {what} {code!r}; known: {', '.join(sorted(files)) or 'none'}")
    declaration = read_declaration(files[code], model)
    if declaration.code != code:
        raise DeclarationError(f"{files[code]}: field code: is {declaration.code!r}, its place says {code!r}")
    return declaration


def load_pool_rules(include: Path) -> PoolRules:
    """include/pool.yml."""
    rules: PoolRules = read_declaration(include / "pool.yml", PoolRules)
    return rules
