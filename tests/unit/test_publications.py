"""What a partner's published deliveries amount to, for all who ask."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from databases import no_tables
from talentpool.deliveries.publications import goes_to_history, newest_roster, newest_rosters, newest_seq

TABLE = """
create temporary table delivery (partner text, state text, effect text, as_of date, publish_seq bigint);
insert into delivery values
    ('sf', 'published', 'live', '2026-09-30', 1), ('sf', 'published', 'live', '2026-10-31', 2),
    ('sf', 'published', 'history', '2026-08-31', 4), ('sf', 'held', 'none', '2026-11-30', null),
    ('didi', 'published', 'live', '2026-11-30', 3), ('meituan', 'rejected', 'none', '2026-10-31', null);
"""


@pytest.fixture(scope="module")
def conn(server_url: str):
    with no_tables(server_url) as conn:
        conn.exec_driver_sql(TABLE)
        yield conn


@pytest.mark.parametrize(
    ("partner", "newest", "seq"), [("sf", date(2026, 10, 31), 4), ("didi", date(2026, 11, 30), 3), ("meituan", None, 0)]
)
def test_what_is_live_and_what_was_published_last(
    conn: sa.Connection, partner: str, newest: date | None, seq: int
) -> None:
    assert conn.execute(sa.select(newest_roster(partner), newest_seq(partner))).one() == (newest, seq)
    each = newest_rosters()
    assert conn.scalar(sa.select(each.c.as_of).where(each.c.partner == partner)) == newest


def test_a_partner_may_be_a_column_of_the_query_around_it(conn: sa.Connection) -> None:
    named = sa.values(sa.column("partner", sa.Text), name="named").data([("didi",), ("meituan",)])
    found = conn.execute(sa.select(named.c.partner, newest_roster(named.c.partner)).order_by(named.c.partner)).all()
    assert found == [("didi", date(2026, 11, 30)), ("meituan", None)]


@pytest.mark.parametrize(
    ("partner", "as_of", "past"),
    [
        ("sf", "2026-10-30", True),
        ("sf", "2026-10-31", False),
        ("sf", "2026-11-01", False),
        ("meituan", "2020-01-31", False),
    ],
)
def test_only_a_roster_older_than_the_live_records_goes_to_history(
    conn: sa.Connection, partner: str, as_of: str, past: bool
) -> None:
    assert goes_to_history(conn, partner, date.fromisoformat(as_of)) is past
