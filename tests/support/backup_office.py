"""A small office with a roster in it that backs itself up, for the tests of backup and restore."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from rosters import Office, person
from talentpool.database import connect
from talentpool.load import digest
from talentpool.services.backup import Taken, backup, identities, recipients
from talentpool.services.backup.take import What
from talentpool.settings import Settings

PEOPLE = 12


@dataclass
class Kept:
    """An office, where its backups lie, and who opens them."""

    office: Office
    out: Path
    identity: Path
    recipient: str

    def back_up(self, what: What = "all", out: Path | None = None, airflow_url: str | None = None) -> Taken:
        office = self.office
        return backup(
            office, out or self.out, what=what,
            recipients=recipients(office.settings, [self.recipient]), airflow_url=airflow_url,
        )  # fmt: skip

    @property
    def opening(self) -> list:
        return identities(self.office.settings, [self.identity], None)

    @property
    def digest(self) -> str:
        return digest(self.office.engine)


def make_office(url: str, home: Path) -> Office:
    """A production deployment with its own keys and PEOPLE on a roster."""
    # demo for the keys' sake only: they are made on first use
    settings = Settings(database_url=url, home=home, profile="demo")
    office = Office(connect(settings), settings, home)
    assert office.deliver("2026-09-30", [person(n) for n in range(PEOPLE)]).status == "published"
    return office


def tables(settings: Settings) -> list[str]:
    """What stands in a database, in any schema of ours."""
    assert settings.database_url is not None
    engine = sa.create_engine(settings.database_url, poolclass=sa.NullPool)
    with engine.connect() as conn:
        return list(
            conn.scalars(
                sa.text(
                    "select schemaname || '.' || tablename from pg_tables where schemaname in ('public', 'staging')"
                )
            )
        )
