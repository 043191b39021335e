"""Offer `talentpool calendar`: every occasion of the next months with the days on which something is to be done."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import click

from talentpool.commands.output import DATE, opened, say
from talentpool.errors import DeclarationError
from talentpool.settings import Settings

log = logging.getLogger(__name__)


@click.command()
@click.option("--from", "start", type=DATE, help="the first day; default: today")
@click.option(
    "--months", type=click.IntRange(1, 36), default=12, show_default=True, help="how many months from then on"
)
def calendar(start: date | None, months: int) -> None:
    """List every campaign's occasions with their days: draw, freeze, buy, hand out, receipts, brief."""
    from talentpool.campaigns.calendar import calendar_of, missing_years, say_missing
    from talentpool.declare import campaign_files, load_campaign
    from talentpool.office_day import today_in_office
    from talentpool.reference import working_days

    settings = Settings()
    campaigns, warnings = [], []
    for code in campaign_files(settings.campaign_dirs):
        try:
            campaigns.append(load_campaign(settings.campaign_dirs, code))
        except DeclarationError as error:
            warnings.append(f"活动声明有误，未列入：{error}")
    with opened(settings) as office, office.engine.connect() as conn:
        working = working_days(conn)
    start = start or today_in_office(settings)
    end = _months_later(start, months) - timedelta(days=1)
    rows = calendar_of(campaigns, start, end, working)
    warnings += [say_missing(year) for year in missing_years(rows, working)]
    for warning in warnings:
        log.warning("%s", warning)
    say({"from": start, "to": end, "rows": [row.as_json() for row in rows], "warnings": warnings})


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or the first of the one after where that month lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
