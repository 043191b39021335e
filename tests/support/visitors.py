"""Who comes to a console to sign in: programs that ask for tokens, and browsers that fill in forms."""

from __future__ import annotations

import re
from typing import Any

import httpx
import sqlalchemy as sa

from console_office import Console
from patience import PATIENCE

PASSWORD = "probe-only-password"
ANOTHER = "lantern-gravel-tulip-9"
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def put(place: Console, statement: str, **values: Any) -> int:
    with place.office.engine.begin() as conn:
        return conn.execute(sa.text(statement), values).rowcount


def token(place: Console, user: str, password: str = PASSWORD, door: str = "/auth/token") -> httpx.Response:
    return place.client.post(place.url + door, json={"username": user, "password": password})


class Browser:
    """One that keeps cookies and fills in forms."""

    def __init__(self, place: Console) -> None:
        self._http = httpx.Client(base_url=place.url, follow_redirects=False, timeout=PATIENCE)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self._http.get(path, headers={"accept": "text/html"}, **given)

    def fill_in(self, path: str, **fields: str) -> httpx.Response:
        found = CSRF.search(self.get(path).text)
        assert found, "a form has a token of its own"
        return self._http.post(path, data={"csrf_token": found[1], **fields})

    def sign_in(self, user: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.fill_in("/auth/login/", username=user, password=password)
        if answer.status_code == 302 and "login" not in answer.headers["location"]:
            self.get("/auth/")  # where FAB hands out the token
        return answer

    def cookie(self, name: str = "_token") -> str | None:
        return self._http.cookies.get(name)

    def keep(self, **cookies: str) -> None:
        """As somebody who copied them before."""
        for name, value in cookies.items():
            self._http.cookies.set(name, value)

    def inside(self) -> bool:
        return self.get("/console/pool").status_code == 200


def works(place: Console, bearer: str) -> bool:
    answer = place.client.get(place.url + "/console/pool", headers={"authorization": f"Bearer {bearer}"})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def logged(place: Console, action: str, subject: str) -> int:
    return int(place.office.one("select count(*) from audit_log where action = :action and subject = :subject",
                                action=action, subject=subject))  # fmt: skip
