"""The console's pages on a pool of any size: how long a visit takes, and how long the bare query behind it.

The app is the one the plugin mounts, every guard, shield and scope included; only the sign-in and the network are left out:
who visits is set where the sign-in would set it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.office import Office
from talentpool.settings import Settings

VISITS = 40
AS_OF = date(2026, 10, 31)
BARE = {
    "人才库": "select * from pool_count where snapshot_id = (select max(snapshot_id) from pool_snapshot) and side = ''",
    "查人": "select p.person_id from source_record r join record_person p using (record_id) where r.mobile_index = :mobile",
    "人员详情": "select r.* from source_record r join record_person p using (record_id) where p.person_id = :person",
    "数据质量": "select count(*), max(publish_seq) from delivery",
    "撤回与查阅": "select * from person_request order by request_id desc limit 200",
    "审计": "select * from audit_log order by seq desc limit 200",
}


def build(_request: dict[str, Any]) -> dict[str, Any]:
    """The pool of a date, matched and counted; not what is claimed here."""
    from talentpool.database import connect
    from talentpool.guard import open_keys
    from talentpool.pool import snapshot

    settings, began = Settings(), time.perf_counter()
    engine = connect(settings)
    made = snapshot(Office(engine, settings, open_keys(settings, engine)), AS_OF)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("vacuum (analyze)"))
    return {"people": made.people, "seconds": time.perf_counter() - began, "cpu": 0.0}


def visits(_request: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds of every visit and of its bare query, by page; the first visit of all is not counted, it is said."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__CORE__UNIT_TEST_MODE": "False"}
        from starlette.testclient import TestClient

        from talentpool_airflow.console import limits, state
        from talentpool_airflow.console.app import app
        from talentpool_airflow.console.forms import FIELD, token_of
        from talentpool_airflow.console.user import user_of

        people = _somebody(state.pipeline(), state.keys())
        who = {kind: user_of(kind, frozenset({kind}), "bench") for kind in ("city_officer", "auditor")}

        async def signed(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                kind = dict(scope["headers"])[b"x-visitor"].decode()
                scope.setdefault("state", {})["console_user"] = who[kind]
            await app(scope, receive, send)

        with TestClient(signed, base_url="http://bench") as client:

            def visit(path: str, kind: str = "city_officer", fields: dict[str, str] | None = None) -> None:
                headers = {"x-visitor": kind, "accept": "text/html", "origin": "http://bench"}
                if fields is None:
                    answer = client.get(path, headers=headers)
                else:
                    answer = client.post(path, headers=headers, data={FIELD: token_of(who[kind]), **fields})
                assert answer.status_code == 200, (path, answer.status_code)
                limits.limiter.storage.reset()

            pages: dict[str, Callable[[dict[str, Any]], None]] = {
                "人才库": lambda _: visit("/pool"),
                "查人": lambda one: visit("/people", fields={"by": "mobile", "value": one["plain"]}),
                "人员详情": lambda one: visit(f"/people/{one['person']}"),
                "数据质量": lambda _: visit("/quality"),
                "撤回与查阅": lambda _: visit("/requests"),
                "审计": lambda _: visit("/audit", "auditor"),
            }
            first, measured, bare = {}, {}, {}
            began = time.perf_counter()
            with state.pipeline().connect() as conn:
                for name, page in pages.items():
                    first[name] = _milliseconds(lambda page=page: page(people[0]))  # type: ignore[misc]
                    measured[name] = [_milliseconds(lambda page=page, one=one: page(one)) for one in people]  # type: ignore[misc]
                    bare[name] = [_milliseconds(lambda name=name, one=one: _ask(conn, name, one)) for one in people]  # type: ignore[misc]
            seconds = time.perf_counter() - began
    return {"first": first, "visits": measured, "bare": bare, "seconds": seconds, "cpu": 0.0}


def _ask(conn: sa.Connection, name: str, one: dict[str, Any]) -> None:
    query = sa.text(BARE[name])
    conn.execute(query, {key: one[key] for key in ("mobile", "person") if f":{key}" in BARE[name]}).all()


def _milliseconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _somebody(engine: sa.Engine, keys: Any) -> list[dict[str, Any]]:
    """People all over the pool, with the number that an officer would type."""
    from talentpool.guard import open_personal

    with engine.connect() as conn:
        rows = conn.execute(
            sa.text(
                "select r.record_id, r.mobile_index, p.person_id from source_record r join record_person p using (record_id)"
                " where r.mobile_index is not null order by r.record_id limit :n"
            ),
            {"n": VISITS},
        ).all()
        opened = open_personal(conn, keys, [row.record_id for row in rows])
    return [
        {"person": str(row.person_id), "mobile": row.mobile_index, "plain": opened[row.record_id].mobile}
        for row in rows
    ]
