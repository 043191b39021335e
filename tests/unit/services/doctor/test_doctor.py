"""The doctor: a demo is healthy but never production; each thing that is wrong is named with what to do."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from examined import TODAY, grown_up, of, see
from rosters import Office, person
from talentpool.guard import audit
from talentpool.guard.sources import KeyFolder
from talentpool.in_airflow import DAILY
from talentpool.match import match
from talentpool.services.backup.remembered import (
    LAST,
    LAST_KEYS,
    remember_backup,
    remember_keys_backup,
    remember_restore,
)
from talentpool.services.doctor import Finding
from talentpool.services.doctor.examine import CHECKS
from talentpool.services.rotation import rotate


def test_a_demo_is_healthy_and_never_production(office: Office) -> None:
    found = see(office)
    assert found.healthy
    assert not found.production
    assert {finding.check for finding in found.findings if finding.status == "demo"} >= {"server", "login", "audit"}
    assert len({finding.check for finding in found.findings}) == len(CHECKS)


def test_every_finding_that_is_not_ok_says_what_to_do(office: Office, tmp_path: Path) -> None:
    for settings in (office.settings, grown_up(office, tmp_path)):
        wrong = [finding for finding in see(office, settings).findings if finding.status != "ok"]
        assert wrong
        assert all(finding.do for finding in wrong)


def test_embedded_defaults_are_not_called_production(office: Office, tmp_path: Path) -> None:
    """The embedded server's login is a superuser: calling the profile production makes it a fault."""
    found = see(office, grown_up(office, tmp_path))
    assert [finding.status for finding in of(found, "login")] == ["fail"]
    assert not found.healthy


def test_an_inbox_that_others_read_or_where_files_lie_for_long_is_named(office: Office, tmp_path: Path) -> None:
    settings = grown_up(office, tmp_path, inbox=tmp_path / "inboxes")
    assert [finding.status for finding in of(see(office, settings), "inbox")] == ["ok"], "none there"
    folder = settings.inbox_dir / "didi"
    folder.mkdir(parents=True)
    for path in (settings.inbox_dir, folder):
        path.chmod(0o700)
    file = folder / "roster_didi_20261001.csv"
    file.write_bytes(b"x")
    file.chmod(0o644)
    (finding,) = of(see(office, settings), "inbox")
    assert (finding.status, finding.said[:2]) == ("fail", "1 ")
    file.chmod(0o600)
    assert [finding.status for finding in of(see(office, settings), "inbox")] == ["ok"]
    os.utime(file, (1, 1))
    assert [finding.status for finding in of(see(office, settings), "inbox")] == ["warn"]
    folder.chmod(0o755)
    assert [finding.status for finding in of(see(office, settings), "inbox")] == ["fail"]


def test_a_pool_that_is_not_there_and_a_nightly_dag_that_is_paused_are_named(office: Office, tmp_path: Path) -> None:
    """Airflow starts no task of such a pool, and says so to nobody."""
    assert [finding.status for finding in of(see(office), "scheduling")] == ["demo"], "not to be seen from here"
    url = office.engine.url.render_as_string(hide_password=False)
    settings = grown_up(office, tmp_path, airflow_database_url=url)
    (finding,) = of(see(office, settings), "scheduling")
    assert (finding.status, "cannot be read" in finding.said) == ("warn", True), "no tables of Airflow's"
    with office.engine.begin() as conn:
        conn.exec_driver_sql("create table slot_pool (pool text, slots int)")
        conn.exec_driver_sql("create table dag (dag_id text, is_paused bool, is_stale bool)")
        conn.execute(sa.text("insert into dag values (:id, false, false)"), [{"id": dag_id} for dag_id in DAILY])
    (finding,) = of(see(office, settings), "scheduling")
    assert (finding.status, finding.do) == ("fail", "airflow pools set matching 1 'one match at a time'")
    with office.engine.begin() as conn:
        conn.exec_driver_sql("insert into slot_pool values ('matching', 1)")
    assert [finding.status for finding in of(see(office, settings), "scheduling")] == ["ok"]
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update dag set is_paused = true where dag_id = 'retention__daily'")
        conn.exec_driver_sql("update slot_pool set slots = 4")
    wide, asleep = of(see(office, settings), "scheduling")
    assert (wide.status, asleep.status) == ("warn", "warn")
    assert "retention__daily" in asleep.said and "audit__verify" not in asleep.said


def test_keys_that_others_can_read_are_a_fault_without_naming_one(office: Office) -> None:
    (office.settings.keys_dir / "envelope.key").chmod(0o644)
    (finding,) = of(see(office), "keys")
    assert (finding.status, finding.said) == ("fail", "1 key files or folders are readable by others")


def test_keys_beside_the_data_are_a_fault_in_production(office: Office, tmp_path: Path) -> None:
    (finding,) = of(see(office, grown_up(office, tmp_path, keys=None)), "keys")
    assert finding.status == "fail"


def test_a_list_that_others_can_read_is_a_fault(office: Office) -> None:
    office.settings.lists_dir.mkdir(parents=True)
    sheet = office.settings.lists_dir / "a.xlsx"
    sheet.touch(0o644)
    assert of(see(office), "modes")[0].status == "fail"
    sheet.chmod(0o600)
    assert of(see(office), "modes")[0].status == "ok"


@pytest.mark.parametrize(
    ("url", "check", "status"),
    [
        ("postgresql+psycopg://pool:Xq7-long-random@db.example/pool?sslmode=verify-full", "encryption", "ok"),
        ("postgresql+psycopg://pool:Xq7-long-random@db.example/pool", "encryption", "fail"),
        ("postgresql+psycopg://pool:Xq7-long-random@db.example/pool?sslmode=require", "encryption", "fail"),
        ("postgresql+psycopg://pool:Xq7-long-random@127.0.0.1/pool", "encryption", "ok"),
    ],
)
def test_what_crosses_a_network_is_encrypted_to_a_checked_certificate(
    office: Office, url: str, check: str, status: str
) -> None:
    from talentpool.services.doctor.database import encryption
    from talentpool.services.doctor.finding import Patient

    engine = sa.create_engine(url)
    (finding,) = encryption(Patient(engine, office.keys, office.settings, TODAY))
    assert (finding.check, finding.status) == (check, status)
    assert "Xq7" not in finding.said + finding.do


def test_a_log_that_was_tampered_with_is_a_fault(office: Office) -> None:
    with office.engine.begin() as conn:
        audit(conn, "reveal", "person:1", actor="a")
    assert {finding.status for finding in of(see(office), "audit")} == {"demo", "ok"}
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        conn.exec_driver_sql("update audit_log set actor = 'b'")
    assert [finding.status for finding in of(see(office), "audit")] == ["fail"]


def test_heads_that_were_removed_are_a_fault_and_what_still_holds_is_named(office: Office) -> None:
    with office.engine.begin() as conn:
        audit(conn, "reveal", "person:1", actor="a")
    office.settings.audit_heads_file.unlink()
    (finding,) = of(see(office), "audit")
    assert (finding.status, "missing" in finding.said, "trusted up to row 0" in finding.said) == ("fail", True, True)


def test_a_rotation_that_was_killed_and_a_replaced_key_are_named(office: Office) -> None:
    source = KeyFolder(office.settings.keys_dir)
    assert of(see(office), "rotation")[0].status == "ok"
    rotate(office.engine, office.keys, source, by="a", reason="b")
    (finding,) = of(see(office), "rotation")
    assert (finding.status, "keys destroy" in finding.do) == ("warn", True)
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update key_rotation set done_at = null")
    (finding,) = of(see(office), "rotation")
    assert (finding.status, "keys rotate" in finding.do) == ("warn", True)


def test_a_broken_declaration_is_named(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "partners" / "broken"
    folder.mkdir(parents=True)
    (folder / "partner.yml").write_text("code: broken\ncolour: red\n", encoding="utf-8")
    found = see(office, office.settings.model_copy(update={"partners": str(tmp_path / "partners")}))
    assert any("broken" in finding.said and finding.status == "fail" for finding in of(found, "declarations"))


def test_from_november_on_the_next_years_holidays_are_missed(office: Office) -> None:
    assert of(see(office, today=date(2026, 10, 31)), "holidays")[0].status == "ok"
    (finding,) = of(see(office, today=date(2026, 11, 1)), "holidays")
    assert (finding.status, finding.said) == ("warn", "no holidays of 2027 in the table")


def test_a_delivery_that_nobody_decides_on_is_named_after_a_week(office: Office) -> None:
    office.deliver("2026-08-31", [person(n) for n in range(1, 60)])
    assert office.deliver("2026-09-30", [person(n) for n in range(1, 20)]).status == "held"
    landed = office.one("select landed_at::date from delivery where state = 'held'")
    assert of(see(office, today=landed), "held")[0].status == "ok"
    assert of(see(office, today=landed + timedelta(days=9)), "held")[0].status == "warn"


def test_a_request_that_is_half_done_is_named_and_a_late_one_is_a_fault(office: Office) -> None:
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "insert into person_request (kind, subject, records, received_on, due_on, decided_by, reason)"
            " values ('withdraw', 'person:x', '{}', '2026-09-20', '2026-10-05', 'a', 'b')"
        )
    assert of(see(office, today=date(2026, 10, 5)), "requests")[0].status == "ok"
    assert "overdue" in of(see(office, today=date(2026, 10, 6)), "requests")[0].said
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "insert into request_step (request_id, step, taken_by, how) values (1, 'confirmed', 'c', '')"
        )
    (finding,) = of(see(office, today=date(2026, 10, 5)), "requests")
    assert finding.status == "fail" and "half done: requests [1]" in finding.said


@pytest.mark.parametrize(
    ("environment", "status"),
    [
        ({"AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"}, "fail"),
        ({"AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager", "TIMEZONE": "utc"}, "fail"),
        ({"AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager", "TIMEZONE": "Asia/Shanghai"}, "ok"),
        (
            {
                "AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
                "TIMEZONE": "Asia/Shanghai",
                "HIDDEN": "",
            },
            "fail",
        ),
    ],
)
def test_airflow_is_judged_by_what_it_was_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], status: str
) -> None:
    names = {"AUTH_MANAGER": "AIRFLOW__CORE__AUTH_MANAGER", "TIMEZONE": "AIRFLOW__CORE__DEFAULT_TIMEZONE",
             "HIDDEN": "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES"}  # fmt: skip
    environment = {"HIDDEN": "talentpool_key,database_url"} | environment
    for name, variable in names.items():
        monkeypatch.delenv(variable, raising=False)
        if name in environment:
            monkeypatch.setenv(variable, environment[name])
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://pool.example/")
    assert of(see(office), "airflow")[0].status == status


def test_rules_that_somebody_turned_off_are_a_fault(office: Office) -> None:
    assert of(see(office), "scope")[0].status == "ok"
    with office.engine.begin() as conn:
        conn.execute(sa.text("alter table source_record no force row level security"))
    (finding,) = of(see(office), "scope")
    assert (finding.status, finding.said) == ("fail", "row-level security is off on 1 tables that have rules")


def test_officers_logins_that_may_fill_the_disk_are_named_with_what_to_run(office: Office) -> None:
    assert of(see(office), "room")[0].status == "ok"
    with office.engine.begin() as conn:
        conn.execute(sa.text("grant execute on function lo_create(oid) to public"))
    (finding,) = of(see(office), "room")
    assert finding.status == "warn" and "revoke execute on function" in finding.do


def test_pages_without_a_login_of_their_own_are_a_fault_in_production(office: Office, tmp_path: Path) -> None:
    assert of(see(office), "pages")[0].status == "ok"
    (finding,) = of(see(office, grown_up(office, tmp_path)), "pages")
    assert finding.status == "fail" and "TALENTPOOL_CONSOLE_DATABASE_URL" in finding.do
    owner = grown_up(office, tmp_path, console_database_url=office.settings.database_url)
    (finding,) = of(see(office, owner), "pages")
    assert finding.said == "the pages' login is not the one the rules are made for"


def test_a_backup_counts_when_it_is_fresh_and_one_was_restored(office: Office, tmp_path: Path) -> None:
    assert of(see(office), "backup")[0].status == "demo"
    assert of(see(office, grown_up(office, tmp_path)), "backup")[0].status == "fail"
    backups = tmp_path / "backups"
    backups.mkdir()
    remember_backup(office.settings, backups)
    assert [finding.status for finding in of(see(office), "backup")] == ["fail", "warn"], "no keys, no restore"
    remember_keys_backup(office.settings)
    assert [finding.said for finding in of(see(office), "backup")] == ["a backup was tried out by restoring it: never"]
    remember_restore(backups / "database-20261101T000000.000Z")
    assert of(see(office), "backup")[0].status == "ok"
    (office.settings.home / LAST_KEYS).write_text(json.dumps({"made_at": "2026-01-01T00:00:00+00:00"}))
    assert "keys were backed up last on 2026-01-01" in of(see(office), "backup")[0].said
    remember_keys_backup(office.settings)
    facts = json.loads((office.settings.home / LAST).read_text(encoding="utf-8"))
    (office.settings.home / LAST).write_text(json.dumps(facts | {"made_at": "2026-01-01T00:00:00+00:00"}))
    assert "the last backup is of 2026-01-01" in [finding.said for finding in of(see(office), "backup")]
    backups.rename(tmp_path / "gone")
    assert {finding.status for finding in of(see(office), "backup")} == {"fail", "warn"}


def test_mobiles_of_more_and_more_people_are_said_once_and_never_of_a_first_run(office: Office) -> None:
    def matched(*mobiles: str) -> Finding:
        rows = [person(n, mobile=mobile, document_no="") for at, mobile in enumerate(mobiles)
                for n in range(1 + 10 * at, 8 + 10 * at)]  # fmt: skip
        office.deliver(f"2026-09-{10 + len(mobiles)}", rows)
        match(office.engine, office.keys, full=True)
        (finding,) = of(see(office), "mobiles")
        return finding

    assert [finding.status for finding in of(see(office), "mobiles")] == ["ok"], "nothing was matched yet"
    first = matched("13500000099")
    assert first.status == "ok" and first.said.startswith("1 stand in"), "there is nothing that it could be more than"
    more = matched("13500000099", "13500000098")
    assert more.status == "warn" and more.said.startswith("2 mobiles") and "1 before" in more.said and more.do
    match(office.engine, office.keys, full=True)
    assert [finding.status for finding in of(see(office), "mobiles")] == ["ok"], "known since the run before"
