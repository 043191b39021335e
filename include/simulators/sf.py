"""SF's roster API, for real: HTTPS under a private CA, signed calls, access tokens, rosters in pages, and bad days.

`python -m simulators.sf --root DIR --port P --keys DIR --user PARTNER_ID` serves DIR/rosters/ on the loopback.
--certificate good|expired|other_name|other_ca chooses what it shows, --misbehave NAME[=VALUE] (again and again) how
it misbehaves; DIR/misbehave.json, an object of the same names, adds to it and is read anew at every call. A switch
that counts (`rate_limit`: 2) begins anew when that file changes. MISBEHAVIOUR lists them all.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import secrets
import shutil
import signal
import ssl
import sys
import threading
from datetime import date
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simulators.certificates import GOOD, KINDS, alone
from simulators.certificates import make_certificates as _certificates
from simulators.sf_api import MISBEHAVIOUR, Api, Handler

USER = "CYLCZ"
CHECK_WORD = "check_word"


def make_certificates(folder: Path) -> dict[str, str]:
    """Certificates and the account's secret, made once: `ca` (PEM text) and `check_word`."""
    made = _certificates(folder)
    path = folder / CHECK_WORD
    with alone(folder):
        if not path.is_file():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(24))
    return made | {"check_word": path.read_text(encoding="ascii")}


def connection(keys: Path, port: int, user: str = USER, host: str = "127.0.0.1") -> dict[str, Any]:
    """The connection to this server in Airflow's JSON form, for TALENTPOOL_CONN_ or AIRFLOW_CONN_PARTNER_SF."""
    made = make_certificates(keys)
    return {
        "conn_type": "http",
        "host": f"https://{host}",
        "port": port,
        "login": user,
        "password": made["check_word"],
        "extra": {"ca": made["ca"]},
    }


def deliver(
    root: Path,
    roster: Path,
    *,
    as_of: date,
    kind: str = "delta",
    since: date | None = None,
    notice_version: str = "v1",
    serial: int = 1,
    version: int = 1,
) -> Path:
    """Offer a roster (a UTF-8 CSV with SF's own keys as header); one that is offered in this version is left alone."""
    folder = root / "rosters"
    folder.mkdir(parents=True, exist_ok=True)
    roster_no = f"SF{as_of:%Y%m%d}{serial:02d}"
    path = folder / f"{roster_no}.v{version}.csv"
    facts = folder / f"{roster_no}.json"
    if facts.is_file() and json.loads(facts.read_text(encoding="utf-8"))["file"] == path.name:
        return path
    shutil.copyfile(roster, path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        total = sum(1 for _ in csv.DictReader(lines))
    entry = {
        "rosterNo": roster_no,
        "asOf": as_of.isoformat(),
        "kind": kind,
        "since": since.isoformat() if since else None,
        "total": total,
        "version": str(version),
        "noticeVersion": notice_version,
        "file": path.name,
    }
    unfinished = facts.with_name(f".{facts.name}.part")
    unfinished.write_text(json.dumps(entry), encoding="utf-8")
    unfinished.replace(facts)
    return path


class Server(ThreadingHTTPServer):
    """HTTPS; the handshake is the handler thread's, so that a bad client holds nobody up."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, api: Api, host: str, port: int, certificate: Path) -> None:
        super().__init__((host, port), Handler)
        self.api = api
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or does not trust us, is not worth a traceback; anything else is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def serve(
    root: Path, port: int, keys: Path, user: str = USER, *, certificate: str = GOOD,
    misbehave: dict[str, Any] | None = None, host: str = "127.0.0.1",
) -> Server:  # fmt: skip
    """A bound server on `host`:`port` (0 = any); call serve_forever()."""
    check_word = make_certificates(keys)["check_word"]
    return Server(Api(root, user, check_word, misbehave or {}), host, port, keys / f"{certificate}.pem")


def _switch(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if name not in MISBEHAVIOUR:
        raise argparse.ArgumentTypeError(f"no switch {name!r}; there are {', '.join(MISBEHAVIOUR)}")
    try:
        return name, json.loads(value) if value else True
    except ValueError:
        return name, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--user", default=USER)
    parser.add_argument("--certificate", choices=KINDS, default=GOOD)
    parser.add_argument("--misbehave", type=_switch, action="append", default=[])
    given = parser.parse_args()
    (given.root / "rosters").mkdir(parents=True, exist_ok=True)
    server = serve(
        given.root, given.port, given.keys, given.user,
        certificate=given.certificate, misbehave=dict(given.misbehave), host=given.host,
    )  # fmt: skip
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening on {given.host}:{server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
