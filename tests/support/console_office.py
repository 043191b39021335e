"""A console to visit: a real Airflow API server on a real database with a few synthetic people in two counties."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from databases import fresh
from patience import PATIENCE, until
from rosters import Office, person
from talentpool.database import connect
from talentpool.pool import snapshot
from talentpool.review import pending
from talentpool.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "tests" / "integration" / "console_server.py"
HERE, THERE = "140425", "140403"
"""The county of user `county`, and the one of `other_county`."""
AS_OF = date(2026, 10, 31)


@dataclass
class Console:
    """What visitors need."""

    url: str
    tokens: dict[str, str]
    routes: list[tuple[str, str, str, list[str] | None]]
    office: Office
    client: httpx.Client
    airflow_url: str = ""

    def visit(self, path: str, user: str | None = None, *, method: str = "GET", **given: Any) -> httpx.Response:
        """One request as a browser of that user sends it; nothing is followed."""
        headers = {"accept": "text/html,*/*"} | given.pop("headers", {})
        if user is not None:
            headers["cookie"] = f"_token={self.tokens[user]}"
        return self.client.request(method, self.url + path, headers=headers, **given)

    def post(self, path: str, user: str, fields: dict[str, Any], **given: Any) -> httpx.Response:
        """A form from our own page, with the token of that user's session."""
        headers = {"origin": self.url, "sec-fetch-site": "same-origin"} | given.pop("headers", {})
        data = {"form_token": self.form_token(user)} | fields
        return self.visit(path, user, method="POST", headers=headers, data=data, **given)

    def search(self, user: str, fields: dict[str, Any]) -> httpx.Response:
        """The results that a search sends its user to."""
        return self.onward(self.post("/console/people", user, fields), user)

    def onward(self, answer: httpx.Response, user: str) -> httpx.Response:
        """The page that an answer to a form sends its user to."""
        assert answer.status_code == 303, answer.status_code
        return self.visit(answer.headers["location"], user)

    def form_token(self, user: str) -> str:
        """As talentpool_airflow.console.forms makes it."""
        import hmac

        return hmac.digest(b"t" * 32, b"talentpool console form|" + self.tokens[user].encode(), "sha256").hex()

    def window(self, driven: Any, user: str, width: int) -> tuple[Any, list[str]]:
        """A browser window of that user, and what its console complains of."""
        context = driven.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
        context.set_default_timeout(PATIENCE * 1000)
        context.add_cookies([{"name": "_token", "value": self.tokens[user], "url": self.url}])
        page, complaints = context.new_page(), []
        page.on("console", lambda message: complaints.append(message.text))
        return page, complaints

    def first_pair(self, driven: Any, user: str, width: int, list_shot: Path) -> tuple[Any, Any, list[str]]:
        """A window that went from the list of pairs inside Airflow's frame to the first: page, frame, complaints."""
        page, complaints = self.window(driven, user, width)
        page.goto(f"{self.url}/plugin/review")
        frame = page.frame_locator("iframe")
        frame.locator("td a").first.wait_for()
        page.screenshot(path=list_shot)
        frame.locator("td a").first.press("Enter")
        return page, frame, complaints

    def pair(self) -> str:
        """The pair of two records of HERE that waits for somebody."""
        with self.office.engine.connect() as conn:
            ((found),) = pending(conn, self.office.keys)
        return str(found["pair_id"])

    def person_of(self, county: str) -> str:
        """The id of somebody who works in that county only."""
        return str(
            self.office.one(
                "select person_id from person_side where county = :county and id_number_status = 'valid' and person_id not in"
                " (select person_id from person_side where county <> :county) order by 1 limit 1",
                county=county,
            )
        )


@contextmanager
def console(server_url: str, **more: str) -> Iterator[Console]:
    """The server, with one Airflow metadata database and one talentpool database of their own; `more`: of its
    environment."""
    with (
        fresh(server_url) as airflow_url,
        fresh(server_url, "template_talentpool") as url,
        tempfile.TemporaryDirectory() as home,
    ):
        settings = Settings(database_url=url, home=Path(home), profile="demo")
        engine = connect(settings)
        office = Office(engine, settings, Path(home))
        fill(office)
        (Path(home) / "inbox").mkdir()
        told, log = Path(home) / "serving.json", Path(home) / "server.log"
        with log.open("w") as lines, socket.create_server(("127.0.0.1", 0)) as listening:
            port = int(
                listening.getsockname()[1]
            )  # the server's from here on: a free port may be anybody's a second later
            server = subprocess.Popen(
                [sys.executable, str(SERVER), str(told), str(listening.fileno())], pass_fds=[listening.fileno()],
                env=_environment(home, port, airflow_url, url) | more,
                stdin=subprocess.PIPE, stdout=lines, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            until("the console to serve", lambda: told.exists() or server.poll() is not None)
            assert server.poll() is None, log.read_text()[-4000:]
            said = json.loads(told.read_text())
            with httpx.Client(follow_redirects=False, timeout=PATIENCE) as client:
                yield Console(f"http://127.0.0.1:{port}", said["tokens"], said["routes"], office, client, airflow_url)
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(PATIENCE)
            engine.dispose()


def fill(office: Office) -> None:
    """24 people in two counties, one of whom works in both, and the pool of a date."""
    office.deliver("2026-09-01", [person(n, county=HERE if n % 3 else THERE, station="北关站") for n in range(1, 19)])
    snapshot(office, date(2026, 9, 30))
    rows = [person(n, county=HERE if n % 3 else THERE, station="北关站") for n in range(1, 25)]
    office.deliver("2026-10-01", rows)
    twice = person(1, staff_no="T90001", county=THERE, station="城东站")
    twins = [person(n, name=name, county=HERE, sex="男", document_no="", birth_date="1990-05-05", mobile="13500000088")
             for n, name in ((40, "王建国"), (41, "王建军"))]  # fmt: skip
    office.deliver("2026-10-01", [twice, person(30, county=THERE), person(31, county=HERE), *twins], partner="postal")
    snapshot(office, AS_OF)


def _environment(home: str, port: int, airflow_url: str, url: str) -> dict[str, str]:
    """Only what the server reads."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "TALENTPOOL_"))}
    metadata = sa.make_url(airflow_url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    return kept | {
        "AIRFLOW_HOME": home,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": home,
        "AIRFLOW__CORE__AUTH_MANAGER": "talentpool_airflow.auth.TalentpoolAuthManager",
        "AIRFLOW__FAB__CONFIG_FILE": str(ROOT / "include" / "talentpool_airflow" / "login_page.py"),
        "AIRFLOW__FAB__CACHE_TTL": "1",
        "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES": "talentpool_key,database_url",
        "AIRFLOW__API_AUTH__JWT_SECRET": "t" * 64,
        "AIRFLOW__API__SECRET_KEY": "t" * 32,
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW_CONN_PARTNER_DIDI": json.dumps({"conn_type": "fs", "extra": {"path": f"{home}/inbox"}}),
        "TALENTPOOL_DATABASE_URL": url,
        "TALENTPOOL_HOME": home,
        "TALENTPOOL_PROFILE": "demo",
    }
