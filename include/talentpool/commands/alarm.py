"""Offer `talentpool alarm`: look whether anything is late, stuck, missing or unsent, from outside of Airflow; list, take note."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from talentpool.commands.output import named, opened, say


@click.group(invoke_without_command=True)
@click.pass_context
def alarm(context: click.Context) -> None:
    """Check now, whatever Airflow does, and put what is wrong on record; exit 3 while anything waits for somebody.

    For cron, which sends what a command prints: it sees a stopped scheduler, which no DAG can.
    """
    if context.invoked_subcommand is not None:
        return
    from talentpool.office_day import today_in_office
    from talentpool.services.alarm import look
    from talentpool.services.alarm.standing import LATELY, sendings, standing
    from talentpool.services.alarm.taking_in import take_in

    now = datetime.now(UTC)
    with opened() as office:
        today = today_in_office(office.settings)
        with office.engine.begin() as conn:
            take_in(conn, office.settings.alerts_file, now)
        new = look(office, today, now)
        with office.engine.connect() as conn:
            waiting = [one for one in standing(conn, LATELY, now) if one.noted_by is None and one.severity != "note"]
            tries = sendings(conn, today - timedelta(days=1))
    last = {one.channel: one for one in tries}
    unsent = {name: one.fault for name, one in last.items() if not one.sent}
    say(
        {
            "new": new,
            "open": [{"key": one.key, "kind": one.title, "message": one.message} for one in waiting],
            "unsent": unsent,
        },
        3 if waiting or unsent else 0,
    )


@alarm.command("list")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="last seen within so many days")
def list_(days: int) -> None:
    """List alerts, the newest first: how often seen, who has taken note; and every try to send."""
    from talentpool.office_day import today_in_office
    from talentpool.services.alarm.standing import sendings, standing

    since = timedelta(days=days)
    with opened() as office, office.engine.connect() as conn:
        found = standing(conn, since, datetime.now(UTC))
        tries = sendings(conn, today_in_office(office.settings) - since)
    say({"alerts": [asdict(one) for one in found], "sendings": [asdict(one) for one in tries]})


@alarm.command()
@click.argument("key")
@click.option("--by", required=True, help="an officer whom the office's table knows")
@click.option("--note", default="", help="what is done about it")
def note(key: str, by: str, note: str) -> None:
    """Put down that somebody has taken note of the alert KEY: it is escalated no more."""
    from talentpool.services.alarm.standing import acknowledge

    with opened() as office:
        who = named(office, by)
        with office.engine.begin() as conn:
            acknowledge(conn, key, by=who, note=note)
    say({"key": key, "by": who})
