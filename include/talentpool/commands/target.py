"""Offer `talentpool target` and `talentpool export`: draw, approve, export and trace lists."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path
from typing import Any

import click

from talentpool.commands.list_acts import ACTS, Given, act
from talentpool.commands.output import AS_OF, NUMBER, opened, say
from talentpool.commands.review import explain
from talentpool.errors import UsageError
from talentpool.office import Office
from talentpool.settings import Settings

ON_RECORD = "on-record"
"""As a recipient: each county's recipients, and each station that has a key."""
OF_AN_EXPORT = ("words", "recipient", "by", "out")


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="CAMPAIGN | LIST_ID | ACT LIST_ID|CAMPAIGN")
@AS_OF
@click.option("--lock", is_flag=True, help="lock the list: it never changes again")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="folder for the workbooks")
@click.option("--by", help="who drafts or approves (two different people); drafting defaults to this machine's login")
@click.option(
    "--all-the-same", help="why the list is drawn though a roster within its grace is missing; stays on the list"
)
@click.option("--supplement", is_flag=True, help="draw late names beside the round's locked list, out of what is left")
@click.option("--county", multiple=True, help="of approve, return, without or with: whose share")
@click.option("--reason", help="of every act but approve: why; of return: what is to be changed")
@click.option("--verify", is_flag=True, help="rebuild list LIST_ID from history and compare; exit 3 when it differs")
@click.option("--dry-run", "dry", is_flag=True, help="count what a setting would do; nothing is kept")
@click.option("--stock", help="of a dry run: as many kits")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="of a dry run, e.g. eligibility.age.max=40")
@click.option(
    "--recipient", multiple=True,
    help="whom files are encrypted to: a recipient's code, station:PARTNER:COUNTY:NAME, or on-record; may be repeated",
)  # fmt: skip
def target(
    words: tuple[str, ...],
    as_of: date | None,
    lock: bool,
    out: Path | None,
    by: str | None,
    all_the_same: str | None,
    supplement: bool,
    county: tuple[str, ...],
    reason: str | None,
    verify: bool,
    dry: bool,
    stock: str | None,
    sets: tuple[str, ...],
    recipient: tuple[str, ...],
) -> None:
    """Draw the list of CAMPAIGN on a date; or act on what is drawn. LIST_ID --recipient exports a locked list.

    \b
    Acts, each with --by NAME of an officer on the office's table:
      approve LIST_ID           approve one's county's share, or the whole list for the city
      return LIST_ID            return it, with --reason
      without LIST_ID           go on without the counties that have not approved
      with LIST_ID              have them on the next draft again
      follow LIST_ID            draft a follow-up for whom it did not reach
      close LIST_ID             it is handed out and accounted for
      cancel CAMPAIGN --as-of   the round of that day does not take place
      resume CAMPAIGN --as-of   it does after all
      withdraw LIST_ID          an unwanted draft of late names
    """
    from talentpool.campaigns import draw
    from talentpool.declare import load_campaign
    from talentpool.office_day import today_in_office

    settings = Settings()
    if words[0] in ACTS:
        return say(act(settings, words, Given(by or "", county, (reason or "").strip(), as_of)))
    if recipient and words[0].isdecimal():
        _refuse_beside()
        return say(*_exported(settings, words, _named(recipient, by), by or "", out))
    if verify:
        return say(*_verified(settings, words))
    if dry:
        return say(_tried(settings, words, as_of, stock, sets))
    if stock is not None or sets:
        raise UsageError("--stock and --set are of a --dry-run; what a list is drawn by stands in the declaration")
    if len(words) != 1 or as_of is None:
        raise UsageError("target CAMPAIGN --as-of YYYY-MM-DD [--lock] [--out DIR] [--recipient CODE ... --by NAME]")
    if all_the_same is not None and not (by and all_the_same.strip()):
        raise UsageError("who draws all the same says why, and who it is: --all-the-same REASON --by NAME")
    to = _named(recipient, by)
    campaign = load_campaign(settings.campaign_dirs, words[0])
    with opened(settings, keys=True) as office:
        drawn = draw(
            office, campaign, as_of, lock=lock, out=out if to == recipient else None,
            by=by or f"login:{getpass.getuser()}", recipients=to, today=today_in_office(),
            all_the_same=(all_the_same or "").strip(), supplement=supplement, sheets=to == recipient,
        )  # fmt: skip
        return say(drawn.as_json()) if to == recipient else say(*_released(office, drawn.list_id, by or "", out))


def _refuse_beside() -> None:
    """An export of a list by its number takes it as it is: what draws or decides one says nothing there."""
    context = click.get_current_context()
    stray = [
        one.opts[0] for one in context.command.params
        if one.name not in OF_AN_EXPORT and context.params.get(str(one.name)) not in (None, False, ())
    ]  # fmt: skip
    if stray:
        raise UsageError(
            f"target LIST_ID --recipient exports a list that is locked; {', '.join(stray)} says nothing there, leave it out"
        )


def _named(recipient: tuple[str, ...], by: str | None) -> tuple[str, ...]:
    """Recipients by code; none where it is everybody on record."""
    if recipient and not by:
        raise UsageError("an export must name who makes it: --by NAME")
    if ON_RECORD in recipient and len(recipient) > 1:
        raise UsageError(f"--recipient {ON_RECORD} stands alone: it is everybody")
    return () if ON_RECORD in recipient else recipient


def _exported(
    settings: Settings, words: tuple[str, ...], to: tuple[str, ...], by: str, out: Path | None
) -> tuple[dict[str, Any], int]:
    """Of a locked list by its number, a list of late names or one that follows another too."""
    from talentpool.campaigns.lists import Release, find
    from talentpool.campaigns.release.exports import export_list
    from talentpool.office_day import today_in_office

    if len(words) != 1 or int(words[0]) >= 2**63:
        raise UsageError("target LIST_ID --recipient CODE|on-record --by NAME [--out DIR]")
    with opened(settings, keys=True) as office:
        if not to:
            return _released(office, int(words[0]), by, out)
        with office.engine.connect() as conn:
            stored = find(conn, int(words[0]))
        made = export_list(office, stored, to, Release(by, out or office.settings.lists_dir, today_in_office()))
    return {"list_id": stored.list_id, "exports": [one.as_json() for one in made]}, 0


def _released(office: Office, list_id: int, by: str, out: Path | None) -> tuple[dict[str, Any], int]:
    """Exit 3 while an export waits for a second person."""
    from talentpool.campaigns.lists import Release, find
    from talentpool.campaigns.release.releasing import release_on_record
    from talentpool.office_day import today_in_office

    with office.engine.connect() as conn:
        stored = find(conn, list_id)
    release = Release(by, out or office.settings.lists_dir, today_in_office())
    done = release_on_record(office, stored, release)
    return {"list_id": list_id, **done.as_json()}, 0 if done.is_done else 3


def _verified(settings: Settings, words: tuple[str, ...]) -> tuple[dict[str, Any], int]:
    from talentpool.campaigns.verifying import verify_list

    if len(words) != 1 or not words[0].isdecimal() or int(words[0]) >= 2**63:
        raise UsageError("target LIST_ID --verify")
    with opened(settings, keys=True) as office:
        done = verify_list(office, int(words[0]))
    return done.as_json(), 0 if done.equal else 3


def _tried(
    settings: Settings, words: tuple[str, ...], as_of: date | None, stock: str | None, sets: tuple[str, ...]
) -> dict[str, Any]:
    from talentpool.campaigns.dry_run import dry_run
    from talentpool.declare import load_campaign

    if len(words) != 1 or as_of is None or not all("=" in one for one in sets):
        raise UsageError("target CAMPAIGN --as-of YYYY-MM-DD --dry-run [--stock N] [--set FIELD=VALUE ...]")
    given = {**({"stock": stock} if stock is not None else {}), **dict(one.split("=", 1) for one in sets)}
    campaign = load_campaign(settings.campaign_dirs, words[0])
    with opened(settings, keys=True) as office:
        return dry_run(office, campaign, as_of, given).as_json()


@explain.command("target")
@click.argument("campaign")
@click.argument("person", metavar="PERSON_ID|PARTNER:STAFF_NO")
@click.option("--list", "list_id", type=NUMBER, help="a list of the campaign; default: that of the newest as-of date")
def explain_(campaign: str, person: str, list_id: int | None) -> None:
    """Explain why a person is on a campaign's list or not, since when, and what would change it."""
    from talentpool.campaigns.explaining import explain_target
    from talentpool.declare import load_campaign
    from talentpool.guard import audit
    from talentpool.services.rights.subject import find

    settings = Settings()
    declared = load_campaign(settings.campaign_dirs, campaign)
    with opened(settings, keys=True) as office:
        with office.engine.connect() as conn:
            subject = find(conn, office.keys, person)
        if subject.person is None:
            raise UsageError(
                "of that staff number there are only rows that were set aside: nobody is in the pool by it"
            )
        told = explain_target(office, declared, subject.person, subject.records, list_id)
        with office.engine.begin() as conn:  # it says who withdrew or opted out, and since when
            audit(conn, "view", f"person:{subject.person}", actor=f"login:{getpass.getuser()}", reason="explain",
                  details={"list": told["list_id"]})  # fmt: skip
        say(told)


@click.group()
def export() -> None:
    """List exports, approve a large one, or find out which export a sheet came from."""


@export.command("list")
@click.option("--list", "list_id", type=NUMBER, help="show one list only")
@click.option("--expired", is_flag=True, help="show only those whose sheets may no longer be used")
def list_(list_id: int | None, expired: bool) -> None:
    """List every export of personal data on record, newest first."""
    from talentpool.campaigns.release.provisions import exports
    from talentpool.office_day import today_in_office

    with opened() as office, office.engine.connect() as conn:
        found = exports(conn, today_in_office(), list_id=list_id)
    say({"exports": [one for one in found if one["expired"] or not expired]})


@export.command()
@click.argument("export_id", type=NUMBER)
@click.option("--by", required=True, help="who approves; not whoever asked for it")
def approve(export_id: int, by: str) -> None:
    """Approve an export of many people; whoever asked for it then runs the same command again."""
    from talentpool.campaigns.release.provisions import approve_export

    with opened() as office:
        say(approve_export(office.engine, export_id, by))


@export.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def trace(file: Path) -> None:
    """Say which export a leaked sheet (xlsx, or text copied out of it) came from."""
    from talentpool.campaigns.release.trace import trace as run

    with opened(keys=True) as office, office.engine.connect() as conn:
        say(run(conn, office.keys, file).as_json())
