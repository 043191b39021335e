"""Offer `talentpool calendar`: every occasion of the next months, and the days that officers move, add and withdraw."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import click

from talentpool.commands.output import DATE, named, opened, say
from talentpool.settings import Settings

log = logging.getLogger(__name__)
BY = click.option("--by", required=True, help="a city officer whom the office's table knows")
REASON = click.option("--reason", required=True, help="why")


@click.group(invoke_without_command=True)
@click.option("--from", "start", type=DATE, help="the first day; default: today")
@click.option(
    "--months", type=click.IntRange(1, 36), default=12, show_default=True, help="how many months from then on"
)
@click.pass_context
def calendar(context: click.Context, start: date | None, months: int) -> None:
    """List every campaign's occasions with their days: draw, freeze, buy, hand out, receipts, brief."""
    if context.invoked_subcommand is not None:
        return
    from talentpool.campaigns.planning.calendar import calendar_of, missing_years, months_later, say_missing
    from talentpool.campaigns.planning.cautions import overlaps, unchecked_years
    from talentpool.campaigns.planning.dates import with_dates
    from talentpool.declare import readable_campaigns
    from talentpool.office_day import today_in_office
    from talentpool.reference import working_days

    settings = Settings()
    campaigns, broken = readable_campaigns(settings.campaign_dirs)
    with opened(settings) as office, office.engine.connect() as conn:
        working = working_days(conn)
        campaigns = [with_dates(conn, campaign) for campaign in campaigns]
    start = start or today_in_office(settings)
    end = months_later(start, months) - timedelta(days=1)
    rows = calendar_of(campaigns, start, end, working)
    warnings = [f"活动声明有误，未列入：{error}" for error in broken.values()]
    warnings += [say_missing(year) for year in missing_years(rows, working)]
    warnings += [*overlaps(campaigns, rows), *unchecked_years(campaigns, rows)]
    for warning in warnings:
        log.warning("%s", warning)
    say({"from": start, "to": end, "rows": [row.as_json() for row in rows], "warnings": warnings})


@calendar.command()
@click.argument("campaign")
@click.argument("day", type=DATE, metavar="YYYY-MM-DD")
@click.option("--until", type=DATE, help="the last day, where it lasts more than one")
@BY
@REASON
def add(campaign: str, day: date, until: date | None, by: str, reason: str) -> None:
    """Add an extra round of CAMPAIGN on a day: a cycle of its own, drawn its lead time before."""
    from talentpool.campaigns.planning.dates import add as run
    from talentpool.declare import load_campaign
    from talentpool.office_day import today_in_office

    settings = Settings()
    declared = load_campaign(settings.campaign_dirs, campaign)
    with opened(settings) as office, office.engine.begin() as conn:
        made = run(
            conn, declared, (day, until or day), by=named(office, by), reason=reason, today=today_in_office(settings)
        )
    say(made.as_json())


@calendar.command()
@click.argument("campaign")
@click.argument("cycle")
@click.argument("day", type=DATE, metavar="YYYY-MM-DD")
@BY
@REASON
def move(campaign: str, cycle: str, day: date, by: str, reason: str) -> None:
    """Put the round CYCLE (2027, 2027-07, 2027-Q3) of CAMPAIGN on another first day; it stays the cycle that it is."""
    from talentpool.campaigns.planning.dates import move as run
    from talentpool.declare import load_campaign
    from talentpool.office_day import today_in_office

    settings = Settings()
    declared = load_campaign(settings.campaign_dirs, campaign)
    with opened(settings) as office, office.engine.begin() as conn:
        made = run(conn, declared, cycle, day, by=named(office, by), reason=reason, today=today_in_office(settings))
    say(made.as_json())


@calendar.command()
@click.argument("date_id", type=click.IntRange(1, 2**53))
@BY
@REASON
def withdraw(date_id: int, by: str, reason: str) -> None:
    """Revoke a day that was moved or added, by its number in `talentpool calendar dates`."""
    from talentpool.campaigns.planning.dates import withdraw as run
    from talentpool.declare import readable_campaigns
    from talentpool.office_day import today_in_office

    settings = Settings()
    campaigns, _ = readable_campaigns(settings.campaign_dirs)
    with opened(settings) as office, office.engine.begin() as conn:
        made = run(conn, campaigns, date_id, by=named(office, by), reason=reason, today=today_in_office(settings))
    say(made.as_json())


@calendar.command()
def dates() -> None:
    """List every day that was moved or added, withdrawn ones too, by whom and why."""
    from talentpool.campaigns.planning.dates import dates as run

    with opened() as office, office.engine.connect() as conn:
        say({"dates": [made.as_json() for made in run(conn, withdrawn=True)]})
