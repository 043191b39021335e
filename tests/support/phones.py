"""A phone at a hand-out: it signs in by a code, keeps its cookie, and sends what its page's script would."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx

from console_office import HERE, Console
from drawn_lists import draw_here
from list_acts import act, approve_all, forget
from patience import PATIENCE
from receipt_sheets import ids, stands

CODE = re.compile(r'class="once"><code>([2-9A-HJ-NP-Z-]{14})</code>')


def locked_list(place: Console) -> int:
    """A locked list of twelve people of two counties, and no other."""
    forget(place)
    number = draw_here(place).list_id
    approve_all(place, number)
    assert act(place, number, "lock", "city").status_code == 303
    return number


def rows(place: Console, number: int, county: str = HERE) -> list[str]:
    return ids(place.office, number, county)  # type: ignore[arg-type]


def of_station(place: Console, number: int, station: str = "北关站") -> list[str]:
    query = "select row_id from target_row where list_id = :n and selected and county = :c and station = :s order by 1"
    return [row[0] for row in place.office.ask(query, n=number, c=HERE, s=station)]


def found(place: Console, number: int) -> dict[str, tuple[str, int]]:
    return stands(place.office, number)  # type: ignore[arg-type]


def begin(place: Console, number: int, user: str = "county", *, county: str, days: int = 1) -> int:
    """An event of the list; its number."""
    answer = place.post(
        f"/console/lists/{number}/handout/start", user, {"county": county, "days": days, "reserve": 0, "sure": "yes"}
    )
    assert answer.status_code == 303, answer.text[-800:]
    return int(place.office.one("select max(event_id) from handout_event where list_id = :n", n=number))


def code_for(place: Console, number: int, event: int, whose: str = "own", user: str = "county", **more: str) -> str:
    """A code as the officer's page shows it. `whose`: own, or partner|station; `more`: of the form."""
    page = place.post(f"/console/lists/{number}/handout/code", user, {"event": event, "place": whose} | more)
    found = CODE.search(page.text)
    assert found, page.text[-800:]
    return found[1]


class Phone:
    """One browser."""

    def __init__(self, place: Console, number: int) -> None:
        self._http = httpx.Client(base_url=place.url, follow_redirects=False, timeout=PATIENCE)
        self._number = number
        self.headers = {"origin": place.url, "sec-fetch-site": "same-origin"}

    def get(self, path: str) -> httpx.Response:
        return self._http.get(f"/handout/{self._number}/{path}".rstrip("/"))

    def post(self, path: str, given: dict[str, Any], **more: str) -> httpx.Response:
        return self._http.post(f"/handout/{self._number}/{path}", json=given, headers=self.headers | more)

    def enter(self, code: str) -> httpx.Response:
        answer = self.post("enter", {"code": code})
        if answer.status_code == 200:
            self.headers["x-form-token"] = self.get("state").json()["token"]
        return answer

    def find(self, asked: str) -> list[dict[str, Any]]:
        answer = self.post("find", {"asked": asked})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])

    def send(self, *entries: dict[str, Any]) -> httpx.Response:
        return self.post("entries", {"entries": list(entries)})


def entry(row: str, outcome: str = "full", **more: Any) -> dict[str, Any]:
    """A mark as the page's script makes it, signed for where something was handed out."""
    signed = {"signing": str(uuid4()), "signer": "self"} if outcome == "full" else {}
    return {"key": str(uuid4()), "row": row, "outcome": outcome, **signed, **more}
