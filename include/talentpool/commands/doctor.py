"""Offer `talentpool doctor`: say what is wrong with this deployment, and what to do."""

from __future__ import annotations

import logging

import click

from talentpool.commands.output import opened, say

log = logging.getLogger("talentpool")


@click.command()
@click.option("--production", is_flag=True, help="check whether it is fit for real people; a demo never is")
def doctor(production: bool) -> None:
    """Check this deployment; exit 3 when somebody must act."""
    from talentpool.office_day import today_in_office
    from talentpool.services.doctor import examine

    with opened(keys=True) as office:
        found = examine(office, today_in_office())
    for finding in found.findings:
        log.info(
            "%-5s %-13s %s%s", finding.status, finding.check, finding.said, f" -> {finding.do}" if finding.do else ""
        )
    if not found.production:
        log.info("not a production deployment%s", "" if found.healthy else "; and something is wrong now")
    well = found.production if production else found.healthy
    say(found.as_json(), 0 if well else 3)
