"""Offer `talentpool letter`: the letter to a partner about a delivery's faults, how it stands, or the sealed file to hand on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from talentpool.commands.output import NUMBER, named, opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.office import Office


@click.command()
@click.argument("delivery_id", type=NUMBER)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="folder for the sealed file, to be handed on"
)
@click.option("--by", help="of --out: an officer whom the office's table knows")
def letter(delivery_id: int, out: Path | None, by: str | None) -> None:
    """Say how the letter about DELIVERY_ID stands, or write it to --out as its partner alone opens it.

    An agreed password is that of the connection which partner.yml names (TALENTPOOL_CONN_<ID>).
    Exit 3 while the delivery waits for its letter, or the letter to be sent.
    """
    with opened(Settings(), keys=out is not None) as office:
        if out is None:
            told = _standing(office, delivery_id)
            say(told, 3 if any(one["sent_at"] is None for one in told["letters"]) else 0)
        elif not by:
            raise UsageError("a letter that is handed on must name who does it (--by)")
        else:
            say(_written(office, delivery_id, out, named(office, by)))


def _standing(office: Office, delivery_id: int) -> dict[str, Any]:
    from talentpool.decide import partner_of
    from talentpool.office_day import today_in_office
    from talentpool.services.letters import overview

    code = partner_of(office.engine, delivery_id)
    with office.engine.connect() as conn:
        found = overview(conn, office.settings, today_in_office(office.settings))
    mine = [asdict(one) | {"words": one.words} for one in found if one.delivery_id == delivery_id]
    return {"delivery": delivery_id, "partner": code, "letters": mine}


def _written(office: Office, delivery_id: int, out: Path, by: str) -> dict[str, Any]:
    from talentpool.acquire import Connection, load_partner
    from talentpool.decide import partner_of
    from talentpool.office_day import today_in_office
    from talentpool.private_files import replace
    from talentpool.services.letters import make_letter, take_out

    partner = load_partner(office.settings.partner_dirs, partner_of(office.engine, delivery_id))
    today = today_in_office(office.settings)
    number = make_letter(office, partner, delivery_id, Connection.from_env, by=by, today=today)
    if number is None:
        return {"delivery": delivery_id, "partner": partner.code, "letter": None, "file": None}
    name, sealed = take_out(office, number, by=by, way="hand")
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace(out / name, sealed)
    return {"delivery": delivery_id, "partner": partner.code, "letter": number, "file": str(out / name)}
