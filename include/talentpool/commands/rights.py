"""Offer `talentpool withdraw | erase | access | request`: do what people may ask about themselves."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from talentpool.commands.output import DATE, NUMBER, atomic, opened, say
from talentpool.office import Office

IDENTITY = click.Choice(["in_person", "written", "called_back"])
WHO = "PERSON_ID | PARTNER:STAFF_NO"


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """What the kinds have in common: who, by whom, why, since when, whether the identity is verified, who confirms."""
    for option in (
        click.option("--received-on", type=DATE, help="when the request came in; today when not given"),
        click.option(
            "--reason", default="本人申请", show_default=True, help="why; stays on record, so no personal data"
        ),
        click.option("--identity", type=IDENTITY, help="how the identity of the person who asks was verified"),
        click.option("--by", help="who registers; the login of this machine when not given"),
        click.argument("subject", metavar=WHO),
    ):
        command = option(command)
    return command


_SECOND = click.option("--confirmed-by", help="the second person, who confirms what cannot be undone")


@click.command()
@_asked
@_SECOND
@click.option(
    "--tell-partner",
    is_flag=True,
    help="the person asks in writing that the partner be told to stop sending (停止报送)",
)
def withdraw(subject: str, confirmed_by: str | None, tell_partner: bool, **more: Any) -> None:
    """Register that a person withdraws consent: use stops now, erasure follows after identity and a second person."""
    _carry_out("withdraw", subject, confirmed_by, tell_partner=tell_partner, **more)


@click.command()
@_asked
@_SECOND
def erase(subject: str, confirmed_by: str | None, **more: Any) -> None:
    """Erase a person who has left, once the identity is verified and a second person confirms; backups lose it too."""
    _carry_out("erase", subject, confirmed_by, **more)


@click.command()
@_asked
@_SECOND
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the file to write")
@click.option("--on-paper", is_flag=True, help="a PDF to print, which a second person confirms")
def access(subject: str, out: Path, on_paper: bool, confirmed_by: str | None, **more: Any) -> None:
    """Write everything stored about one person, with who saw it and why, as a workbook under a password or a PDF."""
    from talentpool.services.rights import confirm, hand_over
    from talentpool.services.rights.copies import new_password

    with opened(keys=True) as office:
        entry = _register(office, "access", subject, on_paper=on_paper, **more)
        if entry.on_paper and confirmed_by:
            confirm(office, entry.request_id, by=confirmed_by)
        password = "" if entry.on_paper else new_password()
        copy = hand_over(office, entry.request_id, by=_by(more["by"]), password=password)
        with atomic(out) as file:
            file.buffer.write(copy.content)
        told = {"request_id": entry.request_id, "kind": "access", "file": str(out), "on_paper": bool(entry.on_paper)}
        say(told | ({"password": password} if password else {}))


@click.group()
def request() -> None:
    """List what people asked about themselves, and take the next step of a request."""


@request.command("list")
@click.option("--limit", default=200, show_default=True, help="show at most this many")
def listing(limit: int) -> None:
    """List requests with their steps, newest first; no value of a person is shown."""
    from talentpool.services.rights import entries

    with opened() as office, office.engine.connect() as conn:
        say({"requests": [_told(one) for one in entries(conn, None, limit=limit)]})


@request.command("opt-out")
@_asked
@click.option("--purpose", required=True, help="the purpose that the person declines, e.g. warm_winter")
def opt_out(subject: str, purpose: str, **more: Any) -> None:
    """Register that a person does not take part in one purpose, until it is revoked."""
    with opened(keys=True) as office:
        say(_told(_register(office, "opt_out", subject, purpose=purpose, **more)))


@request.command("correct")
@_asked
def correct(subject: str, **more: Any) -> None:
    """Register that a person asks to have something corrected; `quarantine answer` does it once the identity is verified."""
    with opened(keys=True) as office:
        say(_told(_register(office, "correct", subject, **more)))


@request.command()
@click.argument("number", type=NUMBER)
@click.option("--how", type=IDENTITY, required=True)
@click.option("--by", help="who verified it; the login of this machine when not given")
def identity(number: int, how: str, by: str | None) -> None:
    """Record that the identity of the person who asks was verified."""
    from talentpool.services.rights import verify

    with opened() as office:
        say(_told(verify(office, number, how, by=_by(by))))


@request.command()
@click.argument("number", type=NUMBER)
@click.option("--by", help="the second person; the login of this machine when not given")
def confirm(number: int, by: str | None) -> None:
    """Confirm a request as the second person: an erasure is carried out, a paper copy may be handed over."""
    from talentpool.services.rights import Answered
    from talentpool.services.rights import confirm as run

    with opened(keys=True) as office:
        done = run(office, number, by=_by(by))
        say(done.as_json() if isinstance(done, Answered) else _told(done))


@request.command()
@click.argument("number", type=NUMBER)
@click.option("--why", type=click.Choice(["mistake", "own_wish"]), required=True)
@click.option("--proof", default="", help="the reference of the person's written statement")
@click.option("--by", help="who revokes; the login of this machine when not given")
def revoke(number: int, why: str, proof: str, by: str | None) -> None:
    """Revoke a request that was a mistake or that the person took back in writing; nothing erased comes back."""
    from talentpool.services.rights import revoke as run

    with opened(keys=True) as office:
        say(_told(run(office, number, why, by=_by(by), proof=proof)))


def _carry_out(kind: str, subject: str, confirmed_by: str | None, **more: Any) -> None:
    """Register, and go as far as the named people allow; what is left stands in `state`."""
    from talentpool.services.rights import confirm

    with opened(keys=True) as office:
        entry = _register(office, kind, subject, **more)
        if confirmed_by:
            say(confirm(office, entry.request_id, by=confirmed_by).as_json())  # type: ignore[union-attr]
        else:
            say(_told(entry))


def _register(
    office: Office, kind: str, subject: str, *, by: str | None, reason: str,
    received_on: date | None, identity: str | None, **more: Any,
) -> Any:  # fmt: skip
    from talentpool.office_day import today_in_office
    from talentpool.services.rights import register

    return register(
        office, kind, subject, by=_by(by), reason=reason, identity=identity or "",
        received_on=received_on or today_in_office(), **more,
    )  # fmt: skip


def _by(name: str | None) -> str:
    return name or f"login:{getpass.getuser()}"


def _told(entry: Any) -> dict[str, Any]:
    """A request as JSON: ids, counts, dates and steps."""
    told = {name: value for name, value in asdict(entry).items() if name not in ("proof", "counties")}
    return told | {"state": entry.state, "call_back": entry.proof.get("call_back", [])}
