"""A fault of the database or of the moment is no verdict: the delivery stays unjudged and is tried again, and ends well."""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from patience import until
from rosters import TODAY, Office, person, write_template
from talentpool import flow
from talentpool.acquire import acquire
from talentpool.conform import conform
from talentpool.database import initialise
from talentpool.errors import StaleStageError, UnavailableError
from talentpool.expect import Counting, count_flags, expect, run_suite
from talentpool.expect.rules import STAGING_CHECKS
from talentpool.expect.suite import Audited
from talentpool.load import publish
from talentpool.settings import Settings

ROWS = [*(person(n) for n in range(1, 9)), person(9, name="")]
Act = Callable[[sa.Connection, int], object]


@pytest.fixture
def staged(office: Office) -> int:
    """A conformed delivery, before its audit."""
    path = write_template(office.folder / "roster.csv", ROWS)
    landed = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31))
    assert landed is not None
    conform(office, office.partner(), landed.delivery_id)
    return landed.delivery_id


def meanwhile(act: Act, *, after: bool = False) -> Counting:
    """Great Expectations; the first time, before it counts or after, something happens at the server."""
    acts = [act]

    def happen(engine: sa.Engine, delivery_id: int) -> None:
        with sa.create_engine(engine.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as conn:
            while acts:
                acts.pop()(conn, delivery_id)

    def count(engine: sa.Engine, delivery_id: int, *, rows: int, partner: str) -> Audited:
        if not after:
            happen(engine, delivery_id)
        found = run_suite(engine, delivery_id, rows=rows, partner=partner)
        if after:
            happen(engine, delivery_id)
        return found

    return count


def stands(office: Office, delivery_id: int) -> tuple[Any, ...]:
    return office.ask("select state, reasons, message from delivery where delivery_id = :id", id=delivery_id)[0]


def ended_well(office: Office, delivery_id: int) -> None:
    """As if nothing had been."""
    assert stands(office, delivery_id) == ("published", {"name_empty": 1}, None)
    assert office.one("select count(*) from source_record") == len(ROWS) - 1


def answers(url: sa.URL) -> bool:
    try:
        sa.create_engine(url, poolclass=sa.NullPool).connect().close()
    except sa.exc.OperationalError:
        return False
    return True


def killed(conn: Any) -> None:
    """The connection that counts ends, as at a restart of the server or by an administrator."""
    conn.execute("select pg_terminate_backend(pg_backend_pid())")


def out_of_time(conn: Any) -> None:
    conn.execute("set statement_timeout = '20ms'")
    conn.execute("select pg_sleep(1)")


def deadlocked(conn: Any) -> None:
    conn.execute("do $$ begin raise exception using errcode = 'deadlock_detected'; end $$")


def full(conn: Any) -> None:
    conn.execute("do $$ begin raise exception using errcode = 'disk_full'; end $$")


MOMENTS = {
    "the table is looked for": "SELECT 1", "flags are counted": 'AS "column.sum"', "flags are raised": "create unlogged table",
    "a predicate that cannot run is looked for": "select count(*) from (",
}  # fmt: skip


@pytest.mark.parametrize("fault", [killed, out_of_time, deadlocked, full])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_fault_of_the_database_is_no_verdict_and_the_roster_is_judged_when_it_is_over(
    office: Office, staged: int, monkeypatch: pytest.MonkeyPatch, moment: str, fault: Callable[[Any], None]
) -> None:
    begin, struck = psycopg.Cursor.execute, []

    def execute(self: Any, query: Any, *given: Any, **named: Any) -> Any:
        if MOMENTS[moment] in str(query):
            struck.append(query)
            fault(self.connection)
        return begin(self, query, *given, **named)

    with monkeypatch.context() as meantime:
        meantime.setattr(psycopg.Cursor, "execute", execute)
        if "cannot run" in moment:
            meantime.setitem(STAGING_CHECKS, "cannot run", "no_such_column = 1")
        with pytest.raises((UnavailableError, sa.exc.OperationalError)):
            expect(office, office.partner(), staged)
    assert struck
    assert stands(office, staged) == ("staged", {}, None)
    flow.finish(office, office.partner(), staged)
    ended_well(office, staged)


def test_what_great_expectations_cannot_count_is_no_verdict_either(
    office: Office, staged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the library's own, or of how we use it: the rules have run by then."""
    core = importlib.import_module("great_expectations.execution_engine").SqlAlchemyExecutionEngine
    with monkeypatch.context() as meantime:
        meantime.setattr(core, "resolve_metric_bundle", lambda *_, **__: {}["no such metric"])
        with pytest.raises(UnavailableError, match=r"could not be counted \(\w+Error\); not judged"):
            expect(office, office.partner(), staged)
    assert stands(office, staged) == ("staged", {}, None)


@pytest.mark.parametrize(
    ("act", "after"),
    [
        ("truncate staging.flags_{id}", False),
        ("drop table staging.flags_{id}", False),
        ("delete from staging.flags_{id} where row_no = 2", False),
        ("update staging.flags_{id} set name_empty = 0; truncate staging.delivery_{id}", False),
        ("truncate staging.delivery_{id}, staging.verdict_{id}", True),
        ("drop table staging.delivery_{id}, staging.verdict_{id}", True),
        ("delete from staging.delivery_{id} where row_no = 2", True),
    ],
)
def test_what_was_staged_and_is_gone_is_staged_again(office: Office, staged: int, act: str, after: bool) -> None:
    def at_the_server(conn: sa.Connection, delivery_id: int) -> None:
        conn.exec_driver_sql(act.format(id=delivery_id))

    with pytest.raises(StaleStageError):
        expect(office, office.partner(), staged, count=meanwhile(at_the_server, after=after))
    assert stands(office, staged) == ("staged", {}, None)
    flow.finish(office, office.partner(), staged, count=meanwhile(at_the_server, after=after))
    ended_well(office, staged)


def test_another_runs_stage_is_not_judged_by_what_was_counted_before(office: Office, staged: int) -> None:
    def stage_again(_: sa.Connection, delivery_id: int) -> None:
        conform(office, office.partner(), delivery_id)

    with pytest.raises(StaleStageError, match="another run"):
        expect(office, office.partner(), staged, count=meanwhile(stage_again, after=True))
    assert stands(office, staged) == ("staged", {}, None)


@pytest.mark.parametrize(
    "corruption", ["delete from {t} where row_no = 8", "insert into {t} select * from {t} where row_no = 9"]
)
def test_other_rows_than_were_read_are_staged_again_not_rejected(office: Office, staged: int, corruption: str) -> None:
    with office.engine.begin() as conn:
        conn.exec_driver_sql(corruption.format(t=f"staging.delivery_{staged}"))
    with pytest.raises(StaleStageError):
        expect(office, office.partner(), staged, count=count_flags)
    flow.finish(office, office.partner(), staged, count=count_flags)
    ended_well(office, staged)


@pytest.mark.parametrize(
    "act", ["truncate staging.delivery_{id}, staging.verdict_{id}", "drop table staging.delivery_{id}"]
)
def test_a_judged_roster_whose_stage_is_gone_takes_nobody_off(office: Office, staged: int, act: str) -> None:
    """As after a crash between the verdict and the publication: of an empty table everybody would have left."""
    flow.finish(office, office.partner(), staged, count=count_flags)
    path = write_template(office.folder / "next.csv", [*ROWS[:-1], person(10)])
    landed = acquire(office, office.partner(), file=path, as_of=date(2026, 11, 30))
    assert landed is not None and flow.conform_and_expect(
        office, office.partner(), landed.delivery_id, count=count_flags
    )
    with office.engine.begin() as conn:
        conn.exec_driver_sql(act.format(id=landed.delivery_id))
    with pytest.raises(StaleStageError):
        publish(office, office.partner(), landed.delivery_id)
    flow.finish(office, office.partner(), landed.delivery_id, count=count_flags)
    assert office.ask("select status, count(*) from source_record group by 1") == [("active", len(ROWS))]


def test_a_crash_of_the_server_in_the_middle_ends_well(own_server: sa.URL, tmp_path: Path) -> None:
    """A server process that is killed takes all connections and all unlogged rows with it."""
    settings = Settings(
        database_url=own_server.render_as_string(hide_password=False), home=tmp_path / "home", profile="demo",
        inbox=tmp_path, today=TODAY,
    )  # fmt: skip
    engine = initialise(settings)
    office = Office(engine, settings, tmp_path)
    path = write_template(tmp_path / "roster.csv", ROWS)
    landed = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31))
    assert landed is not None
    conform(office, office.partner(), landed.delivery_id)

    def crash(conn: sa.Connection, _: int) -> None:
        os.kill(conn.scalar(sa.text("select pg_backend_pid()")) or 0, signal.SIGKILL)
        until("the server to be back", lambda: answers(engine.url))

    with pytest.raises(StaleStageError):
        expect(office, office.partner(), landed.delivery_id, count=meanwhile(crash))
    assert office.one(f"select count(*) from staging.delivery_{landed.delivery_id}") == 0
    assert stands(office, landed.delivery_id) == ("staged", {}, None)
    flow.finish(office, office.partner(), landed.delivery_id)
    ended_well(office, landed.delivery_id)
    engine.dispose()
