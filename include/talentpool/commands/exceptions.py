"""Offer `talentpool exception`: keep a person off a campaign's lists, or put one on, by two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import click

from talentpool.commands.output import DATE, NUMBER, opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.campaigns import Approver
    from talentpool.office import Office

BY = click.option("--by", required=True, help="an officer of the city whom the office's table knows")


@click.group()
def exception() -> None:
    """Keep a person off a campaign's lists, or put one on: asked for by one officer, confirmed by another."""


@exception.command()
@click.argument("campaign")
@click.argument("person", metavar="PERSON_ID|PARTNER:STAFF_NO")
@click.option("--effect", type=click.Choice(["in", "out"]), required=True, help="put on the lists, or keep off them")
@click.option("--reason", required=True, help="a code; a wrong one is answered with all of them")
@click.option("--until", type=DATE, required=True, help="the last date of a list for which it holds")
@BY
def add(campaign: str, person: str, effect: str, reason: str, until: date, by: str) -> None:
    """Register an exception; it holds once somebody else confirms it, and shows on the next draft."""
    from talentpool.campaigns import known_officer
    from talentpool.campaigns.selection.exceptions import propose
    from talentpool.declare import load_campaign
    from talentpool.office_day import today_in_office
    from talentpool.services.rights.subject import find

    settings = Settings()
    declared = load_campaign(settings.campaign_dirs, campaign)
    with opened(settings, keys=True) as office:
        with office.engine.connect() as conn:
            who, subject = known_officer(conn, by), find(conn, office.keys, person)
        if subject.person is None:
            raise UsageError(
                "of that staff number there are only rows that were set aside: nobody is in the pool by it"
            )
        number = propose(
            office, declared, subject.person, "in" if effect == "in" else "out", reason=reason, until=until, by=who,
            today=today_in_office(settings),
        )  # fmt: skip
    say({"exception_id": number, "waits_for": "a second person: talentpool exception confirm"})


@exception.command()
@click.argument("number", type=NUMBER)
@BY
def confirm(number: int, by: str) -> None:
    """Confirm an exception that somebody else asked for."""
    from talentpool.campaigns.selection.exceptions import confirm as run

    say({"exception_id": number, "confirmed_by": _as_officer(run, number, by)})


@exception.command()
@click.argument("number", type=NUMBER)
@BY
def end(number: int, by: str) -> None:
    """End an exception: it holds for no later draft."""
    from talentpool.campaigns.selection.exceptions import end as run

    say({"exception_id": number, "ended_by": _as_officer(run, number, by)})


def _as_officer(run: Callable[[Office, int, Approver], None], number: int, by: str) -> str:
    """Do it as the officer of that name, who is returned as the office's table writes it."""
    from talentpool.campaigns import known_officer

    with opened() as office:
        with office.engine.connect() as conn:
            who = known_officer(conn, by)
        run(office, number, who)
    return who.name


@exception.command("list")
@click.option("--campaign", help="show those of one campaign only")
def list_(campaign: str | None) -> None:
    """List the exceptions that hold, or wait to be confirmed."""
    from talentpool.campaigns.selection.exceptions import exceptions
    from talentpool.office_day import today_in_office

    with opened() as office, office.engine.connect() as conn:
        say({"exceptions": exceptions(conn, today_in_office(), campaign)})
