"""What an auditor finds in the log, and what stands out in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from rosters import Office
from talentpool.guard import audit, console_engine, scope_of, scoped
from talentpool.office_day import OFFICE_TIME
from talentpool.services.desk.log import (
    MANY_MISSES,
    MANY_MISSES_IN_ALL,
    MANY_PEOPLE,
    MANY_REVEALS,
    Asked,
    search_log,
    unusual,
)

AUDITOR = scope_of("auditor", frozenset({"auditor"}))


@pytest.fixture
def reader(office: Office) -> Iterator[sa.Engine]:
    """Somebody reveals often, somebody else goes through a whole county, a third works as one does."""
    with office.engine.begin() as conn:
        for _ in range(MANY_REVEALS):
            audit(conn, "reveal", "person:one", actor="often", reason="contact: 电话联系")
        for _ in range(MANY_PEOPLE):
            audit(conn, "view", f"person:{uuid4()}", actor="scanner")
        audit(conn, "view", "person:one", actor="usual")
        audit(conn, "decision", "delivery:1", actor="usual")
    engine = console_engine(office.settings)
    yield engine
    engine.dispose()


def test_what_is_unusual_is_named_with_who_and_how_often(office: Office, reader: sa.Engine) -> None:
    today = datetime.now(OFFICE_TIME).date()
    with scoped(reader, AUDITOR) as conn:
        found = {(one.actor, one.what): one.count for one in unusual(conn, today)}
    assert found["often", "reveals"] == MANY_REVEALS and found["scanner", "scan"] == MANY_PEOPLE
    by_day = {key: count for key, count in found.items() if key[1] != "night"}
    assert set(by_day) == {("often", "reveals"), ("scanner", "scan")}


@pytest.mark.parametrize(("since", "until", "who"), [(0, 0, {"often", "scanner", "usual"}), (24, 0, set())])
def test_looks_in_the_hours_of_the_night_are_named(
    reader: sa.Engine, monkeypatch: pytest.MonkeyPatch, since: int, until: int, who: set[str]
) -> None:
    """Where every hour is night, and where none is: by whatever clock this test runs."""
    monkeypatch.setattr("talentpool.services.desk.log.NIGHT_FROM", since)
    monkeypatch.setattr("talentpool.services.desk.log.NIGHT_TO", until)
    with scoped(reader, AUDITOR) as conn:
        found = unusual(conn, datetime.now(OFFICE_TIME).date())
    assert {one.actor for one in found if one.what == "night"} == who


def test_the_log_is_searched_by_whom_by_what_and_by_day(office: Office, reader: sa.Engine) -> None:
    today = datetime.now(OFFICE_TIME).date()
    near = {"since": today - timedelta(days=1), "until": today + timedelta(days=1)}
    with scoped(reader, AUDITOR) as conn:
        assert {row.actor for row in search_log(conn, Asked(subject="person:one"))} == {"often", "usual"}
        assert len(search_log(conn, Asked(actor="usual", action="view", **near))) == 1
        assert search_log(conn, Asked(until=today - timedelta(days=2))) == []
        everything = search_log(conn, Asked())
        assert [row.seq for row in everything] == sorted((row.seq for row in everything), reverse=True)


def test_a_countys_officer_reads_in_the_log_what_is_of_the_own_county_or_doing(
    office: Office, reader: sa.Engine
) -> None:
    with scoped(reader, scope_of("usual", frozenset({"county_officer_140425"}))) as conn:
        assert {row.actor for row in search_log(conn, Asked())} == {"usual"}


@pytest.mark.parametrize(
    ("misses", "named"),
    [(MANY_MISSES - 1, set()), (MANY_MISSES, {"misses"}), (MANY_MISSES_IN_ALL, {"misses", "guesses"})],
)
def test_who_tries_numbers_is_named(office: Office, reader: sa.Engine, misses: int, named: set[str]) -> None:
    """Hits, names and what was no number are not misses."""
    with office.engine.begin() as conn:
        for at in range(misses):
            subject = "search:document" if at % 2 else "search:mobile"
            audit(conn, "search", subject, actor="tries", details={"people": 0, "usable": True})
        for _ in range(MANY_MISSES_IN_ALL):
            audit(conn, "search", "search:document", actor="finds", details={"people": 1, "usable": True})
            audit(conn, "search", "search:document", actor="slips", details={"people": 0, "usable": False})
            audit(conn, "search", "search:name", actor="names", details={"people": 0, "usable": True})
    with scoped(reader, AUDITOR) as conn:
        found = unusual(conn, datetime.now(OFFICE_TIME).date())
    assert {one.what for one in found if one.actor == "tries"} - {"night"} == named
    assert {one.what for one in found if one.actor in ("finds", "slips", "names")} <= {"night"}
