"""Offer `talentpool reference`: list, edit, import and check the office's own tables; every edit is signed and kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from talentpool.commands.output import DATE, atomic, opened, say
from talentpool.errors import UsageError

AT = click.option("--at", type=DATE, help="show the table as it was at the end of this day")
BY = click.option("--by", required=True, help="who edits")
REASON = click.option("--reason", required=True, help="why; stays on record, so no personal data")
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def reference() -> None:
    """List and edit the office's tables: divisions, stations, occupations, holidays, notices, contacts, recipients."""


@reference.command("list")
@click.argument("table")
@AT
def list_(table: str, at: date | None) -> None:
    """List all rows of TABLE."""
    say(_read(table, (), at))


@reference.command()
@click.argument("table")
@click.argument("key", nargs=-1, required=True)
@AT
def show(table: str, key: tuple[str, ...], at: date | None) -> None:
    """Show the rows of TABLE whose key begins with KEY."""
    found = _read(table, key, at)
    if not found["rows"]:
        raise UsageError(f"{table} has no row {' '.join(key)}; see `talentpool reference list {table}`")
    say(found)


@reference.command("set")
@click.argument("table")
@click.argument("cells", nargs=-1, required=True, metavar="COLUMN=VALUE...")
@BY
@REASON
def set_(table: str, cells: tuple[str, ...], by: str, reason: str) -> None:
    """Add a row to TABLE, or change columns of one; an empty VALUE clears; aliases+=WORD and aliases-=WORD."""
    from talentpool.reference import set_row, table_named

    known = table_named(table)
    with opened() as office:
        say(set_row(office, known, _cells(cells), by=by, reason=reason).as_json())


@reference.command()
@click.argument("table")
@click.argument("key", nargs=-1, required=True)
@BY
@REASON
def remove(table: str, key: tuple[str, ...], by: str, reason: str) -> None:
    """Remove the row KEY from TABLE; refused while live records use it."""
    from talentpool.reference import remove_row, table_named

    known = table_named(table)
    with opened() as office:
        say(remove_row(office, known, known.whole_key(key), by=by, reason=reason).as_json())


@reference.command("import")
@click.argument("table")
@click.argument("file", type=FILE)
@BY
@REASON
@click.option("--replace", is_flag=True, help="treat the file as the whole table and remove rows that it lacks")
@click.option("--apply", is_flag=True, help="make the changes; without this option they are only printed")
def import_(table: str, file: Path, by: str, reason: str, replace: bool, apply: bool) -> None:
    """Set the rows of a CSV file in TABLE, all of them or none."""
    from talentpool.reference import import_rows, read_sheet, table_named

    known = table_named(table)
    rows = read_sheet(file, known)
    with opened() as office:
        done = import_rows(office, known, rows, by=by, reason=reason, replace=replace, dry=not apply)
    say({**done.as_json(), "file": file.name})


@reference.command()
@click.argument("table")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@AT
def export(table: str, out: Path, at: date | None) -> None:
    """Write TABLE as CSV, as `reference import` reads it."""
    from talentpool.frames.tables import sheet
    from talentpool.reference import read, read_at, table_named, write_sheet

    known = table_named(table)
    with opened() as office, office.engine.connect() as conn:
        state = read(conn, known) if at is None else read_at(conn, known, at)
    with atomic(out) as stream:
        rows = write_sheet(stream, sheet(known, state))
    say({"table": table, "rows": rows, "file": str(out)})


@reference.command()
@click.argument("table")
@click.argument("key", nargs=-1)
def history(table: str, key: tuple[str, ...]) -> None:
    """List who changed what in TABLE, oldest first: all rows, or those whose key begins with KEY."""
    from talentpool.reference import history as read
    from talentpool.reference import table_named

    known = table_named(table)
    with opened() as office, office.engine.connect() as conn:
        say({"table": table, "changes": read(conn, known, known.begun_key(key))})


@reference.command()
@click.option("--official", type=FILE, help="CSV of codes and names as published")
@click.option("--on", type=DATE, help="check as of this day; default: today")
def check(official: Path | None, on: date | None) -> None:
    """Check the tables; exit 3 when something must be put right. Campaigns that no notice covers are listed beside."""
    from talentpool.office_day import today_in_office
    from talentpool.reference import check as run
    from talentpool.reference import not_yet_lawful

    with opened() as office:
        found = run(office, on or today_in_office(), official)
        waiting = not_yet_lawful(office)
    findings = [{**asdict(f), "key": list(f.key)} for f in found]
    say({"findings": findings, "not_yet_lawful": waiting}, 3 if found else 0)


def _cells(words: tuple[str, ...]) -> dict[str, str]:
    cells = {}
    for word in words:
        column, equals, value = word.partition("=")
        if not equals or column in cells:
            raise UsageError("cells are written COLUMN=VALUE, each column once")
        cells[column] = value
    return cells


def _read(name: str, key: tuple[str, ...], at: date | None) -> dict[str, Any]:
    from talentpool.reference import read, read_at, table_named, versions

    table = table_named(name)
    begun = table.begun_key(key)
    with opened() as office, office.engine.begin() as conn:
        state = read(conn, table) if at is None else read_at(conn, table, at)
        version = versions(conn, at)[name]
    rows = [row for known, row in state.items() if known[: len(begun)] == begun]
    return {"table": name, "version": version, "at": at, "rows": rows}
