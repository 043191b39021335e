"""Offer `talentpool match`: find out who is who, and list, activate, write or read the weights."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from talentpool.commands.output import atomic, opened, say
from talentpool.errors import UsageError

VERSION = click.argument("version", type=click.IntRange(min=1))


@click.group(invoke_without_command=True)
@click.option("--full", is_flag=True, help="match all records again, and count anew how common values are")
@click.pass_context
def match(context: click.Context, full: bool) -> None:
    """Find out which records are one person; the sub-commands handle the weights of the evidence."""
    from talentpool.match import match as run

    if context.invoked_subcommand is not None:
        if full:
            raise click.UsageError(f"--full is for a matching run, not for `match {context.invoked_subcommand}`")
        return
    with opened(keys=True) as office:
        say(asdict(run(office.engine, office.keys, full=full)))


@match.command()
def weights() -> None:
    """List every version of the weights, the shipped one first."""
    from talentpool.match import versions

    with opened() as office, office.engine.connect() as conn:
        say({"versions": versions(conn)})


@match.command()
@VERSION
@click.option("--by", required=True, help="who decides")
@click.option("--note", required=True, help="why; stays on record, so no personal data")
def activate(version: int, by: str, note: str) -> None:
    """Use the weights of VERSION from now on; the next matching run compares every record again."""
    from talentpool.match import activate as run

    with opened() as office, office.engine.begin() as conn:
        say({"active": version, "before": run(conn, version, by=by, note=note)})


@match.command("export-weights")
@VERSION
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_weights(version: int, file: Path) -> None:
    """Write the weights of VERSION to FILE, in the format of the shipped weights.yml."""
    from talentpool.match import weights_of, write_weights

    with opened() as office, office.engine.connect() as conn:
        found = weights_of(conn, version)
    with atomic(file) as stream:
        stream.write(write_weights(found))
    say({"version": version, "file": str(file)})


@match.command("import-weights")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--by", required=True, help="who imports it")
@click.option("--note", required=True, help="where from; stays on record, so no personal data")
def import_weights(file: Path, by: str, note: str) -> None:
    """Keep the weights of FILE as a new version; nothing uses it before `match activate`."""
    from talentpool.match import keep_weights, read_weights

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name} is not UTF-8 text; weights are a YAML file in UTF-8") from error
    found = read_weights(text, file.name)
    with opened() as office, office.engine.begin() as conn:
        say({"version": keep_weights(conn, found, by=by, note=note), "active": False})
