"""A database that the first release made, with people in it, comes to the newest schema and says the same.

tests/upgrade/revision_0001.sql was written by the code of that release (make_revision_0001.py), so it is not what
today's migrations would make of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from databases import fresh
from rosters import Office, person
from talentpool.database import initialise, migrations
from talentpool.guard import open_keys, open_personal
from talentpool.load import digest, digest_of
from talentpool.model import consent_end, use_stop
from talentpool.office import Office as Working
from talentpool.services.backup import backup, identities, recipients, restore
from talentpool.settings import Settings

UPGRADE = Path(__file__).resolve().parents[1] / "upgrade"
FIRST: dict[str, Any] = json.loads((UPGRADE / "revision_0001.json").read_text(encoding="utf-8"))


FACTS: dict[date | None, str] = {}
"""Digest of the old database as it stands before any migration, by date."""
DAYS = (None, date(2026, 8, 31), date(2026, 9, 30))


@pytest.fixture
def old(server_url: str, tmp_path: Path) -> Iterator[Settings]:
    """A deployment as the first release left it: its database and its keys."""
    home = tmp_path / "old"
    (home / "keys").mkdir(parents=True)
    for name, key in FIRST["keys"].items():
        (home / "keys" / f"{name}.key").write_text(key, encoding="ascii")
    with fresh(server_url) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as conn:
            conn.execute(sa.text("drop schema public"))
            driver = conn.connection.driver_connection
            assert driver is not None
            driver.execute("create schema public")
            driver.execute((UPGRADE / "revision_0001.sql").read_text(encoding="utf-8"))
        with engine.connect() as conn:
            assert conn.scalar(sa.text("select version_num from public.alembic_version")) == FIRST["revision"] == "0001"
            assert conn.scalar(sa.text("select count(*) from public.source_record")) > 10
            conn.execute(sa.text("set search_path = public"))
            before = conn.begin_nested()
            # a state of the past is asked for with what a person decided, which nobody could do then
            conn.execute(sa.text("alter table delivery add column decided text"))
            # and with whose consent had ended, which nobody put down
            conn.execute(sa.schema.CreateTable(consent_end))
            conn.execute(sa.schema.CreateTable(use_stop))
            FACTS.update({day: digest_of(conn, day) for day in DAYS})
            before.rollback()
        yield Settings(database_url=url, home=home, profile="demo")


def test_the_first_releases_database_goes_to_the_newest_schema_and_keeps_its_digests(old: Settings) -> None:
    engine = initialise(old)
    with engine.connect() as conn:
        revision = conn.scalar(sa.text("select version_num from alembic_version"))
        decided = conn.scalar(sa.text("select decided from delivery where delivery_id = 2"))
        counts = {row.delivery_id: row.reasons | row.notes for row in conn.execute(
            sa.text("select delivery_id, reasons, notes from delivery"))}  # fmt: skip
        kept = conn.execute(sa.text("select delivery_id, rule, failed from rule_result where engine = 'record'")).all()
        estimates = set(conn.scalars(sa.text("select dimension || exact from dimension_score")))
    assert revision == migrations()[1].get_current_head() != "0001"
    assert {day: digest(engine, day) for day in DAYS} == FACTS
    assert len(set(FACTS.values())) == len(DAYS)
    assert decided == "all"
    assert kept and all(counts[number][rule] == failed for number, rule, failed in kept), "what is on record, as it is"
    assert estimates == {f"{name}false" for name in ("规范性", "准确性", "一致性", "时效性", "唯一性")}
    engine.dispose()


def test_what_the_first_release_sealed_opens(old: Settings) -> None:
    engine = initialise(old)
    with engine.connect() as conn:
        rows = conn.execute(sa.text("select record_id, staff_no from source_record where partner = 'didi'")).all()
        numbers = {row.record_id: row.staff_no for row in rows}
        opened = open_personal(conn, open_keys(old, engine), list(numbers))
    assert len(opened) > 10
    assert {numbers[record]: person.name for record, person in opened.items()} == FIRST["names"]
    engine.dispose()


def test_an_upgraded_deployment_takes_the_next_roster(old: Settings, tmp_path: Path) -> None:
    office = Office(initialise(old), old, tmp_path)
    outcome = office.deliver("2026-11-20", [person(n) for n in range(17)])
    assert (outcome.status, outcome.effect) == ("published", "live")
    assert office.one("select count(*) from source_record where partner = 'didi' and status = 'active'") == 17
    office.engine.dispose()


def test_a_backup_by_the_upgraded_release_holds_the_old_facts(old: Settings, server_url: str, tmp_path: Path) -> None:
    engine = initialise(old)
    backup(Working(engine, old, open_keys(old, engine)), tmp_path / "b", what="all", recipients=recipients(old, []))
    engine.dispose()
    with fresh(server_url) as url:
        there = Settings(database_url=url, home=tmp_path / "there", profile="demo")
        assert restore(there, tmp_path / "b", identities(old, [], None)).digest == FACTS[None]
