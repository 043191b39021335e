"""A deployment as the doctor sees it: in the demo, or as one that calls itself production."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rosters import Office
from talentpool.office import Office as Working
from talentpool.services.doctor import Examination, Finding, examine
from talentpool.settings import Settings

TODAY = date(2026, 10, 5)


def see(office: Office, settings: Settings | None = None, today: date = TODAY) -> Examination:
    return examine(Working(office.engine, settings or office.settings, office.keys), today)


def of(found: Examination, check: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.check == check]


def grown_up(office: Office, folder: Path, **more: object) -> Settings:
    """Settings of a deployment that calls itself production."""
    facts = {
        "database_url": office.settings.database_url, "home": office.settings.home, "keys": office.settings.keys_dir,
        "profile": "production", "audit_heads": folder / "elsewhere" / "heads.jsonl",
    }  # fmt: skip
    return Settings(**(facts | more))  # type: ignore[arg-type]
