"""Area scope in the database, asked by the logins it is made for: pages, officers, somebody who tries."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError

from approvals import unapproved
from databases import Twins, fresh
from docs.logins import PAGE, page
from rosters import Office, person
from talentpool.campaigns import draw
from talentpool.database import initialise
from talentpool.database.roles import CONSOLE, PIPELINE, READER
from talentpool.errors import UnavailableError, UsageError
from talentpool.guard import Scope, add_officer, audit, console_engine, officers, remove_officer, scope_of, scoped
from talentpool.match import match
from talentpool.office import Office as Working
from talentpool.pool import snapshot
from talentpool.settings import Settings

OURS, THEIRS = "140403", "140404"
CITY = Scope("li", frozenset({"city_officer"}), None)
COUNTY = Scope("wang", frozenset({f"county_officer_{OURS}"}), (OURS,))
NEIGHBOUR = Scope("zhao", frozenset({f"county_officer_{THEIRS}"}), (THEIRS,))
AUDITOR = Scope("sun", frozenset({"auditor"}), ())
BY_COUNTY = {"source_record": "county", "source_record_history": "county", "employment_spell": "county",
             "quarantine": "county", "pool_presence": "county", "target_row": "county", "pool_person": "home_county"}  # fmt: skip


@pytest.fixture(scope="module")
def city(twins: Twins) -> Office:
    """Two counties; person 1 works in both, for two partners; person 3 moved; person 4's row was set aside."""
    office = twins.office()
    mine = [person(n, county=OURS) for n in (1, 2, 3)] + [person(4, county=OURS, hired_on="2999-01-01")]
    office.deliver("2026-09-30", [*mine, person(5, county=THEIRS), person(6, county=THEIRS)])
    mine[2] = person(3, county=THEIRS)
    office.deliver("2026-10-31", [*mine, person(5, county=THEIRS), person(6, county=THEIRS)])
    office.deliver("2026-10-31", [person(1, county=THEIRS) | {"staff_no": "Z1"}], partner="meituan")
    match(office.engine, office.keys)
    snapshot(office, date(2026, 10, 31))
    winter = unapproved(office.settings, oldest=45)
    draw(office, winter, date(2026, 10, 31), lock=True)
    return office


@pytest.fixture
def pages(city: Office) -> Iterator[sa.Engine]:
    engine = console_engine(city.settings)
    yield engine
    engine.dispose()


@contextmanager
def officer_login(office: Office, role: str) -> Iterator[tuple[str, sa.Engine]]:
    """An officer's own login, for the length of the block; the server knows it beside those of other tests."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with office.engine.begin() as conn:
        password = add_officer(conn, name, role, counties=[OURS, THEIRS], by="admin")
    url = office.engine.url.set(username=f"officer_{name}", password=password)
    engine = sa.create_engine(url)
    try:
        yield name, engine
    finally:
        engine.dispose()
        with office.engine.begin() as conn:
            if name in {row["name"] for row in officers(conn)}:
                remove_officer(conn, name, by="admin")


def tables(conn: sa.Connection) -> dict[str, Any]:
    """Every table and partition of ours: is row-level security on, is it forced, may the reader select anything."""
    rows = conn.execute(
        sa.text(
            "select relname, relrowsecurity and relforcerowsecurity as forced, relispartition as part,"
            f" has_any_column_privilege('{READER}', oid, 'select') as readable from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'"
        )
    )
    return {row.relname: row for row in rows}


def counted(conn: sa.Connection, table: str) -> int:
    return int(conn.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0)


def test_a_table_is_under_the_rules_or_of_no_person_or_closed(city: Office) -> None:
    """A new table is closed to readers until somebody decides."""
    open_to_all = {"contact", "delivery", "division", "holiday", "match_run", "notice", "occupation", "pool_snapshot"}
    with city.engine.connect() as conn:
        found = tables(conn)
    assert len(found) > 30
    assert {name for name, row in found.items() if row.readable and not row.forced} == open_to_all
    assert {name for name, row in found.items() if row.part} == {"source_record_p_didi", "source_record_p_meituan"}
    assert not [name for name, row in found.items() if row.part and row.readable], "a way around the parent's rules"


def test_without_a_scope_there_are_no_rows(pages: sa.Engine, city: Office) -> None:
    with city.engine.connect() as conn:
        full = [name for name, row in tables(conn).items() if row.forced and counted(conn, name)]
    assert len(full) > 10
    with pages.connect() as conn:
        assert {name: counted(conn, name) for name in full} == dict.fromkeys(full, 0)
    with scoped(pages, Scope("nobody")) as conn:
        assert {name: counted(conn, name) for name in full} == dict.fromkeys(full, 0)


def test_each_county_sees_its_own_side_and_the_city_all_of_it(pages: sa.Engine, city: Office) -> None:
    seen = set()
    for table, column in BY_COUNTY.items():
        all_rows = city.ask(f"select {column}, count(*) from {table} group by 1")
        for scope in (COUNTY, NEIGHBOUR):
            with scoped(pages, scope) as conn:
                found = dict(map(tuple, conn.execute(sa.text(f"select {column}, count(*) from {table} group by 1"))))
            assert found == {county: count for county, count in all_rows if county in (scope.counties or ())}, table
            seen |= {(table, scope.actor)} if found else set()
        with scoped(pages, CITY) as conn:
            assert counted(conn, table) == sum(count for _, count in all_rows), table
    assert {table for table, _ in seen} == set(BY_COUNTY), "each table was shown to hold something"


def test_two_counties_that_share_a_person_each_see_their_own_record(pages: sa.Engine, city: Office) -> None:
    shared = city.one("select person_id from record_person group by 1 having count(*) = 2")
    sides = {}
    for scope in (COUNTY, NEIGHBOUR, CITY):
        with scoped(pages, scope) as conn:
            query = sa.text("select partner, county, staff_no from person_side where person_id = :who order by partner")
            sides[scope.actor] = [tuple(row) for row in conn.execute(query, {"who": shared})]
            assert counted(conn, "person") == len(set(conn.scalars(sa.text("select person_id from person_side"))))
    assert sides["wang"] == [("didi", OURS, "T00001")]
    assert sides["zhao"] == [("meituan", THEIRS, "Z1")]
    assert sides["li"] == sides["wang"] + sides["zhao"]


def test_a_salt_opens_only_what_the_session_sees(pages: sa.Engine, city: Office) -> None:
    for scope in (COUNTY, NEIGHBOUR):
        with scoped(pages, scope) as conn:
            salts = set(conn.scalars(sa.text("select record_id from record_salt")))
            both = "select record_id from source_record union select record_id from quarantine"
            records = set(conn.scalars(sa.text(both)))
        assert salts and salts <= records


def test_a_pooled_connection_forgets_for_whom_it_worked(city: Office) -> None:
    engine = sa.create_engine(city.engine.url.set(username=CONSOLE), pool_size=1, max_overflow=0)
    with scoped(engine, CITY) as conn:
        backend = conn.scalar(sa.text("select pg_backend_pid()"))
        assert counted(conn, "source_record") == 6
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select pg_backend_pid()")) == backend
        assert counted(conn, "source_record") == 0
    with pytest.raises(DBAPIError), scoped(engine, CITY) as conn:
        conn.execute(sa.text("select 1 / 0"))
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select pg_backend_pid()")) == backend
        assert counted(conn, "source_record") == 0
    with scoped(engine, COUNTY) as conn:
        with pytest.raises(DBAPIError), conn.begin_nested():
            conn.execute(sa.text("select 1 / 0"))
        assert counted(conn, "source_record") == 2
    engine.dispose()


def test_a_login_that_owns_the_database_and_is_no_superuser_runs_the_whole_flow(
    server_url: str, tmp_path: Path
) -> None:
    """As in production: row-level security is forced upon the owner too."""
    name = f"owner_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(sa.make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"create role {name} login"))
        conn.execute(sa.text(f"grant {PIPELINE} to {name}"))
    with fresh(server_url) as url:
        with admin.connect() as conn:
            conn.execute(sa.text(f"alter database {sa.make_url(url).database} owner to {name}"))
        owned = sa.make_url(url).set(username=name).render_as_string(hide_password=False)
        settings = Settings(database_url=owned, home=tmp_path, profile="demo")
        engine = initialise(settings)
        office = Office(engine, settings, tmp_path)
        winter = unapproved(settings, oldest=45)
        for as_of in ("2026-09-30", "2026-10-31"):
            office.deliver(as_of, [person(n, county=OURS) for n in range(12)])
        assert match(engine, office.keys).persons == 12
        drawn = draw(Working(engine, settings, office.keys), winter, date(2026, 10, 31), lock=True)
        assert drawn.state == "locked" and office.one("select count(*) from target_row") == 12
        assert office.one("select rolsuper or rolbypassrls from pg_roles where rolname = current_user") is False
        engine.dispose()
    with admin.connect() as conn:
        conn.execute(sa.text(f"drop owned by {name}"))
        conn.execute(sa.text(f"drop role {name}"))
    admin.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "set role postgres",
        "set session authorization postgres",
        "alter table source_record disable row level security",
        "create policy mine on source_record using (true)",
        "create function mine() returns int language sql as 'select 1'",
        "create table mine as select * from source_record",
        "select * from source_record_p_didi",
        "select token from suppression",
        "select fingerprint from key_check",
        "select sha256 from delivery",
        "copy source_record to program 'cat'",
        "grant talentpool_pipeline to talentpool_console",
        "select audit_chained(null::audit_log, null::audit_end)",
        "select audit_keep(1, 'h', 't', 's')",
        "insert into audit_log select * from audit_log",
        "select * from work_lock for update",
        "select * from audit_end for update",
        "delete from audit_waiting",
        "refresh materialized view none",
    ],
)
def test_the_pages_login_has_no_way_up(pages: sa.Engine, statement: str) -> None:
    with pytest.raises(DBAPIError), scoped(pages, COUNTY) as conn:
        conn.execute(sa.text(statement))


def test_the_pages_login_changes_nothing(pages: sa.Engine, city: Office) -> None:
    with city.engine.connect() as conn:
        names = [name for name, row in tables(conn).items() if row.readable]
    assert len(names) > 20
    for name in names:
        for statement in (f"delete from {name}", f"truncate {name}", f"insert into {name} default values"):
            with pytest.raises(ProgrammingError, match=r"denied|must be owner"), scoped(pages, CITY) as conn:
                conn.execute(sa.text(statement))


def test_whoever_writes_the_log_writes_as_themselves(pages: sa.Engine, city: Office) -> None:
    with scoped(pages, COUNTY) as conn:
        audit(conn, "refused", "person:1", actor="wang", scope=OURS)
    written = city.one("select count(*) from audit_log")
    with pytest.raises(ProgrammingError, match="not that actor"), scoped(pages, COUNTY) as conn:
        audit(conn, "refused", "person:1", actor="somebody else", scope=OURS)
    with scoped(pages, NEIGHBOUR) as conn:
        assert counted(conn, "audit_log") == 0, "of another county"
    for scope, seen in ((COUNTY, 1), (AUDITOR, written), (CITY, written)):
        with scoped(pages, scope) as conn:
            assert counted(conn, "audit_log") == seen, scope


def test_an_auditor_and_an_operator_see_no_person(pages: sa.Engine) -> None:
    for role in ("auditor", "operator"):
        with scoped(pages, scope_of("x", frozenset({role}))) as conn:
            assert {table: counted(conn, table) for table in BY_COUNTY} == dict.fromkeys(BY_COUNTY, 0)


def test_an_officers_own_login_sees_what_it_is_and_not_what_it_says(city: Office) -> None:
    with officer_login(city, f"county_officer_{OURS}") as (name, engine):
        for pretence in (CITY, NEIGHBOUR, Scope(name)):
            with scoped(engine, pretence) as conn:
                assert set(conn.scalars(sa.text("select distinct county from source_record"))) == {OURS}
                assert conn.scalar(sa.text("select scope_actor()")) == name
        with scoped(engine, CITY) as conn:
            audit(conn, "reveal", "person:1", actor=name)
        assert city.one("select login from audit_waiting where action = 'reveal'") == f"officer_{name}"
        with city.engine.begin() as conn:
            remove_officer(conn, name, by="admin")
        with pytest.raises(DBAPIError), engine.connect() as conn:
            counted(conn, "source_record")


def test_one_officer_has_one_role_and_a_name_is_never_given_twice(city: Office) -> None:
    with officer_login(city, "city_officer") as (name, engine):
        with engine.connect() as conn:
            assert counted(conn, "source_record") == 6
        for role in ("city_approver", "city_officer", "nobody"):
            with pytest.raises(UsageError), city.engine.begin() as conn:
                add_officer(conn, name, role, counties=[OURS], by="admin")
    with pytest.raises(UsageError, match="was an officer before"), city.engine.begin() as conn:
        add_officer(conn, name, "auditor", counties=[OURS], by="admin")
    actions = city.ask("select details from audit_log where subject = :who order by seq", who=f"officer:{name}")
    assert [row[0] for row in actions] == [{"added": "city_officer"}, {"removed": "city_officer"}]


def test_a_production_deployment_names_a_login_for_its_pages(city: Office) -> None:
    real = Settings(database_url=city.settings.database_url, home=city.settings.home, profile="production")
    with pytest.raises(UnavailableError, match="TALENTPOOL_CONSOLE_DATABASE_URL"):
        console_engine(real)


def test_the_page_of_logins_is_what_the_database_allows(city: Office) -> None:
    with city.engine.connect() as conn:
        assert PAGE.read_text(encoding="utf-8") == page(conn), "run `make docs`"
