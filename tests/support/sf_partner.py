"""SF as tests meet it: its API as a real server in this process, rosters in it, and a clock that does not wait."""

from __future__ import annotations

import csv
import json
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from rosters import Office, person
from simulators import sf
from talentpool.acquire import Connection, Landed, acquire
from talentpool.acquire.pace import Clock

AS_OF = date(2026, 10, 31)


class Waits:
    """A clock that only sleeping moves on, and sleeping takes no time; `slept` holds what was asked for."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def clock(self) -> Clock:
        return Clock(
            now=time.time,
            monotonic=lambda: sum(self.slept),
            sleep=self.slept.append,
        )


class Sf:
    """The partner and its server: deliver to it, spoil it, take from it."""

    def __init__(self, office: Office, folder: Path, keys: Path) -> None:
        self.office, self.root, self.keys = office, folder / "sf", keys
        (self.root / "rosters").mkdir(parents=True)
        self._servers: list[sf.Server] = []
        self._changes = 0
        self.start()

    def start(self, **how: Any) -> None:
        """Start a server (also another one beside the first); from now on it is the one that is asked."""
        self.server = sf.serve(self.root, 0, self.keys, **how)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self._servers.append(self.server)
        facts = sf.connection(self.keys, self.server.server_port)
        self.connection = Connection("partner_sf", **facts)

    def as_json(self) -> str:
        """The connection as the environment holds it."""
        return json.dumps(sf.connection(self.keys, self.server.server_port))

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def misbehave(self, **switches: Any) -> None:
        """Replace the switches of the running server; every change has a time of its own."""
        path = self.root / "misbehave.json"
        unfinished = self.root / ".misbehave.json"
        unfinished.write_text(json.dumps(switches))
        unfinished.replace(path)

    def offer(self, count: int = 25, as_of: date = AS_OF, kind: str = "full", **more: Any) -> Path:
        """A roster of `count` people in SF's own keys. `first` is the number of the first of them."""
        first = more.pop("first", 1)
        return self.offer_rows([person(n) for n in range(first, first + count)], as_of, kind, **more)

    def offer_rows(self, rows: list[dict[str, str]], as_of: date = AS_OF, kind: str = "full", **more: Any) -> Path:
        columns = self.office.partner("sf").format.columns
        path = self.office.folder / "roster.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([row.get(field, "") for field in columns.values()] for row in rows)
        return sf.deliver(self.root, path, as_of=as_of, kind=kind, **more)

    def take(self, extra: dict[str, str] | None = None, **changes: Any) -> Landed | None:
        """acquire() with ten rows a page; `extra` and others change the connection, `call` holds options of the call."""
        office, partner = self.office, self.office.partner("sf")
        call = changes.pop("call", {})
        options = changes.pop("options", {})
        transport = partner.transport.model_copy(update={"page_size": 10} | options)
        connection = replace(self.connection, extra={**self.connection.extra, **(extra or {})}, **changes)
        return acquire(
            office, partner.model_copy(update={"transport": transport}),
            connection=connection, **call,
        )  # fmt: skip

    def landed(self) -> bytes:
        """What stands in the landing store of the only delivery."""
        return self.office.landed()

    def nothing_was_kept(self) -> bool:
        landing = Path(self.office.settings.landing_url)
        files = [f for f in landing.rglob("*") if f.is_file()] if landing.exists() else []
        return (
            not files
            and not self.office.ask("select 1 from delivery")
            and not self.office.ask("select 1 from handled_offer")
        )

    @property
    def pages(self) -> list[int]:
        """Page numbers that were asked for, in order."""
        calls = self.server.api.calls
        return [json.loads(message)["pageNo"] for service, message in calls if service == "COM_ROSTER_PAGE"]
