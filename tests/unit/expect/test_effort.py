"""The audit of a large snapshot looks at its rows a few times, not once for every record there is."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from rosters import Office, person, write_template
from talentpool.acquire import acquire
from talentpool.conform import conform
from talentpool.database import connect
from talentpool.expect import expect
from talentpool.model import STAGING_SCHEMA
from talentpool.office import Office as Working

ROWS = 3_000
LOOKS = 60


def test_whom_a_snapshot_does_not_name_is_found_by_a_join_also_in_little_memory(office: Office) -> None:
    people = [person(number) for number in range(1, ROWS + 1)]
    assert office.deliver("2026-09-30", people).status == "published"
    path = write_template(office.folder / "next.csv", people[:-5])
    settings, partner = office.settings, office.partner()
    landed = acquire(
        Working(office.engine, settings, office.keys), partner, file=path, as_of=date(2026, 10, 31), kind="full"
    )  # fmt: skip
    assert landed is not None
    conform(Working(office.engine, settings, office.keys), partner, landed.delivery_id)
    with office.engine.begin() as conn:
        name = conn.scalar(sa.text("select quote_ident(current_database())"))
        # as a million rows are to the memory a query usually has
        conn.exec_driver_sql(f"alter database {name} set work_mem = '64kB'")
        conn.exec_driver_sql(f"alter database {name} set hash_mem_multiplier = 1")
    little = connect(settings)
    little.dispose()
    assert expect(Working(little, settings), partner, landed.delivery_id).status == "audited"
    little.dispose()  # what a connection read is counted when it ends
    read = office.one(
        "select seq_tup_read from pg_stat_user_tables where schemaname = :schema and relname = :table",
        schema=STAGING_SCHEMA,
        table=f"delivery_{landed.delivery_id}",
    )
    assert ROWS <= read < LOOKS * ROWS
