"""The console inside the real Airflow API app: every route of every plugin guards itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def said(server_url: str) -> Iterator[dict[str, Any]]:
    """What the probe heard; one Airflow metadata database and one talentpool database of their own."""
    admin = sa.create_engine(
        sa.make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with admin.connect() as conn:
        conn.execute(sa.text("create database console_airflow"))
        conn.execute(sa.text("create database console_talentpool template template_talentpool"))

    def url(driver: str, database: str) -> str:
        place = sa.make_url(server_url).set(drivername=driver, database=database)
        return place.render_as_string(hide_password=False)

    with tempfile.TemporaryDirectory() as home:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TALENTPOOL_"))},
            "AIRFLOW_HOME": home,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url("postgresql+psycopg2", "console_airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__DAGS_FOLDER": home,
            "AIRFLOW__CORE__AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
            "AIRFLOW__FAB__CONFIG_FILE": str(ROOT / "include" / "talentpool_airflow" / "login_page.py"),
            "AIRFLOW__API_AUTH__JWT_SECRET": "t" * 64,
            "AIRFLOW__API__SECRET_KEY": "t" * 32,
            "AIRFLOW__API__BASE_URL": "http://127.0.0.1",
            "TALENTPOOL_DATABASE_URL": url("postgresql+psycopg", "console_talentpool"),
            "TALENTPOOL_HOME": home,
            "TALENTPOOL_PROFILE": "demo",
        }
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("console_probe.py"))],
            env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    with admin.connect() as conn:
        conn.execute(sa.text("drop database console_airflow with (force)"))
        conn.execute(sa.text("drop database console_talentpool with (force)"))
    assert done.returncode == 0, done.stderr[-4000:]
    yield json.loads(done.stdout[done.stdout.index('{"routes"') :])


def test_there_are_routes_to_guard(said: dict[str, Any]) -> None:
    assert ["/console", "/quality", ["GET"]] in said["routes"]
    assert ["/console", "/quality.svg", ["GET"]] in said["routes"]


def test_every_route_refuses_a_program_without_a_token(said: dict[str, Any]) -> None:
    assert said["anonymous"]
    for place, answers in said["anonymous"].items():
        assert answers["program"]["status"] == 401, place
        assert json.loads(answers["program"]["text"]) == {"detail": "Not authenticated"}


def test_every_route_sends_a_browser_to_the_login_and_back(said: dict[str, Any]) -> None:
    for place, answers in said["anonymous"].items():
        assert answers["browser"]["status"] == 303, place
        target = urlsplit(answers["browser"]["headers"]["location"])
        assert (target.netloc, target.path) == ("", "/auth/login/")
        assert parse_qs(target.query) == {"next": [f"{place}?as_of=2026-10-31"]}


def test_no_route_takes_anything_but_a_get(said: dict[str, Any]) -> None:
    for place, answers in said["anonymous"].items():
        for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD"):
            assert answers[method] in (401, 405), (place, method)


def test_an_expired_a_forged_and_a_broken_token_are_no_token(said: dict[str, Any]) -> None:
    for place, answers in said["bad"].items():
        assert set(answers) == {"expired", "garbage", "forged", "unsigned"}
        for name, statuses in answers.items():
            assert statuses == [401, 401], (place, name)


def test_the_city_reads_the_page_and_a_county_does_not(said: dict[str, Any]) -> None:
    assert {user: answer["status"] for user, answer in said["users"].items()} == {
        "city": 200, "admin": 200, "county": 403, "nobody": 403,
    }  # fmt: skip
    assert "还没有收到任何名册" in said["users"]["city"]["text"]
    assert "数据质量" not in said["users"]["county"]["text"]
    assert said["icon"]["status"] == 200


def test_every_answer_says_what_a_browser_may_do_with_it(said: dict[str, Any]) -> None:
    answers = [answer[who] for answer in said["anonymous"].values() for who in ("program", "browser")]
    answers += [*said["users"].values(), said["icon"]]
    for answer in answers:
        policy = answer["headers"]["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy and "script" not in policy
        assert answer["headers"]["x-content-type-options"] == "nosniff"
        assert answer["headers"]["cache-control"] == "no-store"
    assert "style-src 'sha256-" in said["users"]["city"]["headers"]["content-security-policy"]


def test_the_api_describes_itself_to_nobody(said: dict[str, Any]) -> None:
    assert said["closed"] == {"/console/docs": 404, "/console/redoc": 404, "/console/openapi.json": 404}


def test_a_page_whose_figures_did_not_change_is_not_drawn_again(said: dict[str, Any]) -> None:
    assert said["seconds"] < 0.3


def test_an_officer_is_sent_from_the_home_page_to_ours_and_nobody_else_is(said: dict[str, Any]) -> None:
    assert said["home"]["city"]["status"] == 303
    assert urlsplit(said["home"]["city"]["headers"]["location"]).path == "/plugin/quality"
    assert {user for user, answer in said["home"].items() if answer["status"] == 303} == {"city"}
    assert "/plugin/quality" not in said["stranger"]["headers"].get("location", "")


def test_the_login_page_is_in_chinese(said: dict[str, Any]) -> None:
    assert said["login"]["status"] == 200
    assert "登录" in said["login"]["text"] and "用户名" in said["login"]["text"]
    assert "Sign In" not in said["login"]["text"]
