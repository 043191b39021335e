"""docker-compose.yml without Docker: every word in it is checked against what it speaks of."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.compose import (
    FILE,
    FILLED,
    OTHERS,
    OURS,
    ROOT,
    SERVICES,
    TEXT,
    VARIABLE,
    command_lines,
    resolved,
    secrets,
    sources,
)  # fmt: skip
from talentpool.in_airflow import MATCHING, MATCHING_FOR, MATCHING_SLOTS
from talentpool.settings import Settings

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
MADE = (ROOT / "deploy" / "make-secrets.sh").read_text(encoding="utf-8")
BROUGHT = {"tls_certificate", "tls_key"}
"""Secrets that the office brings; make-secrets.sh names them."""

OF_OTHERS = {
    "TZ": "libc",
    "OPENBLAS_NUM_THREADS": "OpenBLAS",
    "OMP_NUM_THREADS": "OpenMP",
    "GX_ANALYTICS_ENABLED": "Great Expectations",
    "FORWARDED_ALLOW_IPS": "uvicorn",
    "AWS_ENDPOINT_URL_S3": "botocore",
    "AWS_SHARED_CREDENTIALS_FILE": "botocore",
    "AWS_DEFAULT_REGION": "botocore",
    "AIRFLOW_HOME": "Airflow",
    "POSTGRES_PASSWORD_FILE": "the postgres image",
    "POSTGRES_INITDB_ARGS": "the postgres image",
    "TALENTPOOL_HOST": "deploy/Caddyfile",
    "BACKUP_RECIPIENTS": "deploy/backup.sh",
    "BACKUP_AT": "deploy/backup.sh",
    "BACKUP_KEEP_DAYS": "deploy/backup.sh",
}
"""Variables that are neither settings of ours nor options of Airflow, and who reads them."""


def test_there_are_all_services() -> None:
    airflow = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "watch"}
    backups = {"backup", "restore"}
    partners = {"demo", "partner-postal", "partner-sf", "partner-meituan"}
    assert set(OURS) == airflow | backups | partners
    assert set(OTHERS) == {"postgres", "redis", "landing", "proxy"}
    assert {name for name, facts in SERVICES.items() if facts.get("profiles")} == partners | {"restore"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 3


def test_the_file_is_what_the_compose_specification_says() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_finds_what_the_specification_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(TEXT.replace("healthcheck: {", "healthchek: {"), encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, str(tmp_path / "docker-compose.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "healthchek" in done.stdout


def test_every_variable_of_the_file_is_in_the_example_and_the_other_way_round() -> None:
    used = {found[1] for found in VARIABLE.finditer(TEXT)}
    assert len(used) > 5
    assert used == set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))
    asked = {found[1] for found in VARIABLE.finditer(TEXT) if found[2] == ":?"}
    assert asked == set(FILLED) == set(re.findall(r"^(\w+)=$", EXAMPLE, re.MULTILINE))


def test_defaults_in_the_example_are_those_of_the_file() -> None:
    given = dict(re.findall(r"^(\w+)=(.+)$", EXAMPLE, re.MULTILINE))
    defaults = {(found[1], found[3]) for found in VARIABLE.finditer(TEXT) if found[2] == ":-"}
    assert given and defaults == set(given.items())


def test_every_service_has_limits_and_a_health_check() -> None:
    limited = {name for name, facts in SERVICES.items()
               if {"cpus", "memory", "pids"} <= set(facts["deploy"]["resources"]["limits"])}  # fmt: skip
    assert SERVICES.keys() - limited == set()
    # what ends by itself is waited for by its success
    checks = {name: facts["healthcheck"] for name, facts in SERVICES.items()}
    watched = {
        name for name, check in checks.items() if check.get("test") and {"interval", "timeout", "retries"} <= set(check)
    }
    ending = {
        name for name, check in checks.items() if check == {"disable": True} and SERVICES[name]["restart"] == "no"
    }
    assert SERVICES.keys() - watched - ending == set()


def test_every_image_has_a_version() -> None:
    images = {service["image"] for service in SERVICES.values()}
    assert [image for image in images if not re.fullmatch(r"[^:]+:\d+\.\d+.*", image)] == []


def test_the_image_is_of_this_version() -> None:
    version = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert {facts["image"].partition(":")[2] for facts in OURS.values()} == {version[1]}


def test_every_mounted_path_is_in_the_repository_or_explained_in_the_example() -> None:
    found = {source for facts in SERVICES.values() for source in sources(facts)}
    volumes = set(resolved()["volumes"])
    paths = {source for source in found if source.startswith((".", "/"))}
    assert len(paths) >= 4
    assert found - paths == volumes, "every volume is mounted, every mounted volume is declared"
    explained = set(re.findall(r"^\w+=(\./\S+)$", EXAMPLE, re.MULTILINE))
    for path in paths:
        assert (ROOT / path).is_file() or any(path == told or path.startswith(f"{told}/") for told in explained), path


def test_every_secret_is_made_or_brought_and_used() -> None:
    declared = resolved()["secrets"]
    assert len(declared) > 10
    made = set(re.findall(r"\bput (\w+) ", MADE)) | set(re.findall(r"\w+", re.search(r"for name in ([^;]+)", MADE)[1]))  # type: ignore[index]
    assert set(declared) - BROUGHT <= made
    assert set(declared) >= BROUGHT and all(name in MADE for name in BROUGHT)
    assert {name for facts in SERVICES.values() for name in secrets(facts)} == set(declared)
    assert all(facts == {"file": f"./secrets/{name}"} for name, facts in declared.items())


def test_a_path_under_run_secrets_is_a_secret_of_that_service() -> None:
    seen = 0
    for name, facts in SERVICES.items():
        spoken = str({key: facts.get(key) for key in ("command", "healthcheck")}) + " ".join(
            str(value) for key, value in facts.get("environment", {}).items() if not _for_some_only(key)
        )
        for secret in re.findall(r"/run/secrets/(\w+)", spoken):
            seen += 1
            assert secret in secrets(facts), f"{name}: {secret}"
    assert seen > 20


def _for_some_only(variable: str) -> bool:
    """The landing's credentials: the common environment names their file, workers alone have it."""
    return variable == "AWS_SHARED_CREDENTIALS_FILE"


def test_nothing_in_the_file_is_a_password() -> None:
    values = _variables()
    assert len(values) > 30
    for variable, value in values:
        if variable == "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES":
            continue  # names of what is hidden, no value
        if re.search(r"PASSWORD|SECRET|KEY|_CONN|BROKER_URL|BACKEND|DATABASE_URL", variable):
            assert re.fullmatch(r"(cat )?/run/[\w/-]+", value), f"{variable} is a value; it must be a file"
    assert not re.search(r"\w+://[^/\s:]*:[^@\s]+@", TEXT), "a URL with a password"


def test_every_variable_is_known_to_whoever_reads_it() -> None:
    from airflow.configuration import conf
    from airflow.providers_manager import ProvidersManager

    ProvidersManager().initialize_providers_configuration()
    settings = {f"TALENTPOOL_{name.upper()}" for name in Settings.model_fields}
    options = {
        (section.lower(), option.lower())
        for section, facts in conf.configuration_description.items()
        for option in facts["options"]
    }
    for variable, _ in _variables():
        if variable in OF_OTHERS or variable in settings:
            continue
        matched = re.fullmatch(r"AIRFLOW__([A-Z_]+?)__([A-Z_]+)", variable)
        assert matched, variable
        section, option = matched[1].lower(), matched[2].lower()
        if option.endswith("_cmd"):
            option = option.removesuffix("_cmd")
            assert (section, option) in conf.sensitive_config_values, f"{variable}: Airflow reads no command here"
        if section == "talentpool":
            assert f'conf.get("talentpool", "{option}"' in _code("talentpool_airflow/defaults.py"), variable
        else:
            assert (section, option) in options, variable


def test_files_of_secrets_that_settings_read_are_settings() -> None:
    """pydantic reads /run/secrets/talentpool_<setting>."""
    found = {name for facts in OURS.values() for name in secrets(facts) if name.startswith("talentpool_")}
    logins = {f"talentpool_{login}database_url" for login in ("", "console_", "backup_", "owner_", "airflow_")}
    assert found == logins
    assert {name.removeprefix("talentpool_") for name in found} <= set(Settings.model_fields)


def test_init_makes_the_pool_that_matching_waits_for() -> None:
    """Without it no match would ever start, and nobody would be told."""
    assert ["airflow", "pools", "set", MATCHING, str(MATCHING_SLOTS), MATCHING_FOR] in command_lines(SERVICES["init"])
    airflow = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
    assert all("init" in SERVICES[name]["depends_on"] for name in airflow)


def test_nobody_but_init_and_a_restore_has_the_owners_login() -> None:
    assert {name for name, facts in OURS.items() if "talentpool_owner_database_url" in secrets(facts)} == {
        "init", "restore",
    }  # fmt: skip


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert {name for name, facts in SERVICES.items() if facts.get("ports")} == {"proxy"}
    networks = resolved()["networks"]
    assert networks["inside"] == {"internal": True}
    outside = {name for name, facts in SERVICES.items() if "outside" in facts["networks"]}
    assert outside == {"proxy", "worker", "watch", "partner-postal", "partner-sf", "partner-meituan"}


def test_keys_of_people_are_where_tasks_run_and_where_pages_are_made_and_nowhere_else() -> None:
    holders = {name for name, facts in SERVICES.items() if any(source.endswith("/keys") for source in sources(facts))}
    assert holders == {"worker", "init", "api-server", "backup"}


def _variables() -> list[tuple[str, str]]:
    return sorted(
        {(name, str(value)) for facts in SERVICES.values() for name, value in facts.get("environment", {}).items()}
    )


def _code(path: str) -> Any:
    return (ROOT / "include" / path).read_text(encoding="utf-8")
