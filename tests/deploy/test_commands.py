"""Every command and health check of docker-compose.yml is one that the programs understand, as it is written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from deploy.compose import OTHERS, OURS, ROOT, command_lines
from talentpool.__main__ import cli

BIN = Path(sys.executable).parent
LINES = sorted({tuple(line) for facts in OURS.values() for line in command_lines(facts)})
"""Every line that runs in our own image."""


def of(program: str) -> list[tuple[str, ...]]:
    return [line[1:] for line in LINES if line[0] == program]


def test_every_line_is_of_a_program_tested_here() -> None:
    assert len(LINES) > 12
    assert {line[0] for line in LINES} == {"airflow", "talentpool", "python", "celery", "sh"}
    assert all((BIN / line[0]).exists() for line in LINES if line[0] != "sh")
    assert {line[1:] for line in LINES if line[0] == "sh"} == {  # tests/deploy/test_documents.py
        ("/deploy/backup.sh",), ("/deploy/backup.sh", "fresh"),
    }  # fmt: skip


@pytest.mark.airflow
def test_airflow_takes_its_lines_and_answers_help() -> None:
    from airflow.cli import cli_parser

    parser = cli_parser.get_parser()
    assert len(of("airflow")) >= 8
    for words in of("airflow"):
        parser.parse_args(list(words))
        with pytest.raises(SystemExit) as ended:
            parser.parse_args([*(word for word in words if not word.startswith(("-", "/"))), "--help"])
        assert ended.value.code == 0, words


def test_talentpool_takes_its_lines_and_answers_help() -> None:
    assert of("talentpool") == [("init",), ("restore", "--help")]
    command = cli.get_command(click.Context(cli), "init")
    assert command is not None
    command.make_context("init", [])
    with pytest.raises(click.exceptions.Exit) as ended:
        command.make_context("init", ["--help"])
    assert ended.value.exit_code == 0


@pytest.mark.airflow
def test_our_modules_answer_help_and_know_every_option() -> None:
    modules = [words[1:] for words in of("python") if words[0] == "-m"]
    assert {words[0] for words in modules} == {
        "talentpool_airflow.users", "talentpool_airflow.demo_run.hand_over", "talentpool_airflow.watch",
        "simulators.postal", "simulators.sf", "simulators.meituan",
    }  # fmt: skip
    for module, *words in modules:
        done = _run([str(BIN / "python"), "-m", module, "--help"])
        assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[\w-]+", done)), module


def test_python_compiles_the_probes() -> None:
    probes = [words[1] for words in of("python") if words[0] == "-c"]
    assert len(probes) >= 5
    for probe in probes:
        compile(probe, "probe", "exec")


@pytest.mark.airflow
def test_celery_answers_help_to_the_workers_probe() -> None:
    ((*words, option, target),) = of("celery")
    assert (option, target) == ("--destination", "celery@$HOSTNAME")
    assert "--destination" in _run([str(BIN / "celery"), *words, "--help"])


@pytest.mark.airflow
def test_the_probes_ask_where_the_services_listen() -> None:
    from airflow.configuration import conf

    scheduler = str(OURS["scheduler"]["healthcheck"])
    assert f":{conf.getint('scheduler', 'scheduler_health_check_server_port')}/health" in scheduler
    api = OURS["api-server"]
    assert f":{api['environment']['AIRFLOW__API__PORT']}/api/v2/version" in str(api["healthcheck"])
    proxy = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert f"api-server:{api['environment']['AIRFLOW__API__PORT']}" in proxy
    asked = OTHERS["proxy"]["healthcheck"]["test"][-1]
    assert asked.removesuffix("/healthz") in proxy and "/healthz" in proxy


def _run(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env={"PATH": str(BIN)})
    assert done.returncode == 0, done.stderr
    return done.stdout
