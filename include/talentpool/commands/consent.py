"""Offer `talentpool consent`: list whose consent ended, and resume those whose consent counts."""

from __future__ import annotations

import click

from talentpool.commands.output import opened, say


@click.group()
def consent() -> None:
    """List people who are suspended because their consent ended, and resume those whose consent counts."""


@consent.command("list")
@click.option("--partner", help="show one partner only")
def list_(partner: str | None) -> None:
    """List who is suspended, since when and why: staff numbers and record ids, no values of people."""
    from talentpool.services.rights import suspended

    with opened() as office, office.engine.connect() as conn:
        say({"suspended": suspended(conn, partner)})


@consent.command()
@click.argument("subject", metavar="PARTNER:STAFF_NO")
@click.option("--by", required=True, help="who decides")
@click.option("--reason", required=True, help="why the consent counts; stays on record, so no personal data")
@click.option("--proof", default="", help="the reference of the paper that proves it")
def resume(subject: str, by: str, reason: str, proof: str) -> None:
    """End a suspension because the consent counts; the person returns with the partner's newest roster."""
    from talentpool.services.rights import resume as run

    with opened(keys=True) as office:
        say(run(office, subject, by=by, reason=reason, proof=proof))
