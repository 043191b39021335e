"""What is installed where: the locks agree, an office's container has nothing of the demo, and there is one version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ("requirements-build.txt", "requirements.txt", "requirements-demo.txt", "requirements-dev.txt")
LOCKS = (*INSTALLED, "requirements-sbom.txt")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(lock: str) -> set[tuple[str, str]]:
    """Name and version, with its marker where there is one."""
    return set(re.findall(r"^([a-z0-9.-]+)==([^\\\n]+?) *\\?$", text(lock), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_for_every_python_holds_a_hash_for_each_and_names_no_index(lock: str) -> None:
    lines = text(lock).splitlines()
    assert "--universal" in lines[1] and "--python-version 3.11" in lines[1]
    pinned = [number for number, line in enumerate(lines) if "==" in line and not line.lstrip().startswith("#")]
    assert len(pinned) == len(pins(lock)) > 0
    assert all(lines[number + 1].startswith("    --hash=sha256:") for number in pinned)
    assert not re.search(r"index-url|find-links|://|file:", "\n".join(lines[2:]))


def test_the_locks_name_one_version_of_a_package() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in pins(lock):
            versions.setdefault(name, set()).add(version.split(" ;")[0])
    assert len(versions) > 200
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_an_office_gets_nothing_of_the_demo_and_no_engine_nobody_calls() -> None:
    office, demo = ({name for name, _ in pins(lock)} for lock in ("requirements.txt", "requirements-demo.txt"))
    only_demo = {"moto", "flask-cors", "opencc-python-reimplemented", "responses", "xmltodict"}
    assert only_demo <= demo
    assert not office & (only_demo | {"duckdb", "splink", "pytest"})


def test_no_environment_of_ours_builds_a_grammar_of_addresses_whenever_it_starts() -> None:
    """jsonschema, which Airflow imports, imports rfc3987-syntax where it finds it: a second of every process."""
    assert "rfc3987-syntax" in {name for name, _ in pins("requirements-sbom.txt")}, "else it can go back to the others"
    assert not [lock for lock in INSTALLED if "rfc3987-syntax" in {name for name, _ in pins(lock)}]


def test_every_installation_is_by_hash_and_builds_with_what_is_locked() -> None:
    """A build in isolation fetches its setuptools unhashed; a package without `--require-hashes` is anybody's."""
    found = []
    for name in ("Dockerfile", "Makefile"):
        joined = re.sub(r"\\\n\s*", " ", text(name)).replace("$(HASHED)", "--require-hashes --no-build-isolation")
        found += [line for line in re.split(r"\n|&&|\|\|", joined) if "pip install" in line]
    assert len(found) >= 8
    for line in found:
        if "requirements-build.txt" in line:
            assert "--require-hashes" in line, line
        else:
            assert "--no-build-isolation" in line, line
            assert "--require-hashes" in line or re.search(r"--no-deps( --no-build-isolation)? (-e )?\.\s*$", line), (
                line
            )


def test_the_container_of_an_office_installs_no_lock_of_the_demo() -> None:
    stages = re.split(r"^FROM ", text("Dockerfile"), flags=re.MULTILINE)[1:]
    with_demo = [stage.split()[2] for stage in stages if "-r requirements-demo.txt" in stage]
    assert with_demo == ["build-demo"]
    assert not [stage for stage in stages if "AS product" in stage and "build-demo" in stage]


def test_there_is_one_version() -> None:
    version = PROJECT["version"]
    tags = set(re.findall(r"image: talentpool(?:-demo)?:(\S+)", text("docker-compose.yml")))
    assert tags == {version}
    headings = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0].split()[0] == version
    assert len([line for line in headings if "(unreleased)" in line]) <= 1, "what is not released yet is one version"


def test_every_python_that_is_promised_is_tried() -> None:
    assert PROJECT["requires-python"] == ">=3.11,<3.14"
    workflow = yaml.safe_load(text(".github/workflows/ci.yml"))
    assert tuple(workflow["jobs"]["check"]["strategy"]["matrix"]["python"]) == PYTHONS
    assert [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step] == [".ci/run", "make sbom"]


def test_the_hooks_before_a_commit_run_the_tools_of_the_lock() -> None:
    (repo,) = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    assert repo["repo"] == "local", "a hook from elsewhere would be another version than the lock's, and fetched"
    assert {hook["id"] for hook in repo["hooks"]} == {"ruff", "ruff-format", "deptry", "mypy"}
    for hook in repo["hooks"]:
        assert hook["language"] == "system" and hook["entry"].startswith(".venv/bin/")
