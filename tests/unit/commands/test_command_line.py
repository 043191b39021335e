"""Words of a command line, and the files that commands write for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from rosters import Office, person
from talentpool.__main__ import cli
from talentpool.errors import UsageError
from talentpool.guard.export import write_csv
from talentpool.match import match


@pytest.mark.parametrize("word", ["王\0", "a\x01", "\x1b[2J", "\x7f", "x\x85y", "\udcff"])
@pytest.mark.parametrize(
    "command",
    [
        ["delivery", "decide", "1", "all", "--by", "{}", "--reason", "核实"],
        ["delivery", "decide", "1", "all", "--by", "王", "--reason={}"],
        ["reference", "set", "station", "{}", "--by", "王", "--reason", "核实"],
        ["audit", "--subject", "{}"],
        ["ingest", "{}"],
        ["ingest", "didi", "--file", "{}"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_word_with_a_control_character_is_a_usage_error(command: list[str], word: str) -> None:
    done = CliRunner().invoke(cli, [part.format(word) for part in command], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert "control character" in str(done.exception)
    assert word not in str(done.exception)


@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [("MISSES_PER_DAY", "200", "less than or equal to 100"), ("EXPORT_DAYS", "0", "greater than or equal to 1"),
     ("SHARES", "many", "valid integer"), ("AREA", "990000", "pattern"), ("PROFILE", "test", "'demo' or 'production'"),
     ("TODAY", "soon", "valid date")],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_a_usage_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, bound: str
) -> None:
    monkeypatch.setenv(f"TALENTPOOL_{name}", value)
    done = CliRunner().invoke(cli, ["audit", "list"], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert f"TALENTPOOL_{name}: " in str(done.exception) and bound in str(done.exception)


def test_a_note_of_several_lines_is_no_usage_error() -> None:
    done = CliRunner().invoke(cli, ["digest", "--help", "一\n二\t三"], standalone_mode=False)
    assert done.exception is None


@pytest.mark.parametrize("staff_no", ["=1+1", "+86", "@SUM(A1)", "-9", "＝1", "=cmd|' /C calc'!A0"])
def test_links_hold_no_formula(office: Office, tmp_path: Path, staff_no: str) -> None:
    office.deliver("2026-10-31", [person(1, staff_no=staff_no), person(2)])
    match(office.engine, office.keys)
    assert CliRunner().invoke(cli, ["links", "--out", str(tmp_path / "links.csv")]).exit_code == 0
    with (tmp_path / "links.csv").open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header == ["partner", "staff_no", "person_id"]
    assert len(rows) == office.one("select count(*) from record_person")
    assert all(cell[0] not in "=+-@＝" for row in rows for cell in row)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1", "'=1"),
        ("'=1", "''=1"),
        ("\u202e=1", "'=1"),
        ("a\r\n=1", "a  =1"),
        (None, ""),
        (-5, "-5"),
        ("太行站", "太行站"),
    ],
)
def test_the_one_writer_makes_every_cell_inert(cell: Any, written: str) -> None:
    stream = io.StringIO()
    assert write_csv(stream, ["a", "b"], [[cell, "x"]]) == 1
    assert list(csv.reader(io.StringIO(stream.getvalue()))) == [["a", "b"], [written, "x"]]


VERBS = re.compile(
    "(Accept|Add|Approve|Back|Check|Compute|Confirm|Create|Decide|Declare|Destroy|Draw|End|Erase|Explain|Find|Import|Judge|Keep|Learn"
    "|List|Put|Read|Recompute|Record|Register|Remove|Restore|Revoke|Say|Set|Show|Sign|Split|Start|Take|Use|Write),? .+[.]"
)


def test_the_help_of_each_command_says_what_it_does() -> None:
    commands = list(_commands(cli))
    assert len(commands) > 60
    for name, command in commands:
        first = (command.help or "").partition("\n")[0]
        assert VERBS.fullmatch(first), f"{name}: {first}"


def _commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield name, command
        if isinstance(command, click.Group):
            yield from _commands(command)
