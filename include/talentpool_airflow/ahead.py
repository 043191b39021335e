"""Refuse a run of a day to come before Airflow makes it.

Airflow takes such a run, shows it as running, and starts none of its tasks until that day; where one run at a time is
allowed it blocks the next, and an officer cannot end it. A mistyped year is enough.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from talentpool_airflow.bodies import read, replay

MAKES_RUNS = re.compile(r".*/api/v2/(dags/[^/]+/dagRuns|assets/[^/]+/materialize|backfills(/dry_run)?)/?")
MOMENTS = {"logical_date": "逻辑日期", "run_after": "运行时间", "from_date": "回填起始日期", "to_date": "回填截止日期"}
SKEW = timedelta(minutes=5)
"""By how much the clock of whoever asks may be fast."""
_MOMENT: TypeAdapter[datetime] = TypeAdapter(datetime)


class Ahead:
    """ASGI: what asks Airflow for a run, now or by a backfill, names no moment that is still to come."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not MAKES_RUNS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        body = await read(receive)  # bounded before (bodies.py)
        ahead = still_to_come(body, datetime.now(UTC))
        if ahead is not None:
            words = f"{ahead}晚于现在：这样的运行要到那一天才会开始，在此之前还会挡住后面的运行。"
            answer = JSONResponse({"detail": f"{words}未执行任何操作，请改正日期后重新提交。"}, 422)
            await answer(scope, receive, send)
            return
        await self._app(scope, replay(body), send)


def still_to_come(body: bytes, now: datetime) -> str | None:
    """What the first moment after `now` is called; None when there is none, or nothing that Airflow could read."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    return next((called for name, called in MOMENTS.items() if _is_ahead(given.get(name), now)), None)


def _is_ahead(value: Any, now: datetime) -> bool:
    """Read as Airflow reads it: text or a number of seconds; without a zone it is UTC."""
    try:
        moment = _MOMENT.validate_python(value)
    except ValidationError:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) > now + SKEW
