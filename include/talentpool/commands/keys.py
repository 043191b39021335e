"""Offer `talentpool keys`: list keys, replace the envelope key, destroy an old one."""

from __future__ import annotations

import getpass
from dataclasses import asdict

import click

from talentpool.commands.output import opened, say

BY = click.option("--by", help="who asks for it; the login of this machine when not given")
REASON = click.option("--reason", default="定期更换密钥", show_default=True, help="why; stays on record")


@click.group()
def keys() -> None:
    """List, rotate and destroy this deployment's keys; their values are never shown."""


@keys.command("list")
def list_() -> None:
    """List every key with its fingerprint, whether it can be rotated, and how many deliveries an envelope key wraps."""
    from talentpool.services.rotation import listed
    from talentpool.services.rotation.envelope import unfinished

    with opened(keys=True) as office:
        ring = office.keys
        with office.engine.connect() as conn:
            going_on = unfinished(conn)
            say({
                "keys": [asdict(state) for state in listed(conn, ring)],
                "unfinished": dict(going_on._mapping) if going_on else None,
            })  # fmt: skip


@keys.command()
@click.option("--records", is_flag=True, help="make new data keys too, and encrypt every record anew")
@click.option("--to", help="move the envelope key into a KMS: aws-kms://..., gcp-kms://..., hcvault://...")
@BY
@REASON
def rotate(records: bool, to: str | None, by: str | None, reason: str) -> None:
    """Start using a new envelope key while the system runs; a killed command goes on when it is run again."""
    from talentpool.guard.keys import source_of
    from talentpool.services.rotation import rotate as run

    with opened(keys=True) as office:
        ring = office.keys
        done = run(
            office.engine, ring, source_of(office.settings), by=by or f"login:{getpass.getuser()}", reason=reason,
            records=records, to=to,
        )  # fmt: skip
    say(done.as_json(), int(done.refused > 0))


@keys.command()
@click.argument("key_id")
@BY
@REASON
def destroy(key_id: str, by: str | None, reason: str) -> None:
    """Destroy a replaced envelope key for good; database backups from before its rotation can never be opened again."""
    from talentpool.guard.keys import source_of
    from talentpool.services.rotation import destroy as run

    with opened(keys=True) as office:
        ring = office.keys
        done = run(
            office.engine,
            ring,
            source_of(office.settings),
            key_id,
            by=by or f"login:{getpass.getuser()}",
            reason=reason,
        )
    say(done.as_json())
