"""Adding and removing an officer: one command, both doors."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from databases import fresh
from talentpool.settings import Settings

NAME, ROLE = "wang_fang", "county_officer_140403"
SCRIPT = """
import json, sys
from pathlib import Path
from airflow.utils.db import initdb
initdb()
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from talentpool_airflow import officers, users
from talentpool.settings import Settings
home = Path(sys.argv[1])
(home / "admin").write_text("a long admin password")
users.ensure_admin(Settings(), home / "admin")

def command(*words):
    sys.argv = ["officers", *words]
    try:
        officers.main()
    except SystemExit as end:
        print(json.dumps({"exit": end.code}))

def state(name):
    with get_application_builder() as builder:
        user = builder.sm.find_user(username=name)
        print(json.dumps({"user": user and [role.name for role in user.roles]}))

name, role = sys.argv[2:4]
command("add", name, "--role", role, "--shown", "王芳", "--by", "admin")
state(name)
command("add", name, "--role", "city_approver", "--by", "admin")
command("add", "another", "--role", "county_officer_999999", "--by", "admin")
state("another")
command("list")
command("unlock", name, "--by", "admin")
command("unlock", "nobody", "--by", "admin")
command("admit", name, "--by", "admin")
command("admit", name, "--by", name)
sys.stdin.readline()
command("remove", name, "--by", "admin")
state(name)
command("remove", name, "--by", "admin")
"""


def test_one_command_makes_both_doors_and_one_takes_them_away(
    server_url: str, settings: Settings, tmp_path: Path
) -> None:
    name = NAME
    with fresh(server_url) as url:
        airflow = sa.make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
        env = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        env |= {
            "AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "none"),
            "AIRFLOW__CORE__AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
            "AIRFLOW__API__SECRET_KEY": "a" * 32, "AIRFLOW__API_AUTH__JWT_SECRET": "b" * 64,
        }  # fmt: skip
        log = (tmp_path / "stderr").open("w+")
        running = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path), name, ROLE],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        assert running.stdout
        said = []
        for line in running.stdout:
            if line.startswith("{"):
                said.append(json.loads(line))
            if "officers" in line:
                break
        assert said, (tmp_path / "stderr").read_text()[-2000:]
        path = settings.home / "officers" / f"{name}.json"
        doors = json.loads(path.read_text(encoding="utf-8"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        login = sa.make_url(str(settings.database_url)).set(
            username=doors["database"]["login"], password=doors["database"]["password"]
        )
        with sa.create_engine(login, poolclass=sa.NullPool).connect() as conn:
            assert conn.scalar(sa.text("select scope_counties()")) == ["140403"]
        rest, _ = running.communicate("\n")
        said += [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
    assert said == [
        {"added": name, "role": ROLE, "passwords": str(path)}, {"user": [ROLE]},
        {"exit": 2}, {"exit": 2}, {"user": None},
        {"officers": [{"name": name, "login": f"officer_{name}", "role": ROLE, "counties": ["140403"],
                       "added_by": "admin"}]},
        {"unlocked": name, "counted": False}, {"exit": 2},
        {"admitted": name, "code": str(path).replace(".json", ".factor.json")}, {"exit": 2},
        {"removed": name}, {"user": None}, {"exit": 2},
    ], (tmp_path / "stderr").read_text()[-2000:]  # fmt: skip
    with sa.create_engine(str(settings.database_url), poolclass=sa.NullPool).connect() as conn:
        query = "select actor, details from audit_log where action = 'role_change' and subject = :s order by seq"
        rows = [
            (actor, d["door"], d["added"], d["removed"])
            for actor, d in conn.execute(sa.text(query), {"s": f"user:{name}"})
        ]
        strangers = "select count(*) from audit_log where details ->> 'door' = 'unknown door'"
        assert conn.scalar(sa.text(strangers)) == 0
    held = ["account", "active", f"role {ROLE}"]
    assert rows == [("admin", "command", held, []), ("admin", "command", [], held)]
    assert doors["ui"]["password"] not in rest and doors["database"]["password"] not in rest
    with pytest.raises(DBAPIError):
        sa.create_engine(login, poolclass=sa.NullPool).connect()
