"""The version of a record that holds on a date: one rule, tried at both ends of every version."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from databases import no_tables
from talentpool.deliveries.record_versions import valid_on
from talentpool.model import source_record, source_record_history

RECORD = "00000000-0000-0000-0000-000000000001"
TABLES = f"""
create temporary table source_record (record_id uuid, valid_from date, county text);
create temporary table source_record_history (record_id uuid, valid_from date, valid_to date, county text);
insert into source_record values ('{RECORD}', '2026-10-31', 'live');
insert into source_record_history values
    ('{RECORD}', '2026-07-31', '2026-08-31', 'first'), ('{RECORD}', '2026-08-31', '2026-09-30', 'second'),
    ('{RECORD}', '2026-09-15', '2026-10-31', 'came late');
"""


@pytest.fixture(scope="module")
def conn(server_url: str):
    """The tables, as far as the rule reads them."""
    with no_tables(server_url) as conn:
        conn.exec_driver_sql(TABLES)
        yield conn


@pytest.mark.parametrize(
    ("day", "county"),
    [
        ("2026-07-30", None), ("2026-07-31", "first"), ("2026-08-30", "first"), ("2026-08-31", "second"),
        ("2026-09-14", "second"), ("2026-09-15", "came late"), ("2026-10-30", "came late"), ("2026-10-31", "live"),
        ("2030-01-01", "live"),
    ],
)  # fmt: skip
def test_the_version_that_began_last_of_those_that_hold(conn: sa.Connection, day: str, county: str | None) -> None:
    live, past = (
        sa.select(table.c.record_id, table.c.valid_from, table.c.county)
        for table in (source_record, source_record_history)
    )
    found = conn.execute(sa.select(valid_on(date.fromisoformat(day), live, past).c.county)).scalars().all()
    assert found == ([county] if county else [])
