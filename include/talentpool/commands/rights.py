"""`talentpool withdraw | erase | access`: what people may ask about themselves."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from talentpool.commands.output import DATE, opened, say
from talentpool.settings import Settings


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """What the three have in common: who, by whom, why, since when."""
    for option in (
        click.option("--received-on", type=DATE, help="when the request came in; today when not given"),
        click.option(
            "--reason", default="本人申请", show_default=True, help="why; stays on record, so no personal data"
        ),
        click.option("--by", help="who decides; the login of this machine when not given"),
        click.argument("subject", metavar="PERSON_ID | PARTNER:STAFF_NO"),
    ):
        command = option(command)
    return command


@click.command()
@_asked
@click.option(
    "--tell-partner", is_flag=True, help="the person asks in writing that the partner be told to stop (停止报送)"
)
def withdraw(subject: str, by: str | None, reason: str, received_on: date | None, tell_partner: bool) -> None:
    """A person withdraws consent: erased on every roster, and not taken in again without a new consent."""
    from talentpool.rights import withdraw as run

    _answer(run, subject, by, reason, received_on, tell_partner=tell_partner)


@click.command()
@_asked
def erase(subject: str, by: str | None, reason: str, received_on: date | None) -> None:
    """Erase a person who has left; backups cannot read them any more either."""
    from talentpool.rights import erase as run

    _answer(run, subject, by, reason, received_on)


@click.command()
@_asked
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the workbook to write")
@click.option("--recipient", help="age public key it is encrypted to; needed outside the demo profile")
def access(
    subject: str, by: str | None, reason: str, received_on: date | None, out: Path, recipient: str | None
) -> None:
    """Everything about one person as a readable workbook, who saw it and why included."""
    from talentpool.rights import access as run

    _answer(run, subject, by, reason, received_on, out=out, recipient=recipient)


def _answer(
    run: Callable[..., Any], subject: str, by: str | None, reason: str, received_on: date | None, **more: Any
) -> None:
    from talentpool.guard import open_keys
    from talentpool.office_day import today_in_office

    settings = Settings()
    with opened(settings) as engine:
        answered = run(
            engine, open_keys(settings, engine), settings, subject, by=by or f"login:{getpass.getuser()}",
            reason=reason, received_on=received_on or today_in_office(), **more,
        )  # fmt: skip
        say(answered.as_json())
