"""Offer `talentpool backup` and `talentpool restore`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import cast

import click

from talentpool.commands.output import opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

AIRFLOW = click.option(
    "--airflow", help="include Airflow's own database: its URL, or the name of the variable that holds it"
)
PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="file with the passphrase of the identity",
)


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="folder of the backups")
@click.option("--what", type=click.Choice(["all", "database", "keys"]), default="all", show_default=True)
@click.option(
    "--recipient", multiple=True, help="age1...: the public key of who can open the backup; may be given several times"
)
@AIRFLOW
@click.option(
    "--new-identity",
    type=click.Path(path_type=Path, dir_okay=False),
    help="make a new identity in this file and do nothing else",
)
@PASSPHRASE
def backup(
    out: Path | None,
    what: str,
    recipient: tuple[str, ...],
    airflow: str | None,
    new_identity: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Back up the databases into a new folder under --out, and replace the keys backup there.

    The two are useless without each other: keep them on different media. Both are encrypted to the recipients.
    """
    from talentpool.database import connect_backup
    from talentpool.office import Office
    from talentpool.services.backup import backup as run
    from talentpool.services.backup import new_identity as make
    from talentpool.services.backup import recipients
    from talentpool.services.backup.remembered import remember_backup, remember_keys_backup
    from talentpool.services.backup.take import What

    if (out is None) == (new_identity is None):
        raise UsageError("talentpool backup --out DIR, or talentpool backup --new-identity FILE")
    if new_identity is not None:
        made = make(new_identity, _passphrase(passphrase_file))
        say({"identity": str(new_identity), "recipient": made})
        return
    assert out is not None
    settings = Settings()
    to = recipients(settings, recipient)
    with opened(settings, keys=True) as office:
        keys = office.keys
    reading = connect_backup(settings)
    try:
        taken = run(
            Office(reading, settings, keys), out, what=cast("What", what), recipients=to, airflow_url=_url(settings, airflow)
        )  # fmt: skip
    finally:
        reading.dispose()
    if taken.database is not None:
        remember_backup(settings, out)
    if taken.keys is not None:
        remember_keys_backup(settings)
    say({**asdict(taken), "recipients": [str(one) for one in to]})


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="the folder that `backup --out` wrote to",
)
@click.option(
    "--keys-from",
    type=click.Path(path_type=Path, exists=True),
    help="folder of the keys backup, when it is another one",
)
@click.option("--what", type=click.Choice(["all", "keys"]), default="all", show_default=True)
@click.option(
    "--identity",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="file with the identity that opens the backup",
)
@PASSPHRASE
@click.option("--replace", is_flag=True, help="overwrite a target that holds data")
@AIRFLOW
def restore(
    source: Path,
    keys_from: Path | None,
    what: str,
    identity: tuple[Path, ...],
    passphrase_file: Path | None,
    replace: bool,
    airflow: str | None,
) -> None:
    """Restore the newest database backup under --from and the keys into this deployment.

    The database may be older than the keys, never newer. An error leaves database and keys as they were.
    """
    from talentpool.services.backup import identities, restore_keys
    from talentpool.services.backup import restore as run
    from talentpool.services.backup.remembered import remember_restore

    settings = Settings()
    opening = identities(settings, identity, _passphrase(passphrase_file))
    if what == "keys":
        say({"keys": restore_keys(settings, keys_from or source, opening, replace=replace)})
        return
    found = run(settings, source, opening, keys_from=keys_from, replace=replace, airflow_url=_url(settings, airflow))
    remember_restore(source)
    say(asdict(found))


def _passphrase(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        passphrase = path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as error:
        raise UsageError(f"the passphrase file {path} cannot be read ({type(error).__name__})") from None
    if not passphrase:
        raise UsageError(f"the passphrase file {path} is empty")
    return passphrase


def _url(settings: Settings, given: str | None) -> str | None:
    """A URL as it is; else the value of the variable of that name, so that a password stays off the command line.

    A variable of ours may also stand in a file, as in a container (/run/secrets).
    """
    if given is None or "://" in given:
        return given
    setting = given.removeprefix("TALENTPOOL_").lower()
    found = os.environ.get(given) or (getattr(settings, setting, None) if given.startswith("TALENTPOOL_") else None)
    if not isinstance(found, str):
        raise UsageError(
            "--airflow is a database URL, or the name of a variable that holds one, such as "
            "TALENTPOOL_AIRFLOW_DATABASE_URL"
        )
    return found
