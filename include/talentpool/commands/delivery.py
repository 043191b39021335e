"""Offer `talentpool delivery`: list what was delivered, and decide on what is held."""

from __future__ import annotations

from typing import cast

import click

from talentpool.commands.output import NUMBER, opened, say
from talentpool.deliveries.delivery_state import State


@click.group()
def delivery() -> None:
    """List, show and decide deliveries, and say what each rule found."""


@delivery.command("list")
@click.option("--partner", help="show one partner only")
@click.option("--state", type=click.Choice([state.value for state in State]), help="show this state only")
def list_(partner: str | None, state: str | None) -> None:
    """List deliveries, newest first."""
    from talentpool.decide import deliveries

    with opened() as office:
        say({"deliveries": deliveries(office.engine, partner=partner, state=state)})


@delivery.command()
@click.argument("delivery_id", type=NUMBER)
def show(delivery_id: int) -> None:
    """Show one delivery: its counts, its findings, and the decisions on it."""
    from talentpool.decide import show as read

    with opened() as office:
        say(read(office.engine, delivery_id))


@delivery.command()
@click.argument("delivery_id", type=NUMBER)
@click.option("--county", default="", help="of one county's rows: its division code; default: the whole delivery")
def quality(delivery_id: int, county: str) -> None:
    """Show what each rule found in a delivery, and the share of rows without a fault by dimension."""
    from talentpool.services.quality.stored import stored

    with opened() as office:
        say(stored(office.engine, delivery_id, county))


@delivery.command()
@click.argument("delivery_id", type=NUMBER)
@click.argument("choice", type=click.Choice(["all", "no-removals", "reject"]))
@click.option("--by", required=True, help="who decides")
@click.option("--reason", required=True, help="why; stays on record, so no personal data")
@click.option("--column", "columns", multiple=True, metavar="NAME=COLUMN", help="read the unknown column NAME as COLUMN,"
              " or drop it (NAME=ignore); the partner's later deliveries follow")  # fmt: skip
def decide(delivery_id: int, choice: str, by: str, reason: str, columns: tuple[str, ...]) -> None:
    """Decide on a held delivery: take all of it, additions and updates only, or nothing."""
    from talentpool.acquire import load_partner
    from talentpool.conform import read_answers
    from talentpool.decide import Choice, partner_of
    from talentpool.decide import decide as carry_out

    with opened(keys=True) as office:
        partner = load_partner(office.settings.partner_dirs, partner_of(office.engine, delivery_id))
        found = carry_out(
            office, partner, delivery_id, cast("Choice", choice), by=by,
            reason=reason, columns=read_answers(partner, [_pair(column) for column in columns]),
        )  # fmt: skip
    # a rejection that was asked for is the decision carried out
    say(found.as_json(), 0 if choice == "reject" else found.exit_code)


@delivery.command()
@click.argument("partner")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=COLUMN",
    help="from now on, read the column NAME as COLUMN; `ignore` drops it",
)
@click.option("--by", default="", help="who says so")
@click.option("--reason", default="", help="why; stays on record, so no personal data")
def columns(partner: str, columns: tuple[str, ...], by: str, reason: str) -> None:
    """List what officers answered about a partner's columns; with --column, change the answer for later deliveries."""
    from talentpool.acquire import load_partner
    from talentpool.conform import answered, read_answers
    from talentpool.decide import change_columns

    with opened() as office:
        declared = load_partner(office.settings.partner_dirs, partner)
        if columns:
            answers = read_answers(declared, [_pair(column) for column in columns])
            change_columns(office.engine, declared, answers, by=by, reason=reason)
        with office.engine.connect() as conn:
            say({"columns": answered(conn, declared.code)})


def _pair(column: str) -> tuple[str, str]:
    from talentpool.errors import UsageError

    header, _, word = column.rpartition("=")
    if not header:
        raise UsageError("列名的答复应写作 --column 列名=约定的列，或 列名=ignore（忽略）；请改正后重试")
    return header, word
