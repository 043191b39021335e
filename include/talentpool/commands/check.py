"""Offer `talentpool check`: whoever makes a roster tries it before it is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from talentpool.commands.output import AS_OF, DATE, opened, say
from talentpool.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--partner", required=True, help="the partner that sends the roster")
@AS_OF
@click.option("--kind", type=click.Choice(["full", "delta"]))
@click.option("--since", type=DATE, help="the file is a delta with the changes since this date")
def check(file: Path, partner: str, as_of: date | None, kind: str | None, since: date | None) -> None:
    """Say which verdict FILE would get, with the row and column of every fault; nothing is stored.

    Rows are numbered as a spreadsheet shows them. Without a manifest beside the file and without --as-of, today is its date.
    """
    from talentpool.acquire import load_partner
    from talentpool.check import check as run
    from talentpool.office_day import today_in_office

    settings = Settings()
    declared = load_partner(settings.partner_dirs, partner)
    beside = file.with_name(f"{file.name}.manifest.json").is_file()
    today = None if beside else today_in_office(settings)
    with opened(settings, keys=True) as office:
        found = run(office, declared, file, as_of=as_of or today, kind=kind, since=since)
    say(found.as_json(), found.outcome.exit_code)
