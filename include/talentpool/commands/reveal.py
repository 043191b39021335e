"""Offer `talentpool reveal`: show one person in plain to an officer with a database login of their own."""

from __future__ import annotations

from dataclasses import asdict

import click

from talentpool.commands.output import say
from talentpool.settings import Settings


@click.command()
@click.argument("subject", metavar="PERSON_ID | PARTNER:STAFF_NO")
@click.option("--reason", required=True, help="contact, correction, withdrawal, emergency or review")
@click.option("--note", required=True, help="the purpose in words; stays on record, so no personal data")
def reveal(subject: str, reason: str, note: str) -> None:
    """Show one person's values in plain; needs TALENTPOOL_OFFICER_DATABASE_URL, and is recorded."""
    from talentpool.guard import scoped, unchecked_keys
    from talentpool.guard.scope import officer_login
    from talentpool.services.rights.reveal import reveal as run

    settings = Settings()
    with officer_login(settings) as (engine, who):
        keys = unchecked_keys(settings)
        with scoped(engine, who) as conn:
            plain = run(conn, keys, settings, subject, actor=who.actor, roles=who.roles, reason=reason, note=note)
    say({"asked": subject, "reason": reason, **asdict(plain)})
