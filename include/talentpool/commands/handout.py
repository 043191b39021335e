"""Offer `talentpool handout`: a host apart for phones, codes for it, and what it sealed."""

from __future__ import annotations

from pathlib import Path

import click

from talentpool.commands.output import NUMBER, opened, say
from talentpool.errors import UsageError


@click.group()
def handout() -> None:
    """Use a host apart, which phones reach where they do not reach the office, to hand a list out."""


@handout.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--address", default="127.0.0.1", show_default=True, help="where to listen")
@click.option("--port", type=click.IntRange(0, 65535), default=8443, show_default=True)
@click.option("--certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="PEM, with its chain")
@click.option("--key", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="of the certificate, PEM")
@click.option("--proxy", help="address of a proxy with TLS in front of it, whose word about a phone's address is taken")
def serve(
    folder: Path, address: str, port: int, certificate: Path | None, key: Path | None, proxy: str | None
) -> None:  # fmt: skip
    """Show the page to phones out of FOLDER: packets come in, sealed marks go out. No database, no key, no Airflow."""
    import socket

    import uvicorn

    from talentpool.handout_host.app import build
    from talentpool.handout_host.page import PREFIX

    if (certificate is None) != (key is None):
        raise UsageError("a certificate and its key go together: --certificate FILE --key FILE")
    try:
        app = build(folder)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listening = socket.create_server((address, port), family=family)
    except OSError as error:
        raise UsageError(f"{folder} on {address}:{port}: cannot be served ({error.strerror})") from error
    config = uvicorn.Config(
        app, ssl_certfile=certificate, ssl_keyfile=key, access_log=False, server_header=False, log_level="warning",
        proxy_headers=proxy is not None, forwarded_allow_ips=proxy or "",
    )  # fmt: skip
    say({"folder": str(folder), "tls": certificate is not None, "port": listening.getsockname()[1], "path": PREFIX})
    with listening:
        uvicorn.Server(config).run(sockets=[listening])


@handout.command()
@click.argument("event", type=NUMBER)
@click.argument("station", metavar="PARTNER|STATION")
@click.option("--by", required=True, help="an officer whom the office's table knows")
def code(event: int, station: str, by: str) -> None:
    """Write a code of EVENT for a station's head on the host apart, and write its packet. The code is shown once."""
    from talentpool.campaigns import known_officer
    from talentpool.campaigns.handout.apart.packing import issue_apart

    partner, _, name = station.partition("|")
    with opened() as office:
        with office.engine.connect() as conn:
            who = known_officer(conn, by)
        made = issue_apart(office, event, (partner, name), who)
        say({"code": made, "packets": str(office.settings.handout_dir / "packets")})


@handout.command()
def collect() -> None:
    """Take what a host apart sealed and was carried into the outbox, and write its packets anew (exit 3: some were set aside)."""
    from talentpool.campaigns.handout.apart.accounts import by_airflow
    from talentpool.campaigns.handout.apart.collecting import collect_sealed

    with opened() as office:
        done = collect_sealed(office, by_airflow(office))
    say(done.as_json(), 3 if done.refused or done.waiting else 0)
