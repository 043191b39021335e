"""What an officer's own database login can do to the log: write the own looks, and stop nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from rosters import Office
from talentpool.guard import add_officer, audit, console_engine, gather, remove_officer, scope_of, scoped, verify
from talentpool.guard.audit import ACTIONS
from talentpool.locks import held, hold

COUNTY = "140403"
WRITE = "audit_write(:action, :subject, :actor, :reason, '', cast(:details as jsonb))"
ROW = {"action": "reveal", "subject": "person:1", "actor": "wang", "reason": "contact: x", "details": "{}"}


@contextmanager
def own_login(office: Office) -> Iterator[tuple[str, sa.Engine]]:
    """An officer of a county and the own login; the name is the server's, whatever the database."""
    name = f"w{office.engine.url.database[-12:]}"
    while office.ask("select 1 from officer where name = :n", n=name):
        name += "x"
    with office.engine.begin() as conn:
        password = add_officer(conn, name, f"county_officer_{COUNTY}", counties=[COUNTY], by="admin")
    engine = sa.create_engine(
        office.engine.url.set(username=f"officer_{name}", password=password), poolclass=sa.NullPool
    )
    try:
        yield name, engine
    finally:
        with office.engine.begin() as conn:
            remove_officer(conn, name, by="admin")


@pytest.fixture
def officer(office: Office) -> Iterator[tuple[str, sa.Engine]]:
    with own_login(office) as found:
        yield found


def write(conn: sa.Connection, actor: str, **change: Any) -> None:
    conn.execute(sa.text(f"select {WRITE}"), ROW | {"actor": actor} | change)


def whole(office: Office) -> bool:
    with office.engine.connect() as conn:
        return verify(conn, office.keys, office.settings.audit_heads_file).whole


def test_an_officers_open_transaction_stops_no_writer(office: Office, officer: tuple[str, sa.Engine]) -> None:
    name, login = officer
    with login.connect() as idle:
        for key in (7_717_004, 7_717_000, 7_717_001, 7_717_002):
            idle.execute(sa.select(sa.func.pg_advisory_lock(key)))
        write(idle, name)
        with office.engine.begin() as conn:
            conn.execute(sa.text("set local lock_timeout = '5s'"))
            audit(conn, "view", "person:2", actor="a")
        pages = console_engine(office.settings)
        with scoped(pages, scope_of("li", frozenset({"city_officer"}))) as conn:
            conn.execute(sa.text("set local lock_timeout = '5s'"))
            audit(conn, "view", "person:3", actor="li")
        pages.dispose()
        idle.commit()
    looks = "select actor from audit_log where action in ('view', 'reveal') order by seq"
    assert office.ask(looks) == [("a",), ("li",)]
    with office.engine.connect() as conn:
        assert gather(conn) == 1
    assert office.ask("select login, actor, action from audit_log order by seq desc limit 1") == [
        (f"officer_{name}", name, "reveal")
    ]
    assert office.one("select count(*) from audit_waiting") == 0
    assert whole(office)


def test_the_next_writer_chains_what_waits_with_the_time_at_which_it_was_written(
    office: Office, officer: tuple[str, sa.Engine]
) -> None:
    name, login = officer
    with login.begin() as conn:
        write(conn, name)
    when = office.one("select at from audit_waiting")
    with office.engine.begin() as conn:
        audit(conn, "view", "person:2", actor="a")
    assert office.ask("select action, at = :w from audit_log order by seq desc limit 2", w=when) == [
        ("view", False), ("reveal", True),
    ]  # fmt: skip
    assert whole(office)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from work_lock for update", "select * from work_lock for share", "insert into work_lock values ('match')",
        "lock table work_lock in share mode", "select * from audit_end for update", "update audit_end set seq = 9",
        "select * from audit_log for update", "lock table audit_log in share mode", "delete from audit_waiting",
        "update audit_waiting set actor = 'x'", "select audit_gather()", "select audit_keep(1, 'h', 't', 's')",
        "insert into audit_head (seq, hash, kept_at, signature) values (1, 'h', 't', 's')",
        "insert into audit_waiting (login, actor, action, subject, reason, scope, details)"
        " values ('x', 'w', 'reveal', 's', '', '', '{}')",
        "insert into audit_log select * from audit_log", "lock table alembic_version in access share mode",
    ],
)  # fmt: skip
def test_an_officers_login_takes_no_lock_of_ours_and_writes_nothing_by_hand(
    officer: tuple[str, sa.Engine], statement: str
) -> None:
    with pytest.raises(DBAPIError), officer[1].begin() as conn:
        conn.execute(sa.text(statement))


@pytest.mark.parametrize(
    "change",
    [
        {"action": "approval"}, {"action": "decision"}, {"action": "role_change"}, {"action": "nothing"}, {"actor": "li"},
        {"actor": " "}, {"reason": "x" * 1_000_000}, {"reason": "x" * 501}, {"subject": "x" * 301}, {"subject": ""},
        {"details": "[1]"}, {"details": '{"a": "' + "x" * 2000 + '"}'}, {"action": None}, {"subject": None},
        {"details": None}, {"reason": None},
    ],
    ids=lambda change: "-".join(f"{key}:{str(value)[:12]}" for key, value in change.items()),
)  # fmt: skip
def test_an_officers_login_writes_no_other_action_and_no_long_text(
    office: Office, officer: tuple[str, sa.Engine], change: dict[str, Any]
) -> None:
    name, login = officer
    with pytest.raises(DBAPIError), login.begin() as conn:
        write(conn, **({"actor": name} | change))
    assert office.one("select count(*) from audit_waiting") == 0


def test_the_function_knows_the_actions_of_the_code_and_no_other(office: Office) -> None:
    for action in ACTIONS:
        with office.engine.begin() as conn:
            write(conn, "a", action=action)
    with pytest.raises(DBAPIError, match="unknown action"), office.engine.begin() as conn:
        write(conn, "a", action="other")
    source = office.one("select prosrc from pg_proc where proname = 'audit_checked'")
    assert source.split("]")[0].count("'") == 2 * len(ACTIONS)


def test_an_officers_login_does_not_fill_the_database(office: Office, officer: tuple[str, sa.Engine]) -> None:
    name, login = officer
    with login.begin() as conn:
        conn.execute(sa.text(f"select {WRITE} from generate_series(1, 1000)"), ROW | {"actor": name})
    with pytest.raises(DBAPIError, match="too many rows"), login.begin() as conn:
        write(conn, name)
    with office.engine.connect() as conn:
        assert gather(conn) == 1000
        conn.commit()
    with pytest.raises(DBAPIError, match="too many rows"), login.begin() as conn:
        write(conn, name)  # what was chained since is of the same day
    for made in ("lo_create(0)", "lo_creat(-1)", "lo_from_bytea(0, 'x')"):
        with pytest.raises(DBAPIError, match="permission denied"), login.begin() as conn:
            conn.execute(sa.text(f"select {made}"))


def test_one_officer_does_not_take_anothers_turn_to_reveal(office: Office, officer: tuple[str, sa.Engine]) -> None:
    with own_login(office) as (other, login), officer[1].connect() as idle, login.connect() as conn:
        idle.execute(sa.text("select set_config('talentpool.actor', :o, false)"), {"o": other})
        idle.execute(sa.text("select reveal_turn()"))
        conn.execute(sa.text("set lock_timeout = '5s'"))
        conn.execute(sa.text("select reveal_turn()"))


@pytest.mark.parametrize("shared", [False, True])
def test_a_lock_of_ours_is_one_processes_at_a_time_unless_it_is_shared(office: Office, shared: bool) -> None:
    with held(office.engine, "ingest:x", shared=shared), office.engine.connect() as conn:
        conn.execute(sa.text("set lock_timeout = '200ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            hold(conn, "ingest:x")
        conn.rollback()
        with held(office.engine, "ingest:y"):
            pass
        if shared:
            with held(office.engine, "ingest:x", shared=True):
                pass
    with office.engine.begin() as conn:
        hold(conn, "ingest:x", "ingest:y")
