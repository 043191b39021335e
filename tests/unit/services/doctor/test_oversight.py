"""The doctor names whatever was done to the log behind its back, and whoever was given more than `init` gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from rosters import TODAY, Office
from talentpool.services.doctor import Finding
from talentpool.services.doctor.finding import Patient
from talentpool.services.doctor.house import airflow
from talentpool.services.doctor.oversight import FUNCTIONS, HIDDEN, oversight

OFFICER = "officer_of_the_doctor"
LOOSE = "create or replace function audit_by_us() returns boolean language sql stable as 'select true'"
DONE = [
    ("alter table audit_log disable trigger audit_stays", "audit_stays on audit_log"),
    ("alter table audit_head disable trigger all", "audit_stays on audit_head"),
    ("alter table audit_log enable replica trigger audit_stays", "audit_stays on audit_log"),
    ("drop trigger audit_stays on audit_head", "audit_stays on audit_head"),
    ("create trigger mine before insert on audit_log for each row execute function audit_stays()", "mine on audit_log"),
    (LOOSE, "audit_by_us()"),
    ("alter function audit_chained security invoker", "audit_chained(audit_log,audit_end)"),
    ("alter function audit_write owner to talentpool_tasks", "audit_write("),
    ("drop function audit_gather()", "audit_gather()"),
    ("create function audit_gather(a int) returns int language sql as 'select 1'", "audit_gather(integer)"),
    ("alter table audit_waiting owner to talentpool_tasks", "audit_waiting"),
    ("grant execute on function audit_chained to public", "audit_chained(audit_log,audit_end) by PUBLIC"),
    ("grant execute on function audit_keep to talentpool_reader", "by talentpool_reader"),
    ("grant insert on audit_log to talentpool_reader", "audit_log by talentpool_reader"),
    ("grant update (actor) on audit_log to talentpool_console", "audit_log by talentpool_console"),
    ("grant delete on audit_waiting to talentpool_tasks", "audit_waiting by talentpool_tasks"),
    (f"grant update on audit_end to {OFFICER}", f"audit_end by {OFFICER}"),
    (f"grant talentpool_pipeline to {OFFICER}", f"{OFFICER} of talentpool_pipeline"),
    (f"grant talentpool_console to {OFFICER}", f"{OFFICER} of talentpool_console"),
    (f"grant postgres to {OFFICER}", f"{OFFICER} of postgres"),
    (f"grant pg_read_all_data to {OFFICER}", f"{OFFICER} of pg_read_all_data"),
    ("grant select on suppression to public", "suppression by talentpool_reader"),
    (f"grant select (sha256) on handed_on to {OFFICER}", f"handed_on by {OFFICER}"),
]


def found(conn: sa.Connection, office: Office) -> list[Finding]:
    """What the check says inside a transaction that is taken back: the server's roles are everybody's."""

    class Within:
        def connect(self) -> sa.Connection:
            return conn

    return list(oversight(Patient(Within(), office.keys, office.settings, TODAY)))  # type: ignore[arg-type]


def test_whatever_was_done_to_the_log_or_given_to_an_officer_is_named(office: Office) -> None:
    wrong = []
    for statement, named in [("select 1", ""), *DONE]:
        conn = office.engine.connect()
        conn.execute(sa.text(f"create role {OFFICER} in role talentpool_reader"))
        conn.execute(sa.text(statement))
        said = found(conn, office)  # closes the connection, and so takes everything back
        status = "fail" if named else "ok"
        if {each.status for each in said} != {status} or not any(named in each.said for each in said):
            wrong.append((statement, [each.said for each in said]))
    assert wrong == []


def test_what_is_hidden_is_what_the_page_says() -> None:
    page = (Path(__file__).parents[4] / "docs" / "access-database.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| none \|", page, re.M)) == set(HIDDEN) - {"alembic_version"}


def test_every_function_of_ours_is_known(office: Office) -> None:
    there = office.ask(
        "select oid\\:\\:regprocedure\\:\\:text from pg_proc where pronamespace = 'public'\\:\\:regnamespace"
    )
    assert {name for (name,) in there} == {made.name for made in FUNCTIONS}


def test_fabs_own_auth_manager_is_not_enough(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", name)
    said = next(airflow(Patient(office.engine, office.keys, office.settings, TODAY)))
    assert said.status == "fail" and name in said.said
