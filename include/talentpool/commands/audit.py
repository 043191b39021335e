"""Offer `talentpool audit`: read the log, verify it, keep its head in a second place."""

from __future__ import annotations

import click

from talentpool.commands.output import opened, say


@click.group()
def audit() -> None:
    """Read and verify the audit log: who did what to whom, and why."""


@audit.command("list")
@click.option("--subject", help="show one subject only: person:<id>, delivery:<id>, list:<id>")
def list_(subject: str | None) -> None:
    """List rows of the log in order."""
    from talentpool.guard.audit import entries

    with opened() as office, office.engine.connect() as conn:
        say({"entries": entries(conn, subject)})


@audit.command()
def anomalies() -> None:
    """List what is unusual in the newest days, as the page 审计 shows it: many views, views at night, guessed numbers."""
    from dataclasses import asdict

    from talentpool.office_day import today_in_office
    from talentpool.services.desk.log import DAYS, unusual

    with opened() as office, office.engine.connect() as conn:
        found = unusual(conn, today_in_office())
    say({"days": DAYS, "anomalies": [asdict(one) | {"day": one.day.isoformat()} for one in found]})


@audit.command()
def verify() -> None:
    """Recompute the chain and compare it with every head that was kept or should exist; exit 1 says what is wrong.

    `trusted` is the last row that a signed head confirms, together with all rows before it.
    """
    from talentpool.guard import verify as run

    with opened(keys=True) as office, office.engine.connect() as conn:
        found = run(conn, office.keys, office.settings.audit_heads_file)
    say(
        {
            "rows": found.rows,
            "heads": found.heads,
            "whole": found.whole,
            "trusted": found.trusted,
            "broken": found.broken,
        },
        int(not found.whole),
    )


@audit.command()
def head() -> None:
    """Sign today's head and append it to the file in the second place (TALENTPOOL_AUDIT_HEADS)."""
    from talentpool.guard import keep_head

    with opened(keys=True) as office, office.engine.connect() as conn:
        say({"head": keep_head(conn, office.keys, office.settings.audit_heads_file)})
