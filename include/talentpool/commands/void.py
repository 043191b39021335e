"""`talentpool void`: a wrong list, or the pool of a wrong date, declared void by two people."""

from __future__ import annotations

from datetime import date

import click

from talentpool.commands.output import DATE, opened, say
from talentpool.settings import Settings

BY = click.option("--by", required=True, help="who says so; a second person runs the same command")
REASON = click.option("--reason", required=True, help="why it is wrong")


@click.group()
def void() -> None:
    """Declare a wrong list or pool void: two people, each with a reason. What was made from it says so."""


@void.command("list")
@click.argument("list_id", type=int)
@BY
@REASON
def list_(list_id: int, by: str, reason: str) -> None:
    """A locked list. Its round may be drawn anew; nobody on it counts as served."""
    from talentpool.target.voiding import void_list

    settings = Settings()
    with opened(settings) as engine:
        say(void_list(engine, settings, list_id, by=by, reason=reason).as_json())


@void.command()
@click.argument("as_of", type=DATE, metavar="YYYY-MM-DD")
@BY
@REASON
def pool(as_of: date, by: str, reason: str) -> None:
    """The pool of a date, and the lists drawn from it."""
    from talentpool.target.voiding import void_pool

    settings = Settings()
    with opened(settings) as engine:
        say(void_pool(engine, settings, as_of, by=by, reason=reason).as_json())


@void.command()
def show() -> None:
    """Every word on record."""
    from talentpool.target.voiding import words

    with opened(Settings()) as engine, engine.connect() as conn:
        say({"words": words(conn)})
