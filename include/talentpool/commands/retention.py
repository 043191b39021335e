"""Offer `talentpool retention`: let everything go whose term is over, or say what is due; place, end and list legal holds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import click

from talentpool.commands.output import DATE, NUMBER, named, opened, say

BY = click.option("--by", required=True, help="an officer whom the office's table knows")
REASON = click.option("--reason", required=True, help="why; no value of a person")


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="say what is due, and change nothing")
@click.option("--kind", help="one kind alone; all of them when not given")
@click.option("--sure", is_flag=True, help="with --kind people: also where more people go than by itself")
@click.pass_context
def retention(context: click.Context, *, dry_run: bool, kind: str | None, sure: bool) -> None:
    """End what has outlived its term, as the DAG retention__daily does; for cron where there is no Airflow.

    Airflow's own database and logs are cleaned by the DAG alone.
    """
    if context.invoked_subcommand is not None:
        return
    from talentpool.errors import UsageError
    from talentpool.office_day import today_in_office
    from talentpool.services.retention import KINDS, carry_out, carry_out_all, outlook

    if kind is not None and kind not in KINDS:
        raise UsageError(f"there is no kind of retention {kind!r}; known: {', '.join(KINDS)}")
    with opened(keys=True) as office:
        today = today_in_office(office.settings)
        if dry_run:
            due = {code: asdict(one) for code, one in outlook(office, today).items() if kind in (None, code)}
            say({"day": today, "due": due})
            return
        done, failed = ([carry_out(office, kind, today, sure=sure)], {}) if kind else carry_out_all(office, today)
    say({"day": today, "carried_out": [one.as_json() for one in done], "failed": failed}, 1 if failed else 0)


@retention.command()
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True)
def report(days: int) -> None:
    """List what went, by day and kind."""
    from talentpool.office_day import today_in_office
    from talentpool.services.retention import went

    with opened() as office, office.engine.connect() as conn:
        say({"went": [asdict(one) for one in went(conn, today_in_office(office.settings), days)]})


@retention.command()
def holds() -> None:
    """List legal holds, the newest first, with who ended them and why."""
    from talentpool.office_day import today_in_office
    from talentpool.services.retention import all_holds

    with opened() as office, office.engine.connect() as conn:
        today = today_in_office(office.settings)
        say({"holds": [_told(one, today) for one in all_holds(conn)]})


@retention.command()
@click.argument("about", metavar="kind:K | partner:P | delivery:N | person:ID")
@click.option("--until", type=DATE, required=True, help="the last day on which it holds; three years at most")
@BY
@REASON
def hold(about: str, until: date, by: str, reason: str) -> None:
    """Keep something from being deleted though its term is over (暂停删除)."""
    from talentpool.office_day import today_in_office
    from talentpool.services.retention import place

    with opened(keys=True) as office:
        placed = place(office, about, until=until, by=named(office, by), reason=reason)
        say(_told(placed, today_in_office(office.settings)))


@retention.command()
@click.argument("number", type=NUMBER)
@BY
@REASON
def release(number: int, by: str, reason: str) -> None:
    """Say that a hold ends before its day; a second officer runs the same command."""
    from talentpool.office_day import today_in_office
    from talentpool.services.retention import end

    with opened() as office:
        said = end(office, number, by=named(office, by), reason=reason)
        say(_told(said, today_in_office(office.settings)), 0 if said.ended_at else 3)


def _told(hold: Any, today: date) -> dict[str, Any]:
    return asdict(hold) | {"holds": hold.holds(today)}
