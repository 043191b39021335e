"""What the documents say is what the code does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from talentpool.__main__ import cli
from talentpool.declare import campaign_files, partner_files
from talentpool.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^talentpool (.+)$", README, flags=re.MULTILINE)))


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) >= 5


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_parses(line: str) -> None:
    name, *words = shlex.split(line, comments=True)
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    command.make_context(name, words)


def test_every_setting_is_in_the_readme_and_every_variable_there_is_a_setting() -> None:
    settings = {f"TALENTPOOL_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"(?<![A-Z_])TALENTPOOL_[A-Z_]+[A-Z]", README)) - {"TALENTPOOL_CONN"}
    assert named == settings


def test_every_declared_dag_is_in_the_table_of_clock_times() -> None:
    settings = Settings()
    dags = {f"{kind}__{code}" for kind in ("roster", "decision") for code in partner_files(settings.partner_dirs)}
    dags |= {f"campaign__{code}" for code in campaign_files(settings.campaign_dirs)}
    dags |= {"pool__people", "quality__report", "audit__verify"}
    assert set(re.findall(r"`((?:roster|decision|campaign|pool|quality|audit)__\w+)`", README)) == dags


RUNBOOK = (ROOT / "docs" / "operations-backup.md").read_text(encoding="utf-8")
RUNBOOK_COMMANDS = sorted(set(re.findall(r"^talentpool (.+)$", RUNBOOK, flags=re.MULTILINE)))


def test_the_commands_of_the_backup_runbook_parse(tmp_path: Path) -> None:
    assert len(RUNBOOK_COMMANDS) >= 5
    for line in RUNBOOK_COMMANDS:
        name, *words = shlex.split(line)
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        # folders that must exist are those of the reader's machine
        command.make_context(name, [str(tmp_path) if word.startswith("/") else word for word in words])
