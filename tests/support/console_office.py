"""A console to visit: a real Airflow API server on a real database with a few synthetic people in two counties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from patience import PATIENCE
from rosters import Office, person
from talentpool.pool import snapshot
from talentpool.review import pending

ROOT = Path(__file__).resolve().parents[2]
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
