"""Alembic makes exactly the tables of model/, seeds the reference tables, and is safe to run twice at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from talentpool.database import migrate
from talentpool.model import metadata


def test_the_migrated_database_is_what_the_model_says(engine: sa.Engine) -> None:
    with engine.connect() as conn:
        found = compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata)
    assert [difference for difference in found if _of_substance(difference)] == []


def _of_substance(difference: tuple | list) -> bool:
    """Comments may be reworded without a migration; alembic's own table is not in the model."""
    first = difference[0]
    if isinstance(first, tuple):
        return first[0] != "modify_comment"
    return not (first == "remove_table" and difference[1].name == "alembic_version")


def test_reference_tables_are_seeded(engine: sa.Engine) -> None:
    with engine.connect() as conn:
        counts = {
            name: conn.scalar(sa.select(sa.func.count()).select_from(metadata.tables[name]))
            for name in ("division", "occupation", "holiday", "notice")
        }
        successor = conn.scalar(sa.text("select successor_code from division where code = '140424'"))
        counties = conn.scalar(
            sa.text(
                "select count(*) from division where parent_code = '140400' and level = 'county' and status = 'current'"
            )
        )
    assert all(counts.values())
    assert successor == "140405"
    assert counties == 12


def test_migrating_from_several_processes_at_once_is_safe(server_url: str) -> None:
    admin = sa.create_engine(sa.make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text("drop database if exists twice with (force)"))
        conn.execute(sa.text("create database twice template template0"))
    engine = sa.create_engine(sa.make_url(server_url).set(database="twice"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate(engine), range(4)))
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from alembic_version")) == 1
    engine.dispose()
    with admin.connect() as conn:
        conn.execute(sa.text("drop database twice with (force)"))
    admin.dispose()
