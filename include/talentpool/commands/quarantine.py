"""Offer `talentpool quarantine`: work off rows that were set aside. No value of a person on the command line or in the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from talentpool.commands.output import NUMBER, named, opened, say

if TYPE_CHECKING:
    from talentpool.office import Office


@click.group()
def quarantine() -> None:
    """List rows that were set aside, correct them, take them as they are, return them, let them expire."""


@quarantine.command("list")
@click.option("--partner", help="show one partner only")
def list_(partner: str | None) -> None:
    """List rows that wait: delivery, row, reasons and age; and what is remembered for rows."""
    from talentpool.office_day import today_in_office
    from talentpool.services.mending import holding, waiting

    with opened() as office, office.engine.connect() as conn:
        rows = [one for one in waiting(conn, today_in_office(office.settings)) if partner in (None, one.partner)]
        held = [one for one in holding(conn) if partner in (None, one.partner)]
    say({"waiting": [_flat(asdict(one)) for one in rows], "remembered": [asdict(one) for one in held]})


def _act(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--reason", required=True, help="why; stays on record, so no personal data"),
        click.option("--by", required=True, help="who decides: an officer of the office's table"),
        click.argument("row_no", type=NUMBER),
        click.argument("delivery_id", type=NUMBER),
    ):
        command = option(command)
    return command


@quarantine.command()
@_act
@click.option("--field", required=True, help="which field, e.g. birth_date")
@click.option(
    "--value-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="read the value from the first line of the input",
)
@click.option("--replaces", type=NUMBER, help="the number of somebody else's correction that this one replaces")
def correct(delivery_id: int, row_no: int, by: str, reason: str, field: str, replaces: int | None) -> None:
    """Set one field of a row right: remembered for the partner's next rosters, and taken in at once where it passes."""
    from talentpool.services.mending import Place
    from talentpool.services.mending import correct as run

    value = sys.stdin.readline().strip()
    with opened(keys=True) as office:
        say(asdict(run(office, Place(delivery_id, row_no), field, value, _by(office, by, reason, replaces))))


@quarantine.command()
@_act
def release(delivery_id: int, row_no: int, by: str, reason: str) -> None:
    """Take a row as it is; never one of somebody below 16, nor one that was refused."""
    from talentpool.services.mending import Place
    from talentpool.services.mending import release as run

    with opened(keys=True) as office:
        say(asdict(run(office, Place(delivery_id, row_no), _by(office, by, reason))))


@quarantine.command("return")
@_act
def give_back(delivery_id: int, row_no: int, by: str, reason: str) -> None:
    """Say of a row that its partner is told, and is to correct it in the next roster."""
    from talentpool.services.mending import Place
    from talentpool.services.mending import give_back as run

    with opened() as office:
        run(office, Place(delivery_id, row_no), _by(office, by, reason))
        say({"delivery_id": delivery_id, "row_no": row_no, "outcome": "returned"})


@quarantine.command()
@click.argument("number", type=NUMBER)
@click.argument("subject", metavar="PARTNER:STAFF_NO")
@click.option("--by", required=True, help="who decides: an officer of the office's table")
@click.option("--reason", required=True, help="why; stays on record, so no personal data")
@click.option("--field", required=True, help="which field, e.g. birth_date")
@click.option(
    "--value-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="read the value from the first line of the input",
)
def answer(number: int, subject: str, by: str, reason: str, field: str) -> None:
    """Set one field of an accepted record right, as its person asked in request NUMBER; this closes the request."""
    from talentpool.guard import record_id
    from talentpool.services.mending import answer as run

    value = sys.stdin.readline().strip()
    with opened(keys=True) as office:
        record = record_id(office.keys, *subject.partition(":")[::2])
        say(asdict(run(office, number, record, field, value, _by(office, by, reason))))


@quarantine.command("end")
@click.argument("value_id", type=NUMBER)
@click.option("--by", required=True, help="who decides: an officer of the office's table")
@click.option("--reason", required=True, help="why; stays on record, so no personal data")
@click.option("--others", is_flag=True, help="the correction is somebody else's, and this was talked over with them")
def end(value_id: int, by: str, reason: str, others: bool) -> None:
    """End what is remembered for a row: the partner's own value counts from the next roster on."""
    from talentpool.services.mending import end_value

    with opened() as office:
        act = _by(office, by, reason)
        say(asdict(end_value(office, value_id, by=act.by, reason=reason, counties=act.counties, others=others)))


@quarantine.command()
def expire() -> None:
    """Remove rows that were set aside longer ago than their partner's declaration keeps them."""
    from talentpool.office_day import today_in_office
    from talentpool.services.mending import expire_quarantine

    with opened() as office:
        say({"rows": expire_quarantine(office, today_in_office(office.settings))})


def _by(office: Office, by: str, reason: str, replaces: int | None = None) -> Any:
    """The act of an officer whom the office knows: a county's speaks for that county, here too."""
    import sqlalchemy as sa

    from talentpool.model import officer
    from talentpool.services.mending import Act

    name = named(office, by)
    with office.engine.connect() as conn:
        counties = conn.scalar(sa.select(officer.c.counties).where(officer.c.name == name))
    return Act(name, reason, None if counties is None else tuple(counties), replaces)


def _flat(told: dict[str, Any]) -> dict[str, Any]:
    return told.pop("place") | told
