"""The pool in figures: what was counted with the snapshot is what counting it again says, and each side is its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.guard import console_engine, scope_of, scoped
from talentpool.pool import city_counts, county_counts, snapshot
from talentpool.report import quality
from talentpool.services.desk.counts import dates, side_counts

HERE, THERE = "140425", "140403"
AS_OF = date(2026, 10, 31)


@pytest.fixture
def reader(office: Office) -> Iterator[sa.Engine]:
    """The pages' login, on a pool of two counties, one person in both, one who left, and an earlier month."""
    rows = [person(n, county=HERE if n % 3 else THERE) for n in range(1, 13)]
    office.deliver("2026-09-01", rows[:8])
    snapshot(office, date(2026, 9, 30))
    rows[5] |= {"left_on": "2026-09-20"}
    office.deliver("2026-10-01", rows)
    office.deliver("2026-10-01", [person(1, staff_no="P1", county=THERE)], partner="postal")
    snapshot(office, AS_OF)
    engine = console_engine(office.settings)
    yield engine
    engine.dispose()


def test_the_whole_area_is_what_counting_the_pool_says(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, scope_of("c", frozenset({"city_officer"}))) as conn:
        side = side_counts(conn, office.settings)
    page = quality(office).pool
    assert side is not None and page is not None
    with office.engine.connect() as conn:
        counted = city_counts(conn, side.snapshot_id)
    assert (side.people, side.youth) == (counted.people, counted.youth) == (11, page.youth)
    assert {line.code: line.people for line in side.by_seen.lines} == counted.by_county
    assert side.by_seen.overlap == counted.overlap == 1
    for ours, theirs in ((side.by_home, page.by_home), (side.by_partner, page.by_partner), (side.by_band, page.by_band),
                         (side.by_occupation, page.by_occupation), (side.by_seen, page.by_county)):  # fmt: skip
        assert ours == theirs and ours.lines
    assert side.left == page.left == 1
    assert side.several == page.several
    assert [(point.as_of, point.people) for point in side.trend] == [(date(2026, 9, 30), 8), (AS_OF, 11)]


def test_another_date_is_one_of_those_of_which_there_is_a_pool(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, scope_of("c", frozenset({"city_officer"}))) as conn:
        assert dates(conn) == [AS_OF, date(2026, 9, 30)]
        before = side_counts(conn, office.settings, as_of=date(2026, 9, 30))
        assert before is not None and (before.as_of, before.people) == (date(2026, 9, 30), 8)
        assert side_counts(conn, office.settings, as_of=date(2026, 9, 29)) is None


def test_a_county_reads_its_own_side_and_no_other_and_nobody_nothing(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, scope_of("h", frozenset({f"county_officer_{HERE}"}))) as conn:
        own = side_counts(conn, office.settings, HERE)
        assert side_counts(conn, office.settings, THERE) is None
        assert side_counts(conn, office.settings) is None
    assert own is not None
    with office.engine.connect() as conn:
        counted = county_counts(conn, own.snapshot_id, HERE)
    assert (own.people, own.served) == (counted.seen, counted.served)
    assert own.by_band.sum == own.by_occupation.sum == own.served
    assert own.by_home.lines == own.by_seen.lines == ()
    with scoped(reader, scope_of("a", frozenset({"auditor"}))) as conn:
        assert side_counts(conn, office.settings) is None
    with reader.connect() as conn:  # nobody said for whom
        assert side_counts(conn, office.settings) is None


def test_a_pool_that_was_there_before_is_counted_by_the_migration(office: Office, reader: sa.Engine) -> None:
    from talentpool.settings import INCLUDE

    def counts() -> list[tuple]:
        """But for what releases after that migration count."""
        return [
            row
            for row in office.ask("select * from pool_count order by 1, 2, 3, 4")
            if not {"suspended", "several"} & set(row)
        ]

    before = counts()
    assert len(before) > 20
    counting = (INCLUDE / "migrations" / "versions" / "0009_console.sql").read_text(encoding="utf-8")
    with office.engine.begin() as conn:
        conn.execute(sa.text("delete from pool_count"))
        for number in conn.scalars(sa.text("select snapshot_id from pool_snapshot")).all():
            conn.execute(sa.text(counting), {"snapshot_id": number})
    assert counts() == before
