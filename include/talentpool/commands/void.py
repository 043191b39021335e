"""Offer `talentpool void`: two people declare a wrong list, or the pool of a wrong date, void."""

from __future__ import annotations

from datetime import date

import click

from talentpool.commands.output import DATE, NUMBER, named, opened, say

BY = click.option("--by", required=True, help="an officer of the city; a second one runs the same command")
REASON = click.option("--reason", required=True, help="why it is wrong")


@click.group()
def void() -> None:
    """Declare a wrong list or pool void, by two people who each give a reason."""


@void.command("list")
@click.argument("list_id", type=NUMBER)
@BY
@REASON
def list_(list_id: int, by: str, reason: str) -> None:
    """Declare a locked list void: its cycle may be drawn anew, and nobody on it counts as served."""
    from talentpool.campaigns.voiding import void_list

    with opened() as office:
        say(void_list(office, list_id, by=named(office, by), reason=reason).as_json())


@void.command()
@click.argument("as_of", type=DATE, metavar="YYYY-MM-DD")
@BY
@REASON
def pool(as_of: date, by: str, reason: str) -> None:
    """Declare the pool of a date void, with the lists drawn from it."""
    from talentpool.campaigns.voiding import void_pool

    with opened() as office:
        say(void_pool(office, as_of, by=named(office, by), reason=reason).as_json())


@void.command()
def show() -> None:
    """List everything that was declared void, by whom and why."""
    from talentpool.campaigns.voiding import words

    with opened() as office, office.engine.connect() as conn:
        say({"words": words(conn)})
