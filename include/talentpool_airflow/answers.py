"""Check an officer's answer on the api-server and write it into our tables while Airflow takes it: both or neither.

Airflow's own record of an answer is lost when its task is tried again, and what tasks hand on can be forged. So the request
that answers a question of ours passes here: who asks is known from the token, the role from the user, the delivery from our
row of the question. Ours is committed last and before the person hears "taken": an answer that was confirmed counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError

from talentpool.errors import ConflictError, RefusedError, TalentpoolError, UsageError
from talentpool.office_day import today_in_office
from talentpool.texts.plain_text import holds_control
from talentpool_airflow import approvals, decisions
from talentpool_airflow.bodies import TooLargeError, read, replay
from talentpool_airflow.console import state
from talentpool_airflow.console.access import OFFICERS, held_to_office
from talentpool_airflow.console.record import refused
from talentpool_airflow.console.user import SignedOutError, User, signed_in
from talentpool_airflow.decisions import REASON_LENGTH, ROLE

ANSWER = re.compile(
    r".*/api/v2/dags/(?:(?P<roster>decision__[^/]+)|(?P<list>campaign__[^/]+))/dagRuns/(?P<run_id>[^/]+)/taskInstances/"
    rf"(?P<task_id>(?(roster)decide|(?:{approvals.COUNTY}|{approvals.CITY})))/(?P<map_index>[^/]+)/hitlDetails/?"
)
"""The last number in any spelling that Airflow may read as one: an answer that we do not see would count for nothing."""
INDEX = re.compile(r"-1|0|[1-9][0-9]{0,8}")
"""The one spelling in which a share of a list is named."""
NOT_YOURS = "搁置的名册由市级数据专员决定；您的角色不能回答，未执行任何操作。"
NO_APPROVER = "名单由各区县专员与市级审批；您的角色不能回答，未执行任何操作。"
UNCLEAR = "请选择且只选择一项，理由不超过 200 字、不含控制字符；未执行任何操作。"
AWAY = "人才库数据库暂时无法访问，回答未被采纳；请稍后再试或联系运维人员。"


class Given(BaseModel):
    """What a question is answered with."""

    model_config = ConfigDict(extra="ignore")

    class Words(BaseModel):
        """What was filled in."""

        model_config = ConfigDict(extra="forbid")

        reason: Annotated[str, Field(max_length=REASON_LENGTH)] | None = None

    chosen_options: Annotated[list[str], Field(min_length=1, max_length=1)]
    params_input: Words | None = None

    @property
    def reason(self) -> str:
        """Airflow checks a form's limits before it asks too, so that the field cannot be required."""
        return (self.params_input.reason or "").strip() if self.params_input else ""


@dataclass(frozen=True)
class Held:
    """The question about a held roster."""

    dag_id: str
    run_id: str
    options = tuple(decisions.OPTIONS)

    def shut(self, user: User) -> str:
        """Why the user cannot answer, in words; empty for who may."""
        return "" if ROLE in user.kinds else NOT_YOURS

    @contextmanager
    def recorded(self, user: User, given: Given) -> Iterator[None]:
        from talentpool.questions import answering

        choice: Any = decisions.OPTIONS[given.chosen_options[0]]
        reason = given.reason or "（未填写理由）"
        with answering(state.pipeline(), self.dag_id, self.run_id, choice, by=user.name, role=ROLE, reason=reason):
            yield


@dataclass(frozen=True)
class Listed:
    """The question about a share of a list."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: str
    options = tuple(approvals.OPTIONS)

    def shut(self, user: User) -> str:
        return "" if user.kinds & set(OFFICERS) else NO_APPROVER

    @contextmanager
    def recorded(self, user: User, given: Given) -> Iterator[None]:
        from talentpool.campaigns import Approver
        from talentpool.campaigns.life.asking import Place, answering

        if INDEX.fullmatch(self.map_index) is None:
            raise UsageError(UNCLEAR)
        place = Place(self.dag_id, self.run_id, self.task_id, int(self.map_index))
        who, office = Approver(user.name, user.scope.roles), state.office()
        approve, today = approvals.OPTIONS[given.chosen_options[0]], today_in_office(office.settings)
        with (
            office.engine.begin() as conn,
            answering(conn, office, place, who, today, approve=approve, comment=given.reason),
        ):
            yield


class _NotTakenError(Exception):
    """Airflow refused the answer: ours is taken back."""


class Answers:
    """ASGI: an answer to a question of ours goes on to Airflow inside the transaction that records it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = ANSWER.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PATCH" else None
        if path is None:
            await self._app(scope, receive, send)
            return
        try:
            user = await signed_in(Request(scope))
        except SignedOutError:  # which Airflow says in its own words
            await self._app(scope, receive, send)
            return
        asked: Held | Listed = Held(path["roster"], path["run_id"]) if path["roster"] else Listed(
            path["list"], path["run_id"], path["task_id"], path["map_index"]
        )  # fmt: skip
        answer = await self._answered(scope, receive, user, asked)
        if isinstance(answer, list):
            for message in answer:
                await send(message)
        else:
            await answer(scope, receive, send)

    async def _answered(self, scope: Any, receive: Any, user: User, asked: Held | Listed) -> Any:
        """Airflow's own messages, or a response of ours instead of them."""
        subject = f"question:{asked.dag_id}"
        try:
            user = await run_in_threadpool(held_to_office, user)
        except (OperationalError, InterfaceError, TalentpoolError):
            return _say(503, AWAY)
        if why := user.clashing or asked.shut(user):
            await run_in_threadpool(refused, user, subject, "duties" if user.clashing else "role")
            return _say(403, why)
        try:
            body = await read(receive)
            given = Given.model_validate_json(body)
        except (TooLargeError, ValidationError):
            return _say(422, UNCLEAR)
        if holds_control(given.reason) or given.chosen_options[0] not in asked.options:
            return _say(422, UNCLEAR)
        said: list[Any] = []

        async def keep(message: Any) -> None:
            said.append(message)

        try:
            async with contextmanager_in_threadpool(asked.recorded(user, given)):
                await self._app(scope, replay(body), keep)
                if not said or said[0]["status"] != 200:
                    raise _NotTakenError
        except _NotTakenError:
            return said
        except ConflictError as late:
            return _say(409, str(late))
        except RefusedError as refusal:
            await run_in_threadpool(refused, user, subject, "role")
            return _say(403, NOT_YOURS if isinstance(asked, Held) else str(refusal))
        except UsageError as wrong:
            return _say(422, UNCLEAR if isinstance(asked, Held) else str(wrong))
        except (OperationalError, InterfaceError, TalentpoolError):
            return _say(503, AWAY)
        return said


def _say(status: int, words: str) -> JSONResponse:
    return JSONResponse({"detail": words}, status)
