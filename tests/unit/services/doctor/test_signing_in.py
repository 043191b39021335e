"""The doctor on signing in: cookies behind TLS, passwords of a demo or a guide, plain values for a password alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from examined import grown_up, of, see
from rosters import Office


@pytest.mark.parametrize(
    ("base", "told", "status"),
    [("https://pool.example", None, "fail"), ("https://pool.example", "False", "fail"),
     ("https://pool.example", "True", "ok"), ("http://pool.example", "True", "warn"), (None, None, "warn")],
)  # fmt: skip
def test_cookies_that_would_leave_by_plain_http_are_a_fault_behind_tls(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: str | None, told: str | None, status: str
) -> None:
    for variable, value in (("AIRFLOW__API__BASE_URL", base), ("AIRFLOW__FAB__COOKIE_SECURE", told)):
        if value is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, value)
    (finding,) = of(see(office, grown_up(office, tmp_path)), "cookies")
    assert finding.status == status and (status != "fail" or "AIRFLOW__FAB__COOKIE_SECURE=True" in finding.do)


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [("wang", "wang", "fail"), ("admin", "airflow", "fail"), ("city_officer", "of-the-demo-7-lanterns", "fail"),
     ("wang", "lantern-gravel-tulip-9", "ok")],
)  # fmt: skip
def test_a_password_of_the_demo_or_of_a_guide_is_a_fault_in_production(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, password: str, status: str
) -> None:
    from werkzeug.security import generate_password_hash

    with office.engine.begin() as conn:  # as Airflow's own table is, as far as it is asked
        conn.exec_driver_sql("create table ab_user (username text, password text, active boolean)")
        conn.execute(sa.text("insert into ab_user values (:name, :hashed, true), ('away', :weak, false)"),
                     {"name": name, "hashed": generate_password_hash(password), "weak": generate_password_hash("x")})  # fmt: skip
    run = office.settings.home / "run"
    run.mkdir(parents=True, exist_ok=True)
    (run / "passwords.json").write_text(json.dumps({"city_officer": "of-the-demo-7-lanterns"}))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", str(office.settings.database_url))
    (finding,) = of(see(office, grown_up(office, tmp_path)), "passwords")
    assert finding.status == status and (status == "ok" or name in finding.said)
    (finding,) = of(see(office), "passwords")
    assert finding.status == ("ok" if status == "ok" else "demo")


def test_an_office_that_shows_people_for_a_password_alone_is_a_fault(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert of(see(office), "second_factor")[0].status == "demo"
    (finding,) = of(see(office, grown_up(office, tmp_path, second_factor="enrolled")), "second_factor")
    assert finding.status == "fail" and "off for roles that may reveal" in finding.said
    with office.engine.begin() as conn:  # as Airflow's own tables are, as far as they are asked
        conn.exec_driver_sql("create table ab_user (id int, username text, password text, active boolean)")
        conn.exec_driver_sql("create table ab_role (id int, name text)")
        conn.exec_driver_sql("create table ab_user_role (user_id int, role_id int)")
        conn.exec_driver_sql(
            "insert into ab_user values (1, 'Wang', null, true), (2, 'op', null, true), (3, 'li', null, true)"
        )
        conn.exec_driver_sql(
            "insert into ab_role values (1, 'county_officer_140403'), (2, 'operator'), (3, 'city_approver')"
        )
        conn.exec_driver_sql("insert into ab_user_role values (1, 1), (2, 2), (3, 3)")
        conn.exec_driver_sql(
            "insert into second_factor (user_name, admitted_by, bound_at) values ('wang', 'admin', now())"
        )
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", str(office.settings.database_url))
    (finding,) = of(see(office, grown_up(office, tmp_path)), "second_factor")
    assert (finding.status, finding.said) == ("warn", "1 officers who may reveal have bound none: li")
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "insert into second_factor (user_name, admitted_by, bound_at) values ('li', 'admin', now())"
        )
    assert of(see(office, grown_up(office, tmp_path)), "second_factor")[0].status == "ok"
