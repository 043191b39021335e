"""The hand-out page on a list of any size: a station's head signs in, looks rows up and marks them.

The app is the one that is mounted, with every check; only the network is left out. The pool is of bench.listed, in which nobody
has a name, so what is opened and masked of the rows that are shown is not in it: some 25 microseconds of a core a row.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from bench.listed import AS_OF, list_of

VISITS = 40
BARE = "select * from target_row where list_id = :list and person_id = :person"
SHARE = """
select county, partner, station, array_agg(row_id order by row_id), array_agg(person_id order by row_id) from target_row
where list_id = :list and selected and (facts ->> 'by_station')::boolean group by county, partner, station
order by count(*) desc limit 1
"""
OPEN = """set local session_replication_role = replica;
update target_list set state = 'receipts_open', passport = passport || '{"name": "暖冬行动"}' where list_id = :list"""


def handout_of(request: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds of each look at the event, each row looked up and each mark, and of reading a row by its key."""
    list_id = list_of(request)["list"]
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__CORE__UNIT_TEST_MODE": "False", "TALENTPOOL_TODAY": str(AS_OF)}
        from starlette.testclient import TestClient

        from talentpool_airflow.console import state
        from talentpool_airflow.handout.app import build

        code, rows, people = _event(list_id)
        with TestClient(build(), base_url="http://bench") as client:
            phone = _Phone(client, list_id, code)
            acts: dict[str, Callable[[str], object]] = {
                "现况": lambda _: phone.ask("state"), "查找": lambda row: phone.ask("find", {"asked": row}), "登记": phone.mark
            }  # fmt: skip
            measured = {f"现场发放：{name}": [_milliseconds(act, row) for row in rows] for name, act in acts.items()}
        with state.pipeline().connect() as conn:

            def read(one: UUID) -> None:
                conn.execute(sa.text(BARE), {"list": list_id, "person": one}).all()

            bare = [_milliseconds(read, one) for one in people]
    return {"visits": measured, "bare": dict.fromkeys(measured, bare), "seconds": 0.0, "cpu": 0.0}


def _event(list_id: int) -> tuple[str, list[str], list[UUID]]:
    """A code for the station with the most people on the list, and some of its row ids and people."""
    from talentpool.campaigns import Approver
    from talentpool.campaigns.handout import events, passes
    from talentpool_airflow.console import state

    with state.pipeline().begin() as conn:
        put(conn, OPEN, list_id)
        conn.execute(sa.text("analyze target_row"))  # a list is drawn days before it is handed out
    with state.pipeline().connect() as conn:
        county, partner, station, rows, people = conn.execute(sa.text(SHARE), {"list": list_id}).one()
    officer = Approver("bench", frozenset({"city_officer"}))
    event = events.start(state.office(), list_id, county, officer, days=1)
    return passes.issue(state.office(), event, (partner, station), officer), rows[:VISITS], people[:VISITS]


class _Phone:
    """Who is signed in by the code."""

    def __init__(self, client: Any, list_id: int, code: str) -> None:
        self._client, self._list = client, list_id
        self._headers = {"origin": "http://bench", "sec-fetch-site": "same-origin"}
        self.ask("enter", {"code": code})
        self._headers["x-form-token"] = self.ask("state")["token"]

    def ask(self, path: str, given: dict[str, Any] | None = None) -> Any:
        from talentpool_airflow.console import limits

        where = f"/{self._list}/{path}"
        answer = (
            self._client.get(where) if given is None else self._client.post(where, json=given, headers=self._headers)
        )
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        limits.limiter.storage.reset()
        return answer.json()

    def mark(self, row: str) -> None:
        given = {"key": str(uuid4()), "row": row, "outcome": "full", "signing": str(uuid4()), "signer": "self"}
        (told,) = self.ask("entries", {"entries": [given]})["results"]
        assert told["code"] == "taken", told


def put(conn: sa.Connection, statements: str, list_id: int) -> None:
    """Carry out statements, of which some are about the list."""
    for statement in statements.split(";"):
        conn.execute(sa.text(statement), {"list": list_id} if ":list" in statement else {})


def _milliseconds(act: Callable[[Any], object], given: Any) -> float:
    began = time.perf_counter()
    act(given)
    return (time.perf_counter() - began) * 1000


HANDED = {"handout_of": handout_of}
