"""Offer `talentpool reveal`: show one person in plain to an officer with a database login of their own."""

from __future__ import annotations

from dataclasses import asdict

import click
import sqlalchemy as sa

from talentpool.commands.output import say
from talentpool.errors import UsageError
from talentpool.settings import Settings


@click.command()
@click.argument("subject", metavar="PERSON_ID | PARTNER:STAFF_NO")
@click.option("--reason", required=True, help="contact, correction, withdrawal, emergency or review")
@click.option("--note", required=True, help="the purpose in words; stays on record, so no personal data")
def reveal(subject: str, reason: str, note: str) -> None:
    """Show one person's values in plain; needs TALENTPOOL_OFFICER_DATABASE_URL, and is recorded."""
    from talentpool.database import engine_of
    from talentpool.guard import Scope, scoped, unchecked_keys
    from talentpool.rights.reveal import reveal as run

    settings = Settings()
    if not settings.officer_database_url:
        raise UsageError(
            "a reveal needs your own database login: set TALENTPOOL_OFFICER_DATABASE_URL to it; "
            "`python -m talentpool_airflow.officers add` makes one"
        )
    keys = unchecked_keys(settings)
    engine = engine_of(settings.officer_database_url)
    try:
        with engine.connect() as conn:
            known = conn.execute(sa.text("select scope_actor() as actor, scope_roles() as roles")).one()
        actor = known.actor or engine.url.username or "?"
        roles = frozenset(known.roles)
        # the name says nothing to an officer's login, which the database looks up; it is for the pages' and the log
        with scoped(engine, Scope(actor, roles)) as conn:
            plain = run(conn, keys, settings, subject, actor=actor, roles=roles, reason=reason, note=note)
    finally:
        engine.dispose()
    say({"asked": subject, "reason": reason, **asdict(plain)})
