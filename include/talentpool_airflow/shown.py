"""Put the text of a question about a list into Airflow's answer as it is read, for those whom it is put to.

Airflow keeps the text of a question as it was first put, and shows it to everybody who reads the DAG. So the text stands in
our row alone (list_question), where it is renewed with the list; Airflow keeps a sentence that says whom it is for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import InterfaceError, OperationalError

from talentpool.errors import TalentpoolError
from talentpool_airflow.console import state
from talentpool_airflow.console.access import held_to_office, stands_in
from talentpool_airflow.console.user import SignedOutError, User, signed_in

SHOWN = re.compile(r".*/api/v2/dags/[^/]+/dagRuns/[^/]+/(?:taskInstances/[^/]+/[^/]+/)?hitlDetails/?")
LISTS = "campaign__"


class Shown:
    """ASGI: an answer that holds questions, with their text where whoever asks may read it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or SHOWN.fullmatch(scope["path"]) is None:
            await self._app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        parts: list[bytes] = []

        async def held(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            if start["status"] == 200 and LISTS.encode() in body:
                body = await _told(Request(scope), body)
            headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, held)


async def _told(request: Request, body: bytes) -> bytes:
    try:
        return await run_in_threadpool(with_texts, body, await signed_in(request))
    except (SignedOutError, OperationalError, InterfaceError, TalentpoolError):
        return body


def with_texts(body: bytes, user: User) -> bytes:
    """The answer, in which questions about lists that are put to the user, or that the city sees, have their text."""
    from talentpool.campaigns.life.asking import Place, shown

    said, user = json.loads(body), held_to_office(user)
    for one in said.get("hitl_details", [said]):
        task = one["task_instance"]
        if not task["dag_id"].startswith(LISTS):
            continue
        asked = {assigned["id"] for assigned in one["assigned_users"]}
        mine = not user.clashing and (
            user.scope.city or asked & {f"role:{role}" for role in user.scope.roles} or stands_in(user, asked)
        )
        place = Place(task["dag_id"], task["dag_run_id"], task["task_id"], task["map_index"])
        with state.pipeline().connect() as conn:
            text = shown(conn, place) if mine else None
        one["body"] = text or one["body"]
    return json.dumps(said, ensure_ascii=False).encode()
