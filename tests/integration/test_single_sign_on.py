"""Signing in through an OpenID Connect provider: a real one, FAB's own login app, and what must be refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from databases import fresh

ROOT = Path(__file__).resolve().parents[2]


def test_the_provider_says_who_somebody_is_and_only_known_officers_come_in(server_url: str, tmp_path: Path) -> None:
    with fresh(server_url) as url, fresh(server_url, "template_talentpool") as ours:
        airflow = sa.make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TALENTPOOL_"))}
        env |= {
            "AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "none"),
            "AIRFLOW__CORE__AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
            "AIRFLOW__FAB__CONFIG_FILE": str(ROOT / "include" / "talentpool_airflow" / "login_page.py"),
            "AIRFLOW__API__SECRET_KEY": "a" * 32, "AIRFLOW__API_AUTH__JWT_SECRET": "b" * 64,
            "TALENTPOOL_DATABASE_URL": ours, "TALENTPOOL_PROFILE": "demo", "TALENTPOOL_HOME": str(tmp_path / "home"),
            "PYTHONPATH": str(ROOT / "tests" / "support"), "AUTHLIB_INSECURE_TRANSPORT": "1",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "integration" / "sign_on_probe.py", tmp_path / "secret"],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said.pop("page") == [True, False], "the page offers the provider and asks for no password"
    assert said.pop("factors") == [False, False, True, True, True, False, False], "as its amr or acr says"
    inside = {attempt for attempt, (_, signed_in) in said.items() if signed_in}
    assert len(said) == 14
    assert inside == {"wang|"}, "not a stranger, no nameless token, none signed by another, for another, used or old"
